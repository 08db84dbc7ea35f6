/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;

/** An allocator that knows what was not released, and the largest buffer that was asked for. Exact, and at once. */
final class AllocationLedger extends AbstractByteBufAllocator {

    private long live;
    private int largest;

    AllocationLedger() {
        super(false);
    }

    /** Bytes of the largest buffer so far. */
    int largest() {
        return largest;
    }

    void assertNothingLeft() {
        assertEquals(0, live, "bytes leaked");
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return new Counted(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return new Counted(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    private final class Counted extends UnpooledHeapByteBuf {

        Counted(int initialCapacity, int maxCapacity) {
            super(AllocationLedger.this, initialCapacity, maxCapacity);
        }

        @Override
        protected byte[] allocateArray(int capacity) {
            live += capacity;
            largest = Math.max(largest, capacity);
            return new byte[capacity];
        }

        @Override
        protected void freeArray(byte[] array) {
            live -= array.length;
        }
    }
}
