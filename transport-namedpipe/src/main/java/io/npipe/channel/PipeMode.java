/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.npipe.win32.PipeConstants;

/**
 * Bytes or messages: the type of a pipe ({@link NamedPipeChannelOption#PIPE_TYPE}), and how one end reads it ({@link
 * NamedPipeChannelOption#READ_MODE}). See <a
 * href="https://learn.microsoft.com/windows/win32/ipc/named-pipe-type-read-and-wait-modes">Named Pipe Type, Read, and
 * Wait Modes</a>.
 */
public enum PipeMode {
    /** A stream without boundaries. */
    BYTE(PipeConstants.PIPE_TYPE_BYTE, PipeConstants.PIPE_READMODE_BYTE),

    /** Each write is a message, which a reader of messages gets whole and alone. */
    MESSAGE(PipeConstants.PIPE_TYPE_MESSAGE, PipeConstants.PIPE_READMODE_MESSAGE);

    private final int type;
    private final int readMode;

    PipeMode(int type, int readMode) {
        this.type = type;
        this.readMode = readMode;
    }

    /** {@code PIPE_TYPE_*}. */
    int type() {
        return type;
    }

    /** {@code PIPE_READMODE_*}. */
    int readMode() {
        return readMode;
    }
}
