/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.npipe.channel.NamedPipeChannelOption;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** What {@code SocketConnectionAttemptTest} asks of sockets: a timeout, a refusal, a cancellation. */
class PipeConnectionAttemptTest extends PipeSuiteTest {

    private static final class NeverActive extends ChannelInboundHandlerAdapter {

        private volatile boolean active;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            active = true;
        }
    }

    /** A server whose only instance is taken. */
    private static Channel busy(ServerBootstrap sb, Bootstrap cb) throws InterruptedException {
        Channel server = sb.option(NamedPipeChannelOption.LISTENING_INSTANCES, 1)
                .option(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInboundHandlerAdapter())
                .bind()
                .sync()
                .channel();
        cb.clone()
                .handler(new ChannelInboundHandlerAdapter())
                .connect(server.localAddress())
                .sync();
        return server;
    }

    @Test
    void aBusyPipeTimesOut(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            Channel server = busy(sb, cb);
            NeverActive handler = new NeverActive();
            ChannelFuture connect = cb.handler(handler)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 300)
                    .connect(server.localAddress());
            assertInstanceOf(ConnectTimeoutException.class, connect.await().cause());
            connect.channel().closeFuture().sync();
            assertFalse(handler.active);
            server.close().sync();
        });
    }

    @Test
    void aPipeThatDoesNotExistRefuses(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            for (boolean halfClosure : new boolean[] {false, true}) {
                NeverActive handler = new NeverActive();
                ChannelFuture connect = cb.clone()
                        .handler(handler)
                        .option(ChannelOption.ALLOW_HALF_CLOSURE, halfClosure)
                        .connect(newSocketAddress());
                assertInstanceOf(ConnectException.class, connect.await().cause());
                connect.channel().closeFuture().sync();
                assertFalse(handler.active);
            }
        });
    }

    @Test
    void aCancelledAttemptCloses(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            Channel server = busy(sb, cb);
            NeverActive handler = new NeverActive();
            ChannelFuture connect = cb.handler(handler).connect(server.localAddress());
            assertFalse(connect.await(100));
            assertTrue(connect.cancel(true));
            connect.channel().closeFuture().sync();
            assertTrue(connect.isCancelled());
            assertFalse(handler.active);
            server.close().sync();
        });
    }
}
