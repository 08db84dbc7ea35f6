/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.npipe.win32.PipeConstants;

/** What a client opens a pipe for ({@link NamedPipeChannelOption#ACCESS}): {@code dwDesiredAccess} of {@code CreateFileW}. */
public enum PipeAccess {
    /** Reading and writing: a duplex pipe. */
    READ_WRITE(PipeConstants.GENERIC_READ | PipeConstants.GENERIC_WRITE),

    /**
     * Reading only: a duplex pipe, or one that goes from server to client. Reading messages needs {@code
     * FILE_WRITE_ATTRIBUTES}, too; where the pipe does not grant it, as by Windows' own default, it is read as bytes.
     */
    READ(PipeConstants.GENERIC_READ | PipeConstants.FILE_WRITE_ATTRIBUTES),

    /** Writing only: a duplex pipe, or one that goes from client to server. */
    WRITE(PipeConstants.GENERIC_WRITE | PipeConstants.FILE_READ_ATTRIBUTES);

    private final int desiredAccess;

    PipeAccess(int desiredAccess) {
        this.desiredAccess = desiredAccess;
    }

    /** Generic rights, and the right to ask for or set the read mode where those leave it out. */
    int desiredAccess() {
        return desiredAccess;
    }

    boolean reads() {
        return this != WRITE;
    }

    boolean writes() {
        return this != READ;
    }
}
