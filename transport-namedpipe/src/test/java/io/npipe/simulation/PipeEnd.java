/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.PipeConstants.FILE_READ_ATTRIBUTES;
import static io.npipe.win32.PipeConstants.FILE_WRITE_ATTRIBUTES;

/** What a handle of one end of a pipe instance stands for. */
final class PipeEnd extends FileObject {

    static final int FILE_READ_DATA = 0x1;
    static final int FILE_WRITE_DATA = 0x2;
    static final int FILE_APPEND_DATA = 0x4;
    static final int READ_CONTROL = 0x20000;
    static final int GENERIC_READ_RIGHTS = 0x120089;
    static final int GENERIC_WRITE_RIGHTS = 0x120116;

    private final PipeInstance instance;
    private final boolean server;
    /** {@code FILE_*} rights that the handle was opened with. */
    private final int rights;

    private boolean readsMessages;

    /** {@code PIPE_NOWAIT}. */
    private boolean neverWaits;

    /** The server has disconnected this client. */
    private boolean cutOff;

    PipeEnd(PipeInstance instance, boolean server, int rights) {
        this.instance = instance;
        this.server = server;
        this.rights = rights;
    }

    /** What {@code GENERIC_READ} and {@code GENERIC_WRITE} stand for. */
    static int rights(boolean reads, boolean writes) {
        return (reads ? GENERIC_READ_RIGHTS : 0) | (writes ? GENERIC_WRITE_RIGHTS : 0);
    }

    private boolean has(int right) {
        return (rights & right) != 0;
    }

    /** Whether it may be asked what the pipe is. */
    boolean mayAsk() {
        return has(FILE_READ_ATTRIBUTES);
    }

    /** Whether it may be asked for the security descriptor. */
    boolean mayReadControl() {
        return has(READ_CONTROL);
    }

    /** Whether it may be told how to read. */
    boolean maySet() {
        return has(FILE_WRITE_ATTRIBUTES);
    }

    PipeInstance instance() {
        return instance;
    }

    boolean isServer() {
        return server;
    }

    boolean mayRead() {
        return has(FILE_READ_DATA);
    }

    boolean mayWrite() {
        return has(FILE_WRITE_DATA);
    }

    boolean readsMessages() {
        return readsMessages;
    }

    void setReadsMessages(boolean byMessage) {
        readsMessages = byMessage;
    }

    boolean neverWaits() {
        return neverWaits;
    }

    void setNeverWaits(boolean nowait) {
        neverWaits = nowait;
    }

    /** Whether it may wait until what it wrote is read. */
    boolean mayFlush() {
        return has(FILE_WRITE_DATA | FILE_APPEND_DATA);
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
    void settle() {
        instance.settle();
    }

    @Override
    void closed() {
        instance.endClosed(this);
    }
}
