/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_INBOUND;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_OUTBOUND;
import static io.npipe.win32.PipeConstants.PIPE_REJECT_REMOTE_CLIENTS;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A name with its instances: what the first one fixed for all of them. */
final class PipeName {

    private final int access;
    private final boolean messageType;
    private final boolean rejectsRemoteClients;
    private final int maxInstances;
    private final AccessList accessList;
    private final int timeoutMillis;
    private final int outQuota;
    private final int inQuota;
    private final List<PipeInstance> instances = new ArrayList<>();

    /** Those that are free, the one that has been for longest first. */
    private final Set<PipeInstance> listening = new LinkedHashSet<>();

    PipeName(
            int access,
            int pipeMode,
            int maxInstances,
            int outQuota,
            int inQuota,
            int timeoutMillis,
            AccessList accessList) {
        this.access = access;
        messageType = (pipeMode & PIPE_TYPE_MESSAGE) != 0;
        rejectsRemoteClients = (pipeMode & PIPE_REJECT_REMOTE_CLIENTS) != 0;
        this.maxInstances = maxInstances;
        this.outQuota = outQuota;
        this.inQuota = inQuota;
        this.timeoutMillis = timeoutMillis;
        this.accessList = accessList;
    }

    int access() {
        return access;
    }

    boolean serverReads() {
        return access == PIPE_ACCESS_DUPLEX || access == PIPE_ACCESS_INBOUND;
    }

    boolean serverWrites() {
        return access == PIPE_ACCESS_DUPLEX || access == PIPE_ACCESS_OUTBOUND;
    }

    boolean isMessageType() {
        return messageType;
    }

    boolean rejectsRemoteClients() {
        return rejectsRemoteClients;
    }

    int maxInstances() {
        return maxInstances;
    }

    AccessList accessList() {
        return accessList;
    }

    /** Of a wait that says none of its own. */
    int timeoutMillis() {
        return timeoutMillis;
    }

    /** From the server, of the first instance. */
    int outQuota() {
        return outQuota;
    }

    /** To the server, of the first instance. */
    int inQuota() {
        return inQuota;
    }

    /** Those whose server is there, whatever clients hold of others. */
    List<PipeInstance> instances() {
        return instances;
    }

    Set<PipeInstance> listening() {
        return listening;
    }

    /** Null if all are busy. */
    PipeInstance freeInstance() {
        return listening.isEmpty() ? null : listening.iterator().next();
    }

    boolean isServed() {
        return !instances.isEmpty();
    }
}
