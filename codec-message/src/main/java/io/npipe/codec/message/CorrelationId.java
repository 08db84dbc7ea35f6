/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.handler.codec.CorruptedFrameException;

/** What goes ahead of each request and of its reply: 8 bytes, big-endian, that the client chooses and the server returns. */
final class CorrelationId {

    static final int LENGTH = Long.BYTES;

    /**
     * Puts it ahead.
     *
     * @param content taken over: released with the result, or if that cannot be made
     */
    static ByteBuf prepend(ByteBufAllocator allocator, long id, ByteBuf content) {
        CompositeByteBuf message = null;
        try {
            message = allocator.compositeBuffer(2);
            return message.addComponent(true, allocator.ioBuffer(LENGTH, LENGTH).writeLong(id))
                    .addComponent(true, content.retain());
        } catch (Throwable t) {
            if (message != null) {
                message.release();
            }
            throw t;
        } finally {
            content.release();
        }
    }

    /**
     * Reads it, and leaves what is behind it readable.
     *
     * @throws CorruptedFrameException if the message is too short to have one
     */
    static long read(ByteBuf message) {
        if (message.readableBytes() < LENGTH) {
            throw new CorruptedFrameException(
                    "a message of " + message.readableBytes() + " bytes has no correlation id of " + LENGTH);
        }
        return message.readLong();
    }

    private CorrelationId() {}
}
