/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.netty.util.internal.ObjectUtil;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;

/**
 * The client's end of requests and responses: {@link #call(ByteBuf)} sends a request and gives a future of its reply. Any
 * number of calls may be under way on one channel, and their replies come in any order. The peer is a {@link
 * RequestResponseServerHandler}, or any program that sends the first 8 bytes of each request back ahead of its reply.
 *
 * <p>It wants a {@link MessageFrameCodec}, or whatever else makes one buffer of one message, ahead of it. Each request has a
 * correlation id ahead of it, of 8 bytes, big-endian, never used twice on a channel, not even by another handler of this class.
 * So no reply is taken for another one's: one that no call waits for is dropped and counted.
 *
 * <ul>
 *   <li>{@linkplain #lateReplies() Late}: its call has timed out, was cancelled, could not be sent, or failed with the channel
 *       or with the removal of its handler.
 *   <li>{@linkplain #duplicateReplies() Duplicate}: its call has had a reply.
 *   <li>{@linkplain #unknownReplies() Unknown}: there was no such call on the channel, or it was more than about 1000 calls ago.
 * </ul>
 *
 * <p>A message that is too short for an id is dropped, and a {@link CorruptedFrameException} caught; the channel lives on.
 * Inbound messages that are no {@link ByteBuf} are passed on. It is for one channel; its methods may be called from any
 * thread.
 */
public final class RequestResponseClientHandler extends ChannelInboundHandlerAdapter {

    /** Default of how long a call waits for its reply, in milliseconds. */
    public static final long DEFAULT_TIMEOUT_MILLIS = 30_000;

    /** Default of how many calls may wait at the same time. */
    public static final int DEFAULT_MAX_PENDING = 1024;

    private final long timeoutMillis;
    private final int maxPending;
    private final PendingCalls calls;
    private final LongAdder late = new LongAdder();
    private final LongAdder duplicate = new LongAdder();
    private final LongAdder unknown = new LongAdder();
    private volatile ChannelHandlerContext context;
    private Exception over;

    /** With {@value #DEFAULT_TIMEOUT_MILLIS} ms and {@value #DEFAULT_MAX_PENDING} pending calls. */
    public RequestResponseClientHandler() {
        this(DEFAULT_TIMEOUT_MILLIS, DEFAULT_MAX_PENDING);
    }

    /**
     * With limits.
     *
     * @param timeoutMillis how long a call waits for its reply if it does not say, in milliseconds; at least 1
     * @param maxPending how many calls may wait at the same time; at least 1
     * @throws IllegalArgumentException if one of them is less
     */
    public RequestResponseClientHandler(long timeoutMillis, int maxPending) {
        this.timeoutMillis = ObjectUtil.checkPositive(timeoutMillis, "timeoutMillis");
        this.maxPending = ObjectUtil.checkPositive(maxPending, "maxPending");
        calls = new PendingCalls(maxPending);
    }

    /**
     * Sends a request, with the timeout of this handler. See {@link #call(ByteBuf, long)}.
     *
     * @param request released in any case
     * @return the reply, to be released by the caller
     */
    public Future<ByteBuf> call(ByteBuf request) {
        return call(request, timeoutMillis);
    }

