/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.npipe.testkit.CountingWin32;
import io.npipe.testkit.EchoHandler;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.testkit.PipeLab;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the kernel is asked in the steady state, counted at the seam. */
@Tag("any-jvm")
class KernelCallsTest {

    private static final int WARM_UP = 500;
    private static final int MESSAGES = 2000;

    private final CountingWin32 serverCalls = new CountingWin32(Kernels.win32());
    private final CountingWin32 clientCalls = new CountingWin32(Kernels.win32());
    private final PipeLab lab = new PipeLab(1, serverCalls, 1, clientCalls);

    @AfterEach
    void endLoops() {
        lab.close();
    }

    @ParameterizedTest
    @EnumSource
    void anEchoTakesOneWriteOneReadAndOneDequeueOnEachSide(PipeMode type) throws Exception {
        lab.server(EchoHandler::new)
                .option(NamedPipeChannelOption.PIPE_TYPE, type)
                .bind(lab.address())
                .sync();
        PingPong pingPong = new PingPong();
        lab.connect(pingPong);
        assertTrue(pingPong.done.await(HangLimit.SECONDS, TimeUnit.SECONDS));

        Map<Call, Long> server = pingPong.difference(pingPong.serverBefore, pingPong.serverAfter);
        Map<Call, Long> client = pingPong.difference(pingPong.clientBefore, pingPong.clientAfter);
        // With messages a write that ends inline has a packet all the same, which may take a dequeue of its own.
        int dequeues = type == PipeMode.BYTE ? 1 : 2;
        assertPerMessage(server, dequeues);
        assertPerMessage(client, dequeues);
    }

    private static void assertPerMessage(Map<Call, Long> calls, int dequeues) {
        Map<Call, Integer> allowed =
                Map.of(Call.WriteFile, 1, Call.ReadFile, 1, Call.GetQueuedCompletionStatusEx, dequeues);
        assertTrue(
                allowed.keySet().containsAll(calls.keySet()), () -> "calls beside read, write and dequeue: " + calls);
        allowed.forEach((call, most) -> {
            // One more where the window of the count cuts a message.
            assertTrue(
                    calls.get(call) <= most * MESSAGES + 1,
                    () -> call + ": " + calls + " for " + MESSAGES + " messages");
        });
    }

    @Test
    void smallFlushedBuffersShareOneWrite() throws Exception {
        lab.bind(EchoHandler::new);
        Channel client = lab.connect(new ChannelInboundHandlerAdapter());
        client.eventLoop().submit(() -> {}).sync();
        long before = clientCalls.count(Call.WriteFile);

        client.eventLoop()
                .submit(() -> {
                    for (int i = 0; i < 100; i++) {
                        client.write(Unpooled.wrappedBuffer(new byte[50]));
                    }
                    client.flush();
                })
                .sync();

        assertEquals(1, clientCalls.count(Call.WriteFile) - before);
    }

    /** But for the last turns on the way to sleep, which may come after the first count. */
    @Test
    void anIdleConnectionMakesNoCalls() throws Exception {
        lab.bind(EchoHandler::new);
        Channel client = lab.connect(new ChannelInboundHandlerAdapter());
        client.eventLoop().submit(() -> {}).sync();
        Map<Call, Long> before = clientCalls.counts();

        client.closeFuture().await(300);

        Map<Call, Long> after = clientCalls.counts();
        after.keySet()
                .forEach(call -> assertTrue(
                        after.get(call) - before.getOrDefault(call, 0L) <= 3, () -> call + " while idle: " + after));
    }

    /** Sends the next message when the last one has come back whole; counts between two messages. */
    private final class PingPong extends ChannelInboundHandlerAdapter {

        private static final int SIZE = 64;

        final CountDownLatch done = new CountDownLatch(1);
        volatile Map<Call, Long> serverBefore;
        volatile Map<Call, Long> clientBefore;
        volatile Map<Call, Long> serverAfter;
        volatile Map<Call, Long> clientAfter;
        private int messages;
        private int received;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.channel().config().setOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(1024));
            send(ctx);
        }

        private void send(ChannelHandlerContext ctx) {
            ByteBuf message = PooledByteBufAllocator.DEFAULT.directBuffer(SIZE).writeZero(SIZE);
            ctx.writeAndFlush(message, ctx.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf data = (ByteBuf) msg;
            received += data.readableBytes();
            data.release();
            if (received < SIZE) {
                return;
            }
            received = 0;
            messages++;
            if (messages == WARM_UP) {
                serverBefore = serverCalls.counts();
                clientBefore = clientCalls.counts();
            }
            if (messages == WARM_UP + MESSAGES) {
                serverAfter = serverCalls.counts();
                clientAfter = clientCalls.counts();
                done.countDown();
            } else {
                send(ctx);
            }
        }

        Map<Call, Long> difference(Map<Call, Long> before, Map<Call, Long> after) {
            Map<Call, Long> difference = new EnumMap<>(Call.class);
            after.forEach((call, count) -> {
                long since = count - before.getOrDefault(call, 0L);
                if (since != 0) {
                    difference.put(call, since);
                }
            });
            return difference;
        }
    }
}
