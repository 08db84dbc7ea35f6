/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** What {@code ServerSocketSuspendTest} asks of sockets: a server that does not accept for a while. */
class PipeSuspendedAcceptTest extends PipeSuiteTest {

    private static final int CLIENTS = 10;

    @Test
    void clientsWaitWhileAcceptIsSuspended(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            CountDownLatch accepted = new CountDownLatch(CLIENTS);
            AtomicInteger early = new AtomicInteger();
            Channel server = sb.option(ChannelOption.SO_BACKLOG, 1)
                    .option(ChannelOption.AUTO_READ, false)
                    .childHandler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public boolean isSharable() {
                            return true;
                        }

                        @Override
                        public void channelActive(ChannelHandlerContext ctx) {
                            early.addAndGet(ctx.channel().parent().config().isAutoRead() ? 0 : 1);
                            accepted.countDown();
                        }
                    })
                    .bind()
                    .sync()
                    .channel();
            cb.handler(new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    // none of its own
                }
            });
            List<ChannelFuture> connects = new ArrayList<>();
            CountDownLatch connected = new CountDownLatch(1);
            for (int i = 0; i < CLIENTS; i++) {
                connects.add(cb.connect(server.localAddress()).addListener(done -> connected.countDown()));
            }
            connected.await();
            assertFalse(accepted.await(300, TimeUnit.MILLISECONDS));
            assertEquals(CLIENTS, accepted.getCount());
            assertEquals(CLIENTS - 1, connects.stream().filter(c -> !c.isDone()).count(), "one instance listened");

            server.config().setAutoRead(true);
            accepted.await();
            assertEquals(0, early.get());
            for (ChannelFuture connect : connects) {
                connect.sync().channel().close().sync();
            }
            cb.connect(server.localAddress()).sync().channel().close().sync();
            server.close().sync();
        });
    }
}
