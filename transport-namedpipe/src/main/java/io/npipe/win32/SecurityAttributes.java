/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import java.nio.ByteBuffer;

/** Layout of {@code SECURITY_ATTRIBUTES} on 64-bit Windows. */
public final class SecurityAttributes {

    /** Bytes. */
    public static final int SIZE = 24;

    private static final int LENGTH = 0;
    private static final int SECURITY_DESCRIPTOR = 8;
    private static final int INHERIT_HANDLE = 16;

    /**
     * Writes the structure, for a handle that no child process inherits.
     *
     * @param memory memory in native order
     * @param offset of the structure
     * @param securityDescriptor address of the descriptor, or 0 for the default
     */
    public static void set(ByteBuffer memory, int offset, long securityDescriptor) {
        memory.putInt(offset + LENGTH, SIZE);
        memory.putLong(offset + SECURITY_DESCRIPTOR, securityDescriptor);
        memory.putInt(offset + INHERIT_HANDLE, 0);
    }

    private SecurityAttributes() {}
}
