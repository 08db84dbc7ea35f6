/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.HashSet;
import java.util.Set;

/**
 * A process that calls the simulated kernel.
 *
 * @param userSid its user
 * @param groups SIDs of the groups that it is in
 * @param processId its id
 * @param sessionId its Windows session
 * @param privileged whether it may impersonate other users than its own
 * @param tokenOwner whose what it creates is, unless it says otherwise
 */
public record SimulatedProcess(
        String userSid, Set<String> groups, int processId, int sessionId, boolean privileged, String tokenOwner) {

    private static final String ADMINISTRATORS = "S-1-5-32-544";

    /** One that owns what it creates. */
    public SimulatedProcess(String userSid, Set<String> groups, int processId, int sessionId, boolean privileged) {
        this(userSid, groups, processId, sessionId, privileged, userSid);
    }

    /** In no group, without privileges. */
    public SimulatedProcess(String userSid, int processId, int sessionId) {
        this(userSid, Set.of(), processId, sessionId, false);
    }

    /** The same user as an administrator: in the group of administrators, which owns what the process creates. */
    public SimulatedProcess elevated() {
        Set<String> more = new HashSet<>(groups);
        more.add(ADMINISTRATORS);
        return new SimulatedProcess(userSid, more, processId, sessionId, privileged, ADMINISTRATORS);
    }

    /** Groups other than the administrators own nothing. */
    boolean mayMakeOwner(String sid) {
        return userSid.equals(sid) || tokenOwner.equals(sid);
    }

    boolean has(String sid) {
        return userSid.equals(sid) || groups.contains(sid) || AccessList.EVERYONE.equals(sid);
    }
}
