/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import java.nio.ByteBuffer;

/** Layout of {@code OVERLAPPED_ENTRY} on 64-bit Windows: a packet as it leaves a port. Nothing here allocates. */
public final class OverlappedEntry {

    /** Bytes. */
    public static final int SIZE = 32;

    private static final int COMPLETION_KEY = 0;
    private static final int OVERLAPPED = 8;
    private static final int INTERNAL = 16;
    private static final int NUMBER_OF_BYTES_TRANSFERRED = 24;

    /**
     * Reads {@code lpCompletionKey}.
     *
     * @param memory memory in native order
     * @param index of the entry in the array
     * @return the key given when the handle joined the port, or when the packet was posted
     */
    public static long completionKey(ByteBuffer memory, int index) {
        return memory.getLong(index * SIZE + COMPLETION_KEY);
    }

    /**
     * Reads {@code lpOverlapped}.
     *
     * @param memory memory in native order
     * @param index of the entry in the array
     * @return address of the operation's {@link Overlapped}, or what was posted
     */
    public static long overlapped(ByteBuffer memory, int index) {
        return memory.getLong(index * SIZE + OVERLAPPED);
    }

    /**
     * Reads {@code Internal}.
     *
     * @param memory memory in native order
     * @param index of the entry in the array
     * @return {@code NTSTATUS} of the operation
     */
    public static int status(ByteBuffer memory, int index) {
        return (int) memory.getLong(index * SIZE + INTERNAL);
    }

    /**
     * Reads {@code dwNumberOfBytesTransferred}.
     *
     * @param memory memory in native order
     * @param index of the entry in the array
     * @return bytes, or what was posted
     */
    public static int bytesTransferred(ByteBuffer memory, int index) {
        return memory.getInt(index * SIZE + NUMBER_OF_BYTES_TRANSFERRED);
    }

    private OverlappedEntry() {}
}
