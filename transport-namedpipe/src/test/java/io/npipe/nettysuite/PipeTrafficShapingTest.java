/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.traffic.AbstractTrafficShapingHandler;
import io.netty.handler.traffic.ChannelTrafficShapingHandler;
import io.netty.handler.traffic.GlobalTrafficShapingHandler;
import io.netty.util.CharsetUtil;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code TrafficShapingHandlerTest} asks of sockets: Netty's traffic shaping holds writes and reads back, and loses nothing. */
class PipeTrafficShapingTest extends PipeSuiteTest {

    private static final int BYTES = 64 * 1024;
    private static final long BYTES_PER_SECOND = 128 * 1024;
    private static final long CHECK_MILLIS = 50;

    /** A quarter of a second less: the first check interval lets some through. */
    private static final long LEAST_MILLIS = BYTES * 1000L / BYTES_PER_SECOND - 250;

    @Override
    protected List<ByteBufAllocator> newAllocators() {
        return List.of(ByteBufAllocator.DEFAULT);
    }

    private enum Shaped {
        NOTHING,
        WRITES,
        READS,
        WRITES_OF_ALL,
        READS_OF_ALL
    }

    @ParameterizedTest
    @EnumSource
    void whatIsShapedIsSlowAndWhole(Shaped shaped, TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            long writes = shaped == Shaped.WRITES || shaped == Shaped.WRITES_OF_ALL ? BYTES_PER_SECOND : 0;
            long reads = shaped == Shaped.READS || shaped == Shaped.READS_OF_ALL ? BYTES_PER_SECOND : 0;
            boolean all = shaped == Shaped.WRITES_OF_ALL || shaped == Shaped.READS_OF_ALL;
            Channel server = sb.childHandler(new Echo()).bind().sync().channel();
            Received received = new Received();
            long begin = System.nanoTime();
            Channel client = cb.option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(1024))
                    .handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            AbstractTrafficShapingHandler shaper = all
                                    ? new GlobalTrafficShapingHandler(channel.eventLoop(), writes, reads, CHECK_MILLIS)
                                    : new ChannelTrafficShapingHandler(writes, reads, CHECK_MILLIS);
                            channel.pipeline().addLast(shaper, received);
                        }
                    })
                    .connect(server.localAddress())
                    .sync()
                    .channel();
            String text = "0123456789abcdef".repeat(BYTES / 16);
            for (int i = 0; i < BYTES; i += 1024) {
                client.write(Unpooled.copiedBuffer(text.substring(i, i + 1024), CharsetUtil.US_ASCII));
            }
            client.flush();
            assertEquals(text, received.await(BYTES));
            long millis = (System.nanoTime() - begin) / 1_000_000;
            assertTrue(shaped == Shaped.NOTHING || millis >= LEAST_MILLIS, () -> millis + " ms");
            client.close().sync();
            server.close().sync();
        });
    }

    /** The shaper of reads switches auto-read off and on; a handler that does so, too, gets what it asks for. */
    @Test
    void handlersThatSwitchAutoReadGetAll(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            Channel server = sb.childHandler(new Echo()).bind().sync().channel();
            Received received = new Received();
            Channel client = cb.handler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline()
                                    .addLast(
                                            new ChannelTrafficShapingHandler(0, BYTES_PER_SECOND, CHECK_MILLIS),
                                            received,
                                            new ChannelInboundHandlerAdapter());
                        }
                    })
                    .connect(server.localAddress())
                    .sync()
                    .channel();
            String text = "0123456789abcdef".repeat(BYTES / 16);
            client.writeAndFlush(Unpooled.copiedBuffer(text, CharsetUtil.US_ASCII));
            boolean on = false;
            for (int length = BYTES / 16; length <= BYTES; length += BYTES / 16) {
                client.config().setAutoRead(on);
                on = !on;
                client.config().setAutoRead(true);
                received.await(length);
            }
            assertEquals(text, received.await(BYTES));
            client.close().sync();
            server.close().sync();
        });
    }
}
