/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import io.netty.channel.FileRegion;
import io.netty.util.AbstractReferenceCounted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** A region of memory, which may be shorter than it says: what comes then is the end, an exception, or an error. */
final class HostileRegion extends AbstractReferenceCounted implements FileRegion {

    /** What becomes of it behind its last byte. */
    enum End {
        AS_SAID,
        EARLY,
        IO_EXCEPTION,
        RUNTIME_EXCEPTION
    }

    private final byte[] content;
    private final int perTransfer;
    private final End end;
    private int handedOver;
    private boolean ended;

    HostileRegion(byte[] content, int perTransfer, End end) {
        this.content = content;
        this.perTransfer = perTransfer;
        this.end = end;
    }

    End end() {
        return end;
    }

    /** Whether somebody has asked for more than there is. */
    boolean hasEnded() {
        return ended;
    }

    /** Bytes that the channel took. */
    int handedOver() {
        return handedOver;
    }

    @Override
    public long position() {
        return 0;
    }

    @Deprecated
    @Override
    public long transfered() {
        return handedOver;
    }

    @Override
    public long transferred() {
        return handedOver;
    }

    @Override
    public long count() {
        return end == End.AS_SAID ? content.length : content.length + 100;
    }

    @Override
    public long transferTo(WritableByteChannel target, long position) throws IOException {
        if (position == content.length) {
            ended = true;
            switch (end) {
                case IO_EXCEPTION -> throw new IOException("the region failed " + Temper.MARK);
                case RUNTIME_EXCEPTION -> throw new Temper.TemperException("transferTo");
                default -> {
                    return 0;
                }
            }
        }
        int length = Math.min(perTransfer, content.length - (int) position);
        int taken = target.write(ByteBuffer.wrap(content, (int) position, length));
        handedOver += taken;
        return taken;
    }

    @Override
    protected void deallocate() {
        // memory of the heap
    }

    @Override
    public FileRegion retain() {
        super.retain();
        return this;
    }

    @Override
    public FileRegion retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public FileRegion touch() {
        return this;
    }

    @Override
    public FileRegion touch(Object hint) {
        return this;
    }
}
