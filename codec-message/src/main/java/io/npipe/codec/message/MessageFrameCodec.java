/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelOutboundHandler;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.internal.ObjectUtil;
import io.npipe.channel.NamedPipeChannelOption;
import java.nio.ByteOrder;
import java.nio.channels.NotYetConnectedException;
import java.util.Objects;

/**
 * Messages on any channel: one {@link ByteBuf} written above this handler is one {@link ByteBuf} read above the peer's. A
 * pipe of messages has boundaries of its own; elsewhere a length goes ahead of each message. So one pipeline serves a pipe
 * of messages, a pipe of bytes, TCP and an {@code EmbeddedChannel}; see {@link MessageFraming} for the choice, which is made
 * when the channel is connected.
 *
 * <p>It wants to be the first handler of the pipeline, but for those that change bytes, such as TLS. Buffers that it fires
 * belong to the handlers above; those written are released in any case. It is for one channel, and called by its event loop.
 *
 * <p>Limits and errors:
 *
 * <ul>
 *   <li>A received message that is longer than the limit is skipped, without memory for it, and a {@link
 *       TooLongFrameException} is caught in its place; the channel lives on. For that, the {@link
 *       NamedPipeChannelOption#MAX_MESSAGE_SIZE} of a pipe of messages is lowered to the limit if it is above.
 *   <li>A write that is longer fails with {@link TooLongFrameException}, and nothing of it is written.
 *   <li>Input that ends in the middle of a message: {@link CorruptedFrameException}, caught ahead of {@code
 *       channelInactive}, also if it is this end that closes.
 *   <li>An end that cannot tell messages apart ({@link MessageFraming#OF_CHANNEL}): {@link IllegalStateException}, caught,
 *       and from each write; the channel closes.
 *   <li>A write to a named pipe that is not connected yet fails with {@link NotYetConnectedException}: only a connected one
 *       knows its type.
 *   <li>If the codec is removed or replaced, what it has of an incomplete message is passed on, so that a codec of the same
 *       framing in its place goes on with it. In the middle of a message that it skips, it closes the channel instead, and a
 *       {@link CorruptedFrameException} is caught. {@code MAX_MESSAGE_SIZE} becomes what it was before.
 *   <li>A write of an empty message to a pipe of messages with {@link NamedPipeChannelOption#HALF_CLOSE} fails with {@link
 *       IllegalArgumentException}, since it would be the end of the output. Elsewhere messages may be empty.
 *   <li>A write of a {@code FileRegion} fails with {@link UnsupportedOperationException}. What is neither that nor a {@link
 *       ByteBuf} is passed on, both ways.
 * </ul>
 */
public final class MessageFrameCodec
        extends CombinedChannelDuplexHandler<ChannelInboundHandler, ChannelOutboundHandler> {

    /** Bytes of the length, where there is one: an unsigned number, which does not count itself. */
    static final int LENGTH_FIELD_LENGTH = Integer.BYTES;

    /**
     * As the channel has it, and big-endian where there is a length.
     *
     * @param maxLength bytes of the longest message, either way; 1 to {@link Integer#MAX_VALUE} - 4
     */
    public MessageFrameCodec(int maxLength) {
        this(maxLength, MessageFraming.OF_CHANNEL, ByteOrder.BIG_ENDIAN);
    }

    /**
     * With a choice.
     *
     * @param maxLength bytes of the longest message, either way; 1 to {@link Integer#MAX_VALUE} - 4
     * @param framing how to tell where a message ends
     * @param order of the bytes of the length, where there is one; Windows programs often send {@link
     *     ByteOrder#LITTLE_ENDIAN}
     * @throws IllegalArgumentException if the length is out of its range
     */
    public MessageFrameCodec(int maxLength, MessageFraming framing, ByteOrder order) {
        ObjectUtil.checkInRange(maxLength, 1, Integer.MAX_VALUE - LENGTH_FIELD_LENGTH, "maxLength");
        Objects.requireNonNull(order, "order");
        FrameBoundaries boundaries = new FrameBoundaries(Objects.requireNonNull(framing, "framing"), maxLength);
        init(new MessageFrameDecoder(boundaries, order), new MessageFrameEncoder(boundaries, order));
    }

    static TooLongFrameException tooLong(int length, int maxLength) {
        return new TooLongFrameException("a message of " + length + " bytes is longer than " + maxLength);
    }
}
