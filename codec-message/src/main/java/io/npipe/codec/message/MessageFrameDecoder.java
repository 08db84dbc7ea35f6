/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.ByteOrder;
import java.util.List;

/** The reading half of {@link MessageFrameCodec}. */
final class MessageFrameDecoder extends LengthFieldBasedFrameDecoder {

    private final FrameBoundaries boundaries;
    private final ByteOrder order;
    private boolean refused;

    /** What is still to come of a message that is too long. The base class keeps it for itself. */
    private long toSkip;

    MessageFrameDecoder(FrameBoundaries boundaries, ByteOrder order) {
        super(
                order,
                boundaries.maxLength() + MessageFrameCodec.LENGTH_FIELD_LENGTH,
                0,
                MessageFrameCodec.LENGTH_FIELD_LENGTH,
                0,
                MessageFrameCodec.LENGTH_FIELD_LENGTH,
                true);
        this.boundaries = boundaries;
        this.order = order;
        setCumulator(MessageFrameDecoder::cumulate);
    }

    /**
     * Netty drops what was read when a burst of reads ends, if no message of it is held any more. One that is released a
     * little later would keep it there, and a peer that always sends a beginning of the next message could let the buffer
     * grow for ever.
     */
    private static ByteBuf cumulate(ByteBufAllocator allocator, ByteBuf cumulation, ByteBuf in) {
        if (cumulation.refCnt() == 1 && !cumulation.isReadOnly()) {
            cumulation.discardSomeReadBytes();
        }
        return MERGE_CUMULATOR.cumulate(allocator, cumulation, in);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        FrameBoundaries.Kind kind = boundaries.on(ctx.channel());
        ctx.fireChannelActive();
        if (kind == FrameBoundaries.Kind.NONE) {
            refuse(ctx);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object input) throws Exception {
        switch (boundaries.on(ctx.channel())) {
            case BUFFER -> {
                if (input instanceof ByteBuf message && message.readableBytes() > boundaries.maxLength()) {
                    // Read before the channel knew the limit: this handler came late.
                    int length = message.readableBytes();
                    message.release();
                    ctx.fireExceptionCaught(MessageFrameCodec.tooLong(length, boundaries.maxLength()));
                } else {
                    ctx.fireChannelRead(input);
                }
            }
            case NONE -> {
                if (input instanceof ByteBuf piece) {
                    piece.release();
                    refuse(ctx);
                } else {
                    ctx.fireChannelRead(input);
                }
            }
            default -> super.channelRead(ctx, input);
        }
    }

    private void refuse(ChannelHandlerContext ctx) {
        if (!refused) {
            refused = true;
            ctx.fireExceptionCaught(FrameBoundaries.refusal(ctx.channel()));
            ctx.close();
        }
    }

    @Override
    protected Object decode(ChannelHandlerContext ctx, ByteBuf in) throws Exception {
        int skipped = (int) Math.min(toSkip, in.readableBytes());
        toSkip -= skipped;
        int start = in.readerIndex() + skipped;
        try {
            return super.decode(ctx, in);
        } catch (TooLongFrameException e) {
            toSkip = Math.max(0, lengthAt(in, start) - (in.writerIndex() - start));
            // Not thrown: that would leave the messages behind this one unread until more bytes come.
            ctx.fireExceptionCaught(e);
            return null;
        }
    }

    /** Of a whole message, with its length field. */
    private long lengthAt(ByteBuf in, int start) {
        return MessageFrameCodec.LENGTH_FIELD_LENGTH
                + (order == ByteOrder.LITTLE_ENDIAN ? in.getUnsignedIntLE(start) : in.getUnsignedInt(start));
    }

    /** Half a message is passed on, and whoever takes this handler's place goes on with it; but who would skip the rest? */
    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        boundaries.leave(ctx.channel());
        if (toSkip > 0 && ctx.channel().isActive()) {
            ctx.fireExceptionCaught(new CorruptedFrameException(
                    "the codec was removed with " + toSkip + " bytes still to come of a message that is too long"));
            ctx.close();
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        super.decodeLast(ctx, in, out);
        if (in.isReadable()) {
            int length = in.readableBytes();
            in.skipBytes(length);
            // Not thrown: it must come ahead of channelInactive.
            ctx.fireExceptionCaught(new CorruptedFrameException(
                    "the input has ended in the middle of a message, of which " + length + " bytes were there"));
        }
    }
}
