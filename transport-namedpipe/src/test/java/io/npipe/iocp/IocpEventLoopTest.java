/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.testsuite.transport.AbstractSingleThreadEventLoopTest;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeServerChannel;
import io.npipe.testkit.HangLimit;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Netty's own test of event loops, on ours. */
class IocpEventLoopTest extends AbstractSingleThreadEventLoopTest {

    @Override
    protected EventLoopGroup newEventLoopGroup() {
        return new MultiThreadIoEventLoopGroup(IocpIoHandler.newFactory());
    }

    @Override
    protected EventLoopGroup newAutoScalingEventLoopGroup() {
        return new MultiThreadIoEventLoopGroup(
                SCALING_MAX_THREADS,
                new ThreadPerTaskExecutor(new DefaultThreadFactory(IocpEventLoopTest.class)),
                AUTO_SCALING_CHOOSER_FACTORY,
                IocpIoHandler.newFactory());
    }

    @Override
    protected ServerChannel newChannel() {
        return new NamedPipeServerChannel();
    }

    @Override
    protected Class<? extends ServerChannel> serverChannelClass() {
        return NamedPipeServerChannel.class;
    }

    /** As in Netty, which waits for 200 ms. */
    @Test
    @Override
    public void shutdownBeforeStart() throws Exception {
        EventLoopGroup group = newEventLoopGroup();
        assertFalse(group.awaitTermination(2, TimeUnit.MILLISECONDS));
        shutdownNow(group);
        assertTrue(group.awaitTermination(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    @SuppressWarnings("deprecation") // it is what Netty's test is about
    private static void shutdownNow(EventLoopGroup group) {
        group.shutdown();
    }

    /** As in Netty, which waits for 200 ms. */
    @Test
    @Override
    public void shutdownGracefullyZeroQuietBeforeStart() throws Exception {
        assertTrue(
                newEventLoopGroup().shutdownGracefully(0, 1, TimeUnit.DAYS).await(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    /** As in Netty, which waits for 500 ms. */
    @Test
    @Override
    public void shutdownGracefullyBeforeStart() throws Exception {
        assertTrue(newEventLoopGroup()
                .shutdownGracefully(200, TimeUnit.DAYS.toMillis(1), TimeUnit.MILLISECONDS)
                .await(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    /** As in Netty, which waits for 500 ms. */
    @Test
    @Override
    public void gracefulShutdownAfterStart() throws Exception {
        EventLoop loop = newEventLoopGroup().next();
        loop.submit(() -> {}).sync();

        loop.shutdownGracefully(200, TimeUnit.DAYS.toMillis(1), TimeUnit.MILLISECONDS);

        assertTrue(loop.awaitTermination(HangLimit.SECONDS, TimeUnit.SECONDS));
        assertTrue(loop.isShutdown());
        assertThrows(RejectedExecutionException.class, () -> loop.execute(() -> {}));
    }

    /** As in Netty, which binds to port 0 here: a pipe is bound to a fresh name instead. */
    @Test
    @Override
    public void testShutdownGracefullyNoQuietPeriod() throws Exception {
        EventLoopGroup loop = newEventLoopGroup();
        Channel server = new ServerBootstrap()
                .group(loop)
                .channel(serverChannelClass())
                .childHandler(new ChannelInboundHandlerAdapter())
                .bind(NamedPipeAddress.of("npipe-shutdown-" + System.nanoTime()))
                .sync()
                .channel();

        // Not closed, and still the loop must end before the time that it was given.
        Future<?> shutdown = loop.shutdownGracefully(0, 1, TimeUnit.DAYS);
        assertTrue(loop.awaitTermination(HangLimit.SECONDS, TimeUnit.SECONDS));
        assertTrue(shutdown.syncUninterruptibly().isSuccess());
        assertTrue(loop.isShutdown());
        assertTrue(loop.isTerminated());
        assertTrue(server.closeFuture().isDone());
    }
}
