/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.netty.util.internal.CleanableDirectBuffer;
import io.netty.util.internal.PlatformDependent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A zeroed block of memory outside the heap, at an address that stays the same until {@link #free()}.
 *
 * <p>Whoever allocates it frees it, once, and never while the kernel may still write to it. Not thread-safe.
 */
public final class NativeMemory {

    /** Watches all blocks of this process: for tests that keep books of memory, or let it run out. */
    public interface Observer {

        /**
         * A block is about to be allocated.
         *
         * @param size bytes
         * @throws OutOfMemoryError to refuse it
         */
        void allocating(int size);

        /**
         * A block has been allocated.
         *
         * @param address of its first byte
         * @param size bytes
         */
        void allocated(long address, int size);

        /**
         * A block is about to be freed.
         *
         * @param address of its first byte
         */
        void freeing(long address);
    }

    private static volatile Observer observer;

    private final CleanableDirectBuffer cleanable;
    private final ByteBuffer buffer;
    private final long address;

    private NativeMemory(int size) {
        Observer watching = observer;
        if (watching != null) {
            watching.allocating(size);
        }
        cleanable = PlatformDependent.allocateDirect(size);
        buffer = cleanable.buffer().order(ByteOrder.nativeOrder());
        for (int i = 0; i < size; i++) {
            buffer.put(i, (byte) 0);
        }
        address = cleanable.hasMemoryAddress() ? cleanable.memoryAddress() : addressOf(buffer);
        if (watching != null) {
            watching.allocated(address, size);
        }
    }

    /**
     * Sets who watches all blocks from now on.
     *
     * @param newObserver observer, or null for none, which is the default
     */
    public static void observe(Observer newObserver) {
        observer = newObserver;
    }

    /**
     * Tells where a direct buffer begins, whatever its position.
     *
     * @param direct direct buffer
     * @return address of its byte 0
     */
    public static long addressOf(ByteBuffer direct) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
    }

    /**
     * Allocates.
     *
     * @param size bytes, more than 0
     * @return zeroed memory, to be freed by the caller
     */
    public static NativeMemory allocate(int size) {
        return new NativeMemory(size);
    }

    /**
     * Allocates a NUL-terminated UTF-16LE copy of a text.
     *
     * @param text text
     * @return the copy, to be freed by the caller
     */
    public static NativeMemory ofWideString(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_16LE);
        NativeMemory memory = new NativeMemory(bytes.length + 2);
        memory.buffer.put(0, Arrays.copyOf(bytes, bytes.length + 2));
        return memory;
    }

    /**
     * Reads a NUL-terminated UTF-16LE text, whoever has made it.
     *
     * @param address of its first character
     * @return the text
     */
    public static String wideStringAt(long address) {
        Pointer pointer = new Pointer(address);
        StringBuilder text = new StringBuilder();
        for (long i = 0; ; i += Character.BYTES) {
            char c = (char) pointer.getShort(i);
            if (c == 0) {
                return text.toString();
            }
            text.append(c);
        }
    }

    /**
     * Tells where it is.
     *
     * @return address of the first byte
     */
    public long address() {
        return address;
    }

    /**
     * Gives access to it, by absolute index.
     *
     * @return the memory in native byte order; not to be used after {@link #free()}
     */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** Frees it. */
    public void free() {
        Observer watching = observer;
        if (watching != null) {
            watching.freeing(address);
        }
        cleanable.clean();
    }
}
