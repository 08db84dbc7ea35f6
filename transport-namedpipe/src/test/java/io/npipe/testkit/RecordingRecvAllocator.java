/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.util.List;

/** Buffers of one size and so many reads a burst, with a word about all that it is told. For one channel. */
public final class RecordingRecvAllocator implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle {

    private final int size;
    private final int burst;
    private final List<String> events;
    private int read;

    /** Adds its words to the list. */
    public RecordingRecvAllocator(int size, int burst, List<String> events) {
        this.size = size;
        this.burst = burst;
        this.events = events;
    }

    @Override
    public ExtendedHandle newHandle() {
        return this;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator alloc) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int guess() {
        return size;
    }

    @Override
    public void reset(ChannelConfig config) {
        events.add("reset");
        read = 0;
    }

    @Override
    public void incMessagesRead(int count) {
        events.add("messages " + count);
        read += count;
    }

    @Override
    public void lastBytesRead(int bytes) {
        events.add("last " + bytes);
    }

    @Override
    public int lastBytesRead() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void attemptedBytesRead(int bytes) {
        events.add("attempted " + bytes);
    }

    @Override
    public int attemptedBytesRead() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean continueReading() {
        return read < burst;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void readComplete() {
        events.add("handle complete");
    }
}
