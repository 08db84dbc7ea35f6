/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.ArrayList;
import java.util.List;

/** What a handle of an opened file stands for: the port that it joined, and its operations. */
abstract class FileObject extends KernelObject {

    private final List<Operation> operations = new ArrayList<>();
    private CompletionQueue port;
    private long completionKey;
    private boolean skipsPacketOnSuccess;
    private boolean refusedToCancel;

    /** False if it has joined a port before. */
    boolean join(CompletionQueue newPort, long key) {
        if (port != null) {
            return false;
        }
        port = newPort;
        completionKey = key;
        return true;
    }

    CompletionQueue port() {
        return port;
    }

    long completionKey() {
        return completionKey;
    }

    void setSkipsPacketOnSuccess(boolean skips) {
        skipsPacketOnSuccess = skips;
    }

    boolean skipsPacketOnSuccess() {
        return skipsPacketOnSuccess;
    }

    /** A cancellation failed: what is under way may go on for ever. */
    void refusedToCancel() {
        refusedToCancel = true;
    }

    boolean hasRefusedToCancel() {
        return refusedToCancel;
    }

    /** Those whose packet or event has not been delivered. */
    List<Operation> operations() {
        return operations;
    }

    /** Takes an operation that is under way out of whatever it waits in. */
    abstract void withdraw(Operation operation);

    /** It is out, and has ended: others may go on. */
    void settle() {
        // of most, nothing follows
    }
}
