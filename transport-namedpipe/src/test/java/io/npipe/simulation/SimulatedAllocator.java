/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.util.internal.CleanableDirectBuffer;
import io.npipe.win32.NativeMemory;
import java.nio.ByteBuffer;

/** Buffers in {@link NativeMemory}: so who keeps the books of that knows of each buffer, and when it is freed. */
final class SimulatedAllocator extends AbstractByteBufAllocator {

    private final Runnable beforeEach;

    /** Runs something before each allocation, which may throw. */
    SimulatedAllocator(Runnable beforeEach) {
        super(true);
        this.beforeEach = beforeEach;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        beforeEach.run();
        return new UnpooledHeapByteBuf(this, initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        beforeEach.run();
        return new Direct(this, NativeMemory.allocate(Math.max(1, initialCapacity)), initialCapacity, maxCapacity);
    }

    /** Without leak detection: the books tell. */
    @Override
    public CompositeByteBuf compositeDirectBuffer(int maxNumComponents) {
        return new CompositeByteBuf(this, true, maxNumComponents);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    private static final class Direct extends UnpooledDirectByteBuf {

        /** Of the initial capacity, until it grows. */
        private NativeMemory initial;

        Direct(SimulatedAllocator allocator, NativeMemory memory, int capacity, int maxCapacity) {
            super(allocator, memory.buffer().duplicate().limit(capacity), maxCapacity);
            initial = memory;
            setIndex(0, 0);
        }

        @Override
        protected CleanableDirectBuffer allocateDirectBuffer(int capacity) {
            NativeMemory memory = NativeMemory.allocate(Math.max(1, capacity));
            ByteBuffer buffer = memory.buffer().duplicate().limit(capacity).slice();
            return new CleanableDirectBuffer() {

                @Override
                public ByteBuffer buffer() {
                    return buffer;
                }

                @Override
                public void clean() {
                    memory.free();
                }
            };
        }

        @Override
        public ByteBuf capacity(int newCapacity) {
            boolean changes = newCapacity != capacity();
            super.capacity(newCapacity);
            if (changes) {
                freeInitial();
            }
            return this;
        }

        @Override
        protected void deallocate() {
            super.deallocate();
            freeInitial();
        }

        private void freeInitial() {
            if (initial != null) {
                initial.free();
                initial = null;
            }
        }
    }
}
