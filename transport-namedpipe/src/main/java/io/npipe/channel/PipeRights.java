/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.npipe.win32.PipeConstants;
import io.npipe.win32.SecurityConstants;

/**
 * What an account may do with a server's pipe, see {@link PipeSecurity.Builder#allow}. None of them lets a client create
 * instances of the pipe, with which it could take the server's clients.
 */
public enum PipeRights {
    /** Connect and read what the server writes; for messages, too. With {@link #WRITE}: {@code 0x12019B}. */
    READ(SecurityConstants.FILE_GENERIC_READ | PipeConstants.FILE_WRITE_ATTRIBUTES),

    /** Connect and write what the server reads. */
    WRITE((SecurityConstants.FILE_GENERIC_WRITE & ~SecurityConstants.FILE_CREATE_PIPE_INSTANCE)
            | PipeConstants.FILE_READ_ATTRIBUTES);

    private final int mask;

    PipeRights(int mask) {
        this.mask = mask;
    }

    /** {@code FILE_*} rights. */
    int mask() {
        return mask;
    }
}
