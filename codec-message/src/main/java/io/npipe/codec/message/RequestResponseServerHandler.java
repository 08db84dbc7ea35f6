/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.ObjectUtil;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;

/**
 * The server's end of requests and responses: gives each request to a {@link Responder}, and sends its reply with the
 * correlation id that the request had. The responder sees no ids, and may answer in any order. The peer is a {@link
 * RequestResponseClientHandler}.
 *
 * <p>It wants a {@link MessageFrameCodec}, or whatever else makes one buffer of one message, ahead of it. A request without a
 * reply (the responder failed, or cancelled it) times out at the client; what an application wants to tell of a failure is a
 * reply. A message that is too short for an id is dropped, and a {@link CorruptedFrameException} caught; the channel lives
 * on. A reply whose write fails on an open channel has its failure caught, such as a {@link
 * io.netty.handler.codec.TooLongFrameException}. Inbound messages that are no {@link ByteBuf} are passed on.
 *
 * <p>While as many requests are unanswered as may be, the channel is not read: {@code read()} waits here. What one read of
 * the channel has brought is handed over all the same, so there may be some more. It is for one channel.
 */
public final class RequestResponseServerHandler extends ChannelDuplexHandler {

    /** Default of how many requests may be unanswered before the channel is not read any more. */
    public static final int DEFAULT_MAX_UNANSWERED = 1024;

    private final Responder responder;
    private final int maxUnanswered;
    private int unanswered;
    private boolean readWaits;
    private boolean inBurst;

    /**
     * With {@value #DEFAULT_MAX_UNANSWERED} unanswered requests.
     *
     * @param responder called for each request
     */
    public RequestResponseServerHandler(Responder responder) {
        this(responder, DEFAULT_MAX_UNANSWERED);
    }

    /**
     * With a limit.
     *
     * @param responder called for each request
     * @param maxUnanswered how many requests may be unanswered before the channel is not read any more; at least 1
     * @throws IllegalArgumentException if it is less
     */
    public RequestResponseServerHandler(Responder responder, int maxUnanswered) {
        this.responder = Objects.requireNonNull(responder, "responder");
        this.maxUnanswered = ObjectUtil.checkPositive(maxUnanswered, "maxUnanswered");
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object input) {
        if (!(input instanceof ByteBuf message)) {
            ctx.fireChannelRead(input);
            return;
        }
        long id;
        try {
            id = CorrelationId.read(message);
        } catch (CorruptedFrameException e) {
            message.release();
            ctx.fireExceptionCaught(e);
            return;
        }
        inBurst = true;
        unanswered++;
        Future<ByteBuf> reply;
        try {
            reply = Objects.requireNonNull(responder.respond(ctx, message.slice()), "the responder returned null");
        } catch (Throwable t) {
            unanswered--;
            ctx.fireExceptionCaught(t);
            readIfWaiting(ctx); // asked for by the responder itself
            return;
        }
        reply.addListener((Future<ByteBuf> done) -> settled(ctx, id, done));
    }

    /** By whatever thread. */
    private void settled(ChannelHandlerContext ctx, long id, Future<ByteBuf> reply) {
        EventExecutor executor = ctx.executor();
        if (executor.inEventLoop()) {
            answer(ctx, id, reply);
            return;
        }
        try {
            executor.execute(() -> answer(ctx, id, reply));
        } catch (RejectedExecutionException e) { // the loop has ended, and the channel with it
            if (reply.isSuccess() && reply.getNow() != null) {
                reply.getNow().release();
            }
        }
    }

    private void answer(ChannelHandlerContext ctx, long id, Future<ByteBuf> reply) {
        unanswered--;
        if (reply.isSuccess()) {
            write(ctx, id, reply.getNow());
        } else if (!reply.isCancelled()) {
            ctx.fireExceptionCaught(reply.cause());
        }
        readIfWaiting(ctx);
    }

    private void write(ChannelHandlerContext ctx, long id, ByteBuf content) {
        if (content == null) {
            ctx.fireExceptionCaught(new NullPointerException("the responder's reply is null"));
            return;
        }
        if (ctx.isRemoved()) {
            content.release();
            return;
        }
        ByteBuf message;
        try {
            message = CorrelationId.prepend(ctx.alloc(), id, content);
        } catch (Throwable t) { // no memory, most likely
            ctx.fireExceptionCaught(t);
            return;
        }
        ctx.write(message).addListener(written -> {
            if (!written.isSuccess() && ctx.channel().isActive()) {
                ctx.fireExceptionCaught(written.cause());
            }
        });
        if (!inBurst) {
            ctx.flush();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (inBurst) {
            inBurst = false;
            ctx.flush(); // the replies that were there at once, together
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        if (unanswered < maxUnanswered) {
            ctx.read();
        } else {
            readWaits = true;
        }
    }

    private void readIfWaiting(ChannelHandlerContext ctx) {
        if (readWaits && unanswered < maxUnanswered) {
            readWaits = false;
            ctx.read();
        }
    }

    /** Nobody would flush what it has written, nor let a read go on. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (inBurst) {
            inBurst = false;
            ctx.flush();
        }
        if (readWaits) {
            readWaits = false;
            ctx.read();
        }
    }
}