    /**
     * Sends a request, and flushes it. The future is notified by the executor of this handler, the channel's event loop
     * unless another one was given. It may be cancelled: the request may have been sent all the same, its reply is
     * released, and its place is free for another call when the executor hears of it. It fails with
     *
     * <ul>
     *   <li>{@link TimeoutException} if there is no reply in time;
     *   <li>{@link RejectedExecutionException} if as many calls are pending as may be, or if the event loop has ended; the
     *       request is not sent;
     *   <li>{@link ClosedChannelException} if the channel closes, or the peer ends its output, before there is a reply;
     *   <li>{@link IllegalStateException} if this handler is in no pipeline, or is removed before there is a reply;
     *   <li>what the write failed with, such as {@link io.netty.handler.codec.TooLongFrameException}.
     * </ul>
     *
     * @param request released in any case
     * @param timeoutMillis how long to wait for the reply, in milliseconds, from when the executor sends; at least 1
     * @return the reply, to be released by the caller
     * @throws IllegalArgumentException if the time is less
     */
    public Future<ByteBuf> call(ByteBuf request, long timeoutMillis) {
        Objects.requireNonNull(request, "request");
        if (timeoutMillis < 1) {
            request.release();
            throw new IllegalArgumentException("timeoutMillis: " + timeoutMillis + " (expected: > 0)");
        }
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            return failed(
                    ImmediateEventExecutor.INSTANCE,
                    request,
                    new IllegalStateException("this handler is in no pipeline yet"));
        }
        if (!calls.takePlace()) {
            return failed(
                    ctx.executor(), request, new RejectedExecutionException(maxPending + " calls are pending already"));
        }
        EventExecutor executor = ctx.executor();
        Promise<ByteBuf> promise = executor.newPromise();
        if (executor.inEventLoop()) {
            send(ctx, request, timeoutMillis, promise);
            return promise;
        }
        try {
            executor.execute(() -> send(ctx, request, timeoutMillis, promise));
            return promise;
        } catch (RejectedExecutionException e) {
            calls.returnPlace();
            return failed(ImmediateEventExecutor.INSTANCE, request, e); // the executor calls nobody any more
        }
    }

    /**
     * How many calls have neither a reply nor a failure yet.
     *
     * @return the number of calls
     */
    public int pending() {
        return calls.placesTaken();
    }

    /**
     * How many replies were dropped because nobody waited any more.
     *
     * @return the number of replies
     */
    public long lateReplies() {
        return late.sum();
    }

    /**
     * How many replies were dropped because there had been one.
     *
     * @return the number of replies
     */
    public long duplicateReplies() {
        return duplicate.sum();
    }

    /**
     * How many replies were dropped because no call is known that they belong to.
     *
     * @return the number of replies
     */
    public long unknownReplies() {
        return unknown.sum();
    }

    private static Future<ByteBuf> failed(EventExecutor executor, ByteBuf request, Exception cause) {
        request.release();
        return executor.newFailedFuture(cause);
    }

    private void send(ChannelHandlerContext ctx, ByteBuf request, long timeout, Promise<ByteBuf> promise) {
        if (over != null) {
            request.release();
            calls.returnPlace();
            promise.tryFailure(over);
            return;
        }
        if (promise.isDone()) { // cancelled meanwhile
            request.release();
            calls.returnPlace();
            return;
        }
        long id = calls.nextId();
        try {
            calls.add(
                    id, promise, ctx.executor().schedule(() -> timedOut(id, timeout), timeout, TimeUnit.MILLISECONDS));
        } catch (Throwable t) { // no memory, most likely
            request.release();
            calls.returnPlace();
            promise.tryFailure(t);
            return;
        }
        promise.addListener(done -> {
            if (done.isCancelled()) {
                calls.abandon(id, done.cause());
            }
        });
        ByteBuf message;
        try {
            message = CorrelationId.prepend(ctx.alloc(), id, request);
        } catch (Throwable t) { // no memory, most likely
            calls.abandon(id, t);
            return;
        }
        ctx.writeAndFlush(message).addListener(written -> {
            if (!written.isSuccess()) {
                calls.abandon(id, written.cause());
            }
        });
    }

    private void timedOut(long id, long timeout) {
        calls.abandon(id, new TimeoutException("no reply within " + timeout + " ms"));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        calls.join(ctx.channel());
        context = ctx;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        end(
                ctx.channel().isOpen()
                        ? new IllegalStateException("the handler was removed from its pipeline")
                        : new ClosedChannelException());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(new ClosedChannelException());
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            end(new ClosedChannelException());
        }
        ctx.fireUserEventTriggered(event);
    }

    private void end(Exception cause) {
        if (over == null) {
            over = cause;
            calls.abandonAll(cause);
        }
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
        switch (calls.answer(id, message.slice())) {
            case EXPECTED -> {}
            case LATE -> late.increment();
            case DUPLICATE -> duplicate.increment();
            case UNKNOWN -> unknown.increment();
        }
    }
}
