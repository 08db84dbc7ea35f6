/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;

/**
 * One client: sends its blocks, either each after the last one's return or as fast as the channel takes them, and
 * compares what comes back by digest.
 */
final class EchoClientHandler extends ChannelInboundHandlerAdapter {

    /** What was measured. */
    record Result(long bytes, String sentDigest, String receivedDigest, Histogram roundTripNanos) {}

    /** A block under way: the offset of its end, and when it was sent. */
    private record Mark(long end, long sentNanos) {}

    private final Workload.Source source;
    private final boolean oneAtATime;
    private final Progress progress;
    private final CompletableFuture<Result> result = new CompletableFuture<>();
    private final Digest sentDigest = new Digest();
    private final Digest receivedDigest = new Digest();
    private final Histogram roundTripNanos = new Histogram(2);
    private final Queue<Mark> underWay = new ArrayDeque<>();
    private long sent;
    private boolean allSent;
    private long received;

    EchoClientHandler(Workload.Source source, boolean oneAtATime, Progress progress) {
        this.source = source;
        this.oneAtATime = oneAtATime;
        this.progress = progress;
    }

    CompletableFuture<Result> result() {
        return result;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws IOException {
        sendOrFinish(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws IOException {
        sendOrFinish(ctx);
    }

    private void sendOrFinish(ChannelHandlerContext ctx) throws IOException {
        while (!allSent && ctx.channel().isWritable() && (!oneAtATime || underWay.isEmpty())) {
            ByteBuf block = source.next(ctx.alloc());
            if (block == null) {
                allSent = true;
                break;
            }
            sentDigest.update(block);
            sent += block.readableBytes();
            underWay.add(new Mark(sent, System.nanoTime()));
            ctx.writeAndFlush(block, ctx.voidPromise());
        }
        if (allSent && received >= sent && !result.isDone()) {
            result.complete(new Result(received, sentDigest.value(), receivedDigest.value(), roundTripNanos));
            ctx.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) throws IOException {
        ByteBuf data = (ByteBuf) msg;
        try {
            receivedDigest.update(data);
            received += data.readableBytes();
            progress.add(data.readableBytes());
        } finally {
            data.release();
        }
        long now = System.nanoTime();
        while (!underWay.isEmpty() && underWay.peek().end() <= received) {
            roundTripNanos.recordValue(now - underWay.remove().sentNanos());
        }
        sendOrFinish(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        result.completeExceptionally(new EOFException(
                "the server closed the pipe after " + received + " of " + sent + " bytes had come back"));
    }

    /** At the end of a channel, also of one that never became active. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) throws IOException {
        source.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        result.completeExceptionally(cause);
        ctx.close();
    }
}
