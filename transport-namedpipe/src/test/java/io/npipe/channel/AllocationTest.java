/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ResourceLeakDetector;
import io.npipe.testkit.EchoHandler;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.PipeLab;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The steady state leaves no garbage: counted in bytes that the loops' threads allocate. */
class AllocationTest {

    private static final int WARM_UP = 10_000;
    private static final int MESSAGES = 5_000;

    /** Of a loop's thread in {@link #MESSAGES} messages; what the JVM itself may allocate on it now and then. */
    private static final long TOLERATED_BYTES = 64 * 1024;

    @ParameterizedTest
    @EnumSource
    void anEchoAllocatesNothing(PipeMode type) throws Exception {
        ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // tracking allocates
        try (PipeLab lab = new PipeLab()) {
            lab.server(EchoHandler::new)
                    .option(NamedPipeChannelOption.PIPE_TYPE, type)
                    .bind(lab.address())
                    .sync();
            PingPong pingPong = new PingPong(lab);
            Channel client = lab.connect(pingPong);
            assertTrue(pingPong.done.await(HangLimit.SECONDS, TimeUnit.SECONDS));
            client.close().sync();

            assertTrue(
                    pingPong.clientBytes <= TOLERATED_BYTES,
                    () -> pingPong.clientBytes + " bytes by the client's loop in " + MESSAGES + " messages");
            assertTrue(
                    pingPong.serverBytes <= TOLERATED_BYTES,
                    () -> pingPong.serverBytes + " bytes by the server's loop in " + MESSAGES + " messages");
        } finally {
            ResourceLeakDetector.setLevel(level);
        }
    }

    /** Bounces one buffer: what comes back is sent again. */
    private static final class PingPong extends ChannelInboundHandlerAdapter {

        final CountDownLatch done = new CountDownLatch(1);
        volatile long clientBytes;
        volatile long serverBytes;
        private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final long serverThread;
        private int messages;
        private long clientBefore;
        private long serverBefore;

        PingPong(PipeLab lab) throws Exception {
            serverThread = lab.serverGroup()
                    .next()
                    .submit(() -> Thread.currentThread().getId())
                    .get();
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(ctx.alloc().directBuffer(64).writeZero(64), ctx.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            messages++;
            if (messages == WARM_UP) {
                clientBefore =
                        threads.getThreadAllocatedBytes(Thread.currentThread().getId());
                serverBefore = threads.getThreadAllocatedBytes(serverThread);
            }
            if (messages == WARM_UP + MESSAGES) {
                clientBytes =
                        threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - clientBefore;
                serverBytes = threads.getThreadAllocatedBytes(serverThread) - serverBefore;
                ReferenceCountUtil.release(msg);
                done.countDown();
            } else {
                ctx.writeAndFlush(msg, ctx.voidPromise());
            }
        }
    }
}
