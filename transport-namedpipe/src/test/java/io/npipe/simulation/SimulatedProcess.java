/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.Set;

/**
 * A process that calls the simulated kernel.
 *
 * @param userSid its user
 * @param groups SIDs of the groups that it is in
 * @param processId its id
 * @param sessionId its Windows session
 * @param privileged whether it may impersonate other users than its own
 */
public record SimulatedProcess(String userSid, Set<String> groups, int processId, int sessionId, boolean privileged) {

    /** In no group, without privileges. */
    public SimulatedProcess(String userSid, int processId, int sessionId) {
        this(userSid, Set.of(), processId, sessionId, false);
    }

    boolean has(String sid) {
        return userSid.equals(sid) || groups.contains(sid) || AccessList.EVERYONE.equals(sid);
    }
}
