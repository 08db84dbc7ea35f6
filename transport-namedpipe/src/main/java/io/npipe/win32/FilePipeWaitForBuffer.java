/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Layout of {@code FILE_PIPE_WAIT_FOR_BUFFER}, the input of {@link PipeConstants#FSCTL_PIPE_WAIT}.
 *
 * <p>The name in it has no leading backslash, and the whole is never shorter than 16 bytes.
 */
public final class FilePipeWaitForBuffer {

    private static final int TIMEOUT = 0;
    private static final int NAME_LENGTH = 8;
    private static final int TIMEOUT_SPECIFIED = 12;
    private static final int NAME = 14;
    private static final int MIN_SIZE = 16;
    private static final long TICKS_PER_MILLI = 10_000; // of 100 ns

    /**
     * Allocates and fills one.
     *
     * @param pipeName name of the pipe, without its host
     * @param timeoutMillis how long to wait, more than 0
     * @return the input, of {@link #size(String)} bytes; to be freed by the caller
     */
    public static NativeMemory allocate(String pipeName, long timeoutMillis) {
        byte[] name = pipeName.getBytes(StandardCharsets.UTF_16LE);
        NativeMemory memory = NativeMemory.allocate(size(pipeName));
        ByteBuffer buffer = memory.buffer();
        buffer.putLong(TIMEOUT, -Math.multiplyExact(timeoutMillis, TICKS_PER_MILLI)); // negative: relative
        buffer.putInt(NAME_LENGTH, name.length);
        buffer.put(TIMEOUT_SPECIFIED, (byte) 1);
        buffer.put(NAME, name);
        return memory;
    }

    /**
     * Tells how long the input for a name is.
     *
     * @param pipeName name of the pipe
     * @return bytes
     */
    public static int size(String pipeName) {
        return Math.max(MIN_SIZE, NAME + 2 * pipeName.length());
    }

    private FilePipeWaitForBuffer() {}
}
