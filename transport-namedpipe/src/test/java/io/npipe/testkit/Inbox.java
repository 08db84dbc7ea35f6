/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The last handler of a channel under test: keeps what arrives, for a test thread to wait for. */
public final class Inbox extends ChannelInboundHandlerAdapter {

    private final CountDownLatch active = new CountDownLatch(1);
    private final CountDownLatch inactive = new CountDownLatch(1);
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Integer> reads = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final List<Object> userEvents = new ArrayList<>();
    private int readCompletes;
    private volatile Channel channel;

    /** Empty. */
    public Inbox() {}

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        active.countDown();
        ctx.fireChannelActive();
    }

    @Override
    public synchronized void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
        ByteBuf data = (ByteBuf) msg;
        reads.add(data.readableBytes());
        data.readBytes(bytes, data.readableBytes());
        data.release();
        notifyAll();
    }

    @Override
    public synchronized void channelReadComplete(ChannelHandlerContext ctx) {
        readCompletes++;
        notifyAll();
    }

    @Override
    public synchronized void userEventTriggered(ChannelHandlerContext ctx, Object evt) {
        userEvents.add(evt);
        notifyAll();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        inactive.countDown();
        ctx.fireChannelInactive();
    }

    @Override
    public synchronized void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failures.add(cause);
        notifyAll();
    }

    /** Waits for the channel to become active. */
    public Channel awaitActive() throws InterruptedException {
        assertTrue(active.await(HangLimit.SECONDS, TimeUnit.SECONDS), "not active");
        return channel;
    }

    /** Waits for the channel to become inactive. */
    public void awaitInactive() throws InterruptedException {
        assertTrue(inactive.await(HangLimit.SECONDS, TimeUnit.SECONDS), "still active");
    }

    /** Whether the channel has become inactive. */
    public boolean isInactive() {
        return inactive.getCount() == 0;
    }

    /** Waits for that many bytes, and tells all that came. */
    public byte[] awaitBytes(int count) throws InterruptedException {
        await(inbox -> inbox.bytes.size() >= count, () -> "only " + bytes.size() + " of " + count + " bytes");
        return received();
    }

    /** Waits for text of that length. */
    public String awaitText(int length) throws InterruptedException {
        return new String(awaitBytes(length), StandardCharsets.UTF_8);
    }

    /** Waits until the condition, which is asked with the inbox locked, holds. */
    public synchronized void await(Predicate<Inbox> condition, java.util.function.Supplier<String> message)
            throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(HangLimit.SECONDS);
        while (!condition.test(this)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            assertTrue(left > 0, message);
            wait(left);
        }
    }

    /** All bytes so far. */
    public synchronized byte[] received() {
        return bytes.toByteArray();
    }

    /** The size of each read so far. */
    public synchronized List<Integer> reads() {
        return List.copyOf(reads);
    }

    /** How often channelReadComplete came. */
    public synchronized int readCompletes() {
        return readCompletes;
    }

    /** What exceptionCaught was told. */
    public synchronized List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /** What userEventTriggered was told. */
    public synchronized List<Object> userEvents() {
        return List.copyOf(userEvents);
    }
}
