/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.util.ReferenceCountUtil;
import io.npipe.channel.NamedPipeChannel;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.List;

/** The writing half of {@link MessageFrameCodec}. */
final class MessageFrameEncoder extends LengthFieldPrepender {

    private final FrameBoundaries boundaries;

    MessageFrameEncoder(FrameBoundaries boundaries, ByteOrder order) {
        super(order, MessageFrameCodec.LENGTH_FIELD_LENGTH, 0, false);
        this.boundaries = boundaries;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object output, ChannelPromise promise) throws Exception {
        FrameBoundaries.Kind kind = boundaries.on(ctx.channel());
        Exception refusal = refusal(ctx, kind, output);
        if (refusal != null) {
            ReferenceCountUtil.release(output);
            promise.tryFailure(refusal);
        } else if (kind == FrameBoundaries.Kind.LENGTH_FIELD) {
            super.write(ctx, output, promise);
        } else {
            ctx.write(output, promise);
        }
    }

    private Exception refusal(ChannelHandlerContext ctx, FrameBoundaries.Kind kind, Object output) {
        if (output instanceof FileRegion) {
            return new UnsupportedOperationException("a file region has no boundaries: write a ByteBuf");
        }
        if (!(output instanceof ByteBuf message)) {
            return null; // some other handler's
        }
        if (message.readableBytes() > boundaries.maxLength()) {
            return MessageFrameCodec.tooLong(message.readableBytes(), boundaries.maxLength());
        }
        return switch (kind) {
            case UNKNOWN -> ctx.channel().isOpen() ? new NotYetConnectedException() : new ClosedChannelException();
            case NONE -> FrameBoundaries.refusal(ctx.channel());
            case BUFFER ->
                message.isReadable() || !endsOutput(ctx)
                        ? null
                        : new IllegalArgumentException(
                                "with HALF_CLOSE an empty message is the end of the output: use shutdownOutput()");
            case LENGTH_FIELD -> null;
        };
    }

    /** Whether an empty message means something else; the transport would drop it, and tell of success. */
    private static boolean endsOutput(ChannelHandlerContext ctx) {
        return ((NamedPipeChannel) ctx.channel()).config().isHalfClose();
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, ByteBuf message, List<Object> out) throws Exception {
        super.encode(ctx, message, out);
        if (!message.isReadable()) {
            // The length is all; an empty buffer would be a message of its own on a pipe of messages.
            ReferenceCountUtil.release(out.remove(out.size() - 1));
        }
    }
}
