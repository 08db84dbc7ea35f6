/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ResourceLeakDetector;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.SimulatedPipeLab;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many messages of random sizes: each whole, alone and in its turn. */
@Tag("any-jvm")
class ManyMessagesTest {

    private static final int SEED = 4711;

    private ResourceLeakDetector.Level levelBefore;

    /** Mostly small, now and then large, the same for the same seed. */
    private static int size(Random random) {
        return random.nextInt(100) == 0 ? random.nextInt(5000) : random.nextInt(50);
    }

    /** Of a message. */
    private static byte[] content(int message, int size) {
        byte[] content = new byte[size];
        for (int i = 0; i < size; i++) {
            content[i] = (byte) (message + i);
        }
        return content;
    }

    /** Writes as fast as the channel lets it, and closes. */
    private static final class Sender extends ChannelInboundHandlerAdapter {

        private final int count;
        private final Random sizes = new Random(SEED);
        private int sent;

        Sender(int count) {
            this.count = count;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            send(ctx);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            send(ctx);
        }

        private void send(ChannelHandlerContext ctx) {
            while (sent < count && ctx.channel().isWritable()) {
                int size = size(sizes);
                ByteBuf message = ctx.alloc().directBuffer(Math.max(1, size));
                ctx.write(message.writeBytes(content(sent, size)), ctx.voidPromise());
                sent++;
            }
            ctx.flush();
        }
    }

    private static final class Receiver extends ChannelInboundHandlerAdapter {

        private final Random sizes = new Random(SEED);
        private final CountDownLatch all;
        private int received;
        private String wrong;

        Receiver(int count) {
            all = new CountDownLatch(count);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf data = (ByteBuf) message;
            int size = size(sizes);
            if (!Arrays.equals(content(received, size), ByteBufUtil.getBytes(data)) && wrong == null) {
                wrong = "message " + received + " of " + size + " bytes is " + data;
            }
            data.release();
            received++;
            all.countDown();
        }
    }

    /** Only some are watched for leaks: a stack trace for each access of each would take most of the time. */
    @BeforeEach
    void watchSome() {
        levelBefore = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
    }

    @AfterEach
    void watchAsBefore() {
        ResourceLeakDetector.setLevel(levelBefore);
    }

    /** Fewer where the real kernel's turn is next. */
    @Test
    void aMillionInTheSimulation() {
        int count = Kernels.areSimulated() ? 1_000_000 : 100_000;
        Receiver receiver = new Receiver(count);
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.on(lab.serverGroup(), () -> lab.server(() -> receiver)
                    .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                    .bind(lab.address()));
            lab.settle();
            lab.on(lab.clientGroup(), () -> lab.client(new Sender(count)).connect(lab.address()));
            lab.settleUntil(() -> receiver.received == count);
            assertEquals(null, receiver.wrong);
            assertEquals(count, receiver.received);
        }
    }

    @Test
    void twentyThousandWithThreads() throws Exception {
        int count = 20_000;
        Receiver receiver = new Receiver(count);
        try (PipeLab lab = new PipeLab()) {
            lab.server(() -> receiver)
                    .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                    .bind(lab.address())
                    .sync();
            lab.connect(new Sender(count));
            receiver.all.await(HangLimit.SECONDS, TimeUnit.SECONDS);
        }
        assertEquals(null, receiver.wrong);
        assertEquals(count, receiver.received);
    }
}
