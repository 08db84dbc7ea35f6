/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.npipe.win32.PipeConstants;

/** Which way a pipe goes ({@link NamedPipeChannelOption#DIRECTION}): {@code PIPE_ACCESS_*} of {@code CreateNamedPipeW}. */
public enum PipeDirection {
    /** Both ways. */
    DUPLEX(PipeConstants.PIPE_ACCESS_DUPLEX),

    /** Clients write and the server reads: {@code PIPE_ACCESS_INBOUND}. */
    CLIENT_TO_SERVER(PipeConstants.PIPE_ACCESS_INBOUND),

    /** The server writes and clients read: {@code PIPE_ACCESS_OUTBOUND}. */
    SERVER_TO_CLIENT(PipeConstants.PIPE_ACCESS_OUTBOUND);

    private final int openMode;

    PipeDirection(int openMode) {
        this.openMode = openMode;
    }

    /** {@code PIPE_ACCESS_*}. */
    int openMode() {
        return openMode;
    }

    boolean serverReads() {
        return this != SERVER_TO_CLIENT;
    }

    boolean serverWrites() {
        return this != CLIENT_TO_SERVER;
    }
}
