/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Copies what cannot be written from where it is into one pooled direct buffer. Event loop only. */
final class WriteChunk implements ChannelOutboundBuffer.MessageProcessor, WritableByteChannel {

    /** Bytes that are copied together at most. */
    static final int SIZE = 64 * 1024;

    /** From this size on, a buffer is written from where it is: the copy would cost more than a further call. */
    static final int COPY_BELOW = 16 * 1024;

    private final NamedPipeChannel channel;
    private ByteBuf target;

    /** Why the current region could not be read further, thrown once what was read of it is written. */
    private Throwable regionFailure;

    WriteChunk(NamedPipeChannel channel) {
        this.channel = channel;
    }

    /** Tells whether the flushed messages, of which the buffer is the first, are better copied together. */
    boolean isWorthCopying(ChannelOutboundBuffer out, ByteBuf first) {
        if (!BufferAddress.isContiguous(first)) {
            return true;
        }
        return out.size() > 1 && first.readableBytes() < COPY_BELOW;
    }

    /**
     * Copies flushed buffers from the first on, the last one perhaps in part.
     *
     * @return the copy, to be released by the caller
     */
    ByteBuf copyOfFlushed(ChannelOutboundBuffer out) {
        ByteBuf copy =
                channel.alloc().directBuffer((int) Math.min(SIZE, Math.max(1, out.totalPendingWriteBytes())), SIZE);
        boolean filled = false;
        target = copy;
        try {
            out.forEachFlushedMessage(this);
            filled = true;
            return copy;
        } catch (RuntimeException e) { // of a buffer that was released too early, most likely
            throw e;
        } catch (Exception e) { // processMessage throws none
            throw new IllegalStateException(e);
        } finally {
            target = null;
            if (!filled) {
                copy.release();
            }
        }
    }

    @Override
    public boolean processMessage(Object message) {
        if (!(message instanceof ByteBuf buffer)) {
            return false; // a file region has its turn later
        }
        int length = Math.min(buffer.readableBytes(), target.maxWritableBytes());
        target.writeBytes(buffer, buffer.readerIndex(), length);
        return target.maxWritableBytes() > 0;
    }

    /**
     * Copies the next part of a file region. If it fails in the middle, that is what the next call throws: what was read
     * before is written, as over TCP.
     *
     * @return the copy, to be released by the caller
     * @throws IOException if the region cannot be read or ends before its count
     */
    ByteBuf copyOf(FileRegion region) throws IOException {
        throwRegionFailure();
        ByteBuf part = channel.alloc().directBuffer((int) Math.min(SIZE, region.count() - region.transferred()), SIZE);
        boolean filled = false;
        target = part;
        try {
            long position = region.transferred();
            read(region);
            if (!part.isReadable()) {
                throwRegionFailure();
            }
            if (!part.isReadable()) {
                throw new IOException("the file region ended " + (region.count() - position) + " bytes early");
            }
            filled = true;
            return part;
        } finally {
            target = null;
            if (!filled) {
                part.release();
            }
        }
    }

    private void read(FileRegion region) {
        try {
            while (region.transferred() < region.count() && target.writableBytes() > 0) {
                if (region.transferTo(this, region.transferred()) <= 0) {
                    return;
                }
            }
        } catch (Throwable t) {
            regionFailure = t;
        }
    }

    private void throwRegionFailure() throws IOException {
        Throwable failure = regionFailure;
        if (failure != null) {
            regionFailure = null;
            PlatformDependent.throwException(failure);
        }
    }

    @Override
    public int write(ByteBuffer source) {
        int length = Math.min(source.remaining(), target.writableBytes());
        int limit = source.limit();
        source.limit(source.position() + length);
        target.writeBytes(source);
        source.limit(limit);
        return length;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // nothing of its own
    }
}
