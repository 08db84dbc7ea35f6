/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.buffer.ByteBuf;
import io.npipe.win32.NativeMemory;

/** Where the bytes of a direct buffer are. */
final class BufferAddress {

    /** Tells whether the readable bytes of the buffer are one run of native memory. */
    static boolean isContiguous(ByteBuf buffer) {
        return buffer.isDirect() && buffer.nioBufferCount() == 1;
    }

    /** Address of a byte of a contiguous direct buffer. Allocates nothing where the buffer knows its address. */
    static long of(ByteBuf buffer, int index) {
        if (buffer.hasMemoryAddress()) {
            return buffer.memoryAddress() + index;
        }
        // Without Unsafe some allocators' buffers do not tell; the JVM does, at the price of a small object.
        return NativeMemory.addressOf(
                buffer.internalNioBuffer(index, buffer.capacity() - index).slice());
    }

    private BufferAddress() {}
}
