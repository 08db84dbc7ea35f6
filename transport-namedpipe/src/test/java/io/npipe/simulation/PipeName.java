/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_INBOUND;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_OUTBOUND;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;

import java.util.ArrayList;
import java.util.List;

/** A name with its instances: what the first one fixed for all of them. */
final class PipeName {

    private final int access;
    private final boolean messageType;
    private final boolean rejectsRemoteClients;
    private final int maxInstances;
    private final AccessList accessList;
    private final List<PipeInstance> instances = new ArrayList<>();

    PipeName(int access, int pipeMode, int maxInstances, boolean rejectsRemoteClients, AccessList accessList) {
        this.access = access;
        messageType = (pipeMode & PIPE_TYPE_MESSAGE) != 0;
        this.maxInstances = maxInstances;
        this.rejectsRemoteClients = rejectsRemoteClients;
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

    List<PipeInstance> instances() {
        return instances;
    }

    /** Null if all are busy. */
    PipeInstance freeInstance() {
        for (PipeInstance instance : instances) {
            if (instance.isFree() && instance.isOpenAtServer()) {
                return instance;
            }
        }
        return null;
    }

    boolean isServed() {
        return instances.stream().anyMatch(PipeInstance::isOpenAtServer);
    }
}
