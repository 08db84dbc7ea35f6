/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

/** What a handle of one end of a pipe instance stands for. */
final class PipeEnd extends FileObject {

    private final PipeInstance instance;
    private final boolean server;
    private final boolean mayRead;
    private final boolean mayWrite;
    private boolean readsMessages;

    /** The server has disconnected this client. */
    private boolean cutOff;

    PipeEnd(PipeInstance instance, boolean server, boolean mayRead, boolean mayWrite) {
        this.instance = instance;
        this.server = server;
        this.mayRead = mayRead;
        this.mayWrite = mayWrite;
    }

    PipeInstance instance() {
        return instance;
    }

    boolean isServer() {
        return server;
    }

    boolean mayRead() {
        return mayRead;
    }

    boolean mayWrite() {
        return mayWrite;
    }

    boolean readsMessages() {
        return readsMessages;
    }

    void setReadsMessages(boolean byMessage) {
        readsMessages = byMessage;
    }

    boolean isCutOff() {
        return cutOff;
    }

    void cutOff() {
        cutOff = true;
    }

    DataQueue inbound() {
        return server ? instance.toServer() : instance.toClient();
    }

    DataQueue outbound() {
        return server ? instance.toClient() : instance.toServer();
    }

    @Override
    void withdraw(Operation operation) {
        instance.withdraw(operation);
    }

    @Override
    void closed() {
        instance.endClosed(this);
    }
}
