/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.testkit.EchoHandler;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.PipeLab;
import java.net.ConnectException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Kestrel tests of its pipes, asked of ours. */
@Tag("any-jvm")
class KestrelTest {

    private final PipeLab lab = new PipeLab(1, 2);

    @AfterEach
    void endLoops() {
        lab.close();
    }

    @Test
    void unbindingDuringAnAcceptEndsIt() throws Exception {
        for (int i = 0; i < 50; i++) {
            Channel server = lab.server(EchoHandler::new)
                    .bind(PipeLab.freshAddress())
                    .sync()
                    .channel();
            ChannelFuture connect = lab.client(new Inbox()).connect(server.localAddress());
            server.close().sync();
            if (connect.await().isSuccess()) { // accepted, or closed by the server unseen
                connect.channel().close().sync();
            } else {
                assertInstanceOf(ConnectException.class, connect.cause());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16})
    void thousandsOfParallelConnections(int instances) throws Exception {
        int connections = 2500;
        int atOnce = 10;
        lab.server(EchoHandler::new)
                .option(NamedPipeChannelOption.LISTENING_INSTANCES, instances)
                .bind(lab.address())
                .sync();
        Semaphore free = new Semaphore(atOnce);
        AtomicInteger echoed = new AtomicInteger();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < connections; i++) {
            free.acquire();
            ChannelFuture connect = lab.client(new OneEcho(i, echoed, failures)).connect(lab.address());
            connect.addListener(connected -> {
                if (!connected.isSuccess()) {
                    failures.add(connected.cause());
                }
            });
            connect.channel().closeFuture().addListener(closed -> free.release());
        }
        free.acquire(atOnce);
        assertEquals(List.of(), List.copyOf(failures));
        assertEquals(connections, echoed.get());
    }

    /** Sends a number, waits for it, and closes. */
    private static final class OneEcho extends ChannelInboundHandlerAdapter {

        private final int number;
        private final AtomicInteger echoed;
        private final Queue<Throwable> failures;

        OneEcho(int number, AtomicInteger echoed, Queue<Throwable> failures) {
            this.number = number;
            this.echoed = echoed;
            this.failures = failures;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(Unpooled.copyInt(number), ctx.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf data = (ByteBuf) message;
            echoed.addAndGet(data.readInt() == number ? 1 : 0);
            data.release();
            ctx.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            failures.add(cause);
        }
    }

    /** One more client than the backlog waits, and is served when there is room. */
    @Test
    void theBacklogLimitsWhoIsConnectedUnaccepted() throws Exception {
        Channel server = lab.server(EchoHandler::new)
                .option(NamedPipeChannelOption.LISTENING_INSTANCES, 16)
                .option(ChannelOption.SO_BACKLOG, 3)
                .option(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync()
                .channel();
        for (int i = 0; i < 3; i++) {
            lab.connect(new Inbox());
        }
        ChannelFuture fourth = lab.client(new Inbox()).connect(lab.address());
        assertFalse(fourth.await(100));
        server.read();
        fourth.sync();
    }
}
