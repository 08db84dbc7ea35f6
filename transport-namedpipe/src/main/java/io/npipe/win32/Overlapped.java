/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import java.nio.ByteBuffer;

/**
 * Layout of {@code OVERLAPPED} on 64-bit Windows. Its first two fields are the operation's {@code IO_STATUS_BLOCK}.
 *
 * <p>The accessors take the memory and the offset of the structure in it, and allocate nothing.
 */
public final class Overlapped {

    /** Bytes. */
    public static final int SIZE = 32;

    private static final int INTERNAL_HIGH = 8;
    private static final int EVENT = 24;

    /**
     * Reads {@code InternalHigh}: the bytes transferred by an operation that has ended.
     *
     * @param memory memory in native order
     * @param offset of the structure
     * @return bytes
     */
    public static int bytesTransferred(ByteBuffer memory, int offset) {
        return (int) memory.getLong(offset + INTERNAL_HIGH);
    }

    /**
     * Writes {@code hEvent}: the event that the operation's end sets.
     *
     * @param memory memory in native order
     * @param offset of the structure
     * @param hEvent event, or 0
     */
    public static void event(ByteBuffer memory, int offset, long hEvent) {
        memory.putLong(offset + EVENT, hEvent);
    }

    private Overlapped() {}
}
