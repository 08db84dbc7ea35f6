/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.PipeLab;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that write blocks of random sizes and end in random ways, against a server that stops reading and hangs up at
 * random. On a real kernel the seed fixes what is tried, not the order in which it happens.
 *
 * <p>What must hold: what arrives is a beginning of what was written; and all of it whose promise succeeded arrives,
 * unless the receiver hung up itself.
 */
@Tag("any-jvm")
class RandomConversationTest {

    private static final int CLIENTS = 12;

    private final Map<Integer, CompletableFuture<Receiver>> receivers = new ConcurrentHashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whatSucceededArrivesInOrder(long seed) throws Exception {
        Random random = new Random(seed);
        List<Sender> senders = new ArrayList<>();
        try (PipeLab lab = new PipeLab(2, 2)) {
            lab.bind(() -> new Receiver(seed));
            for (int id = 0; id < CLIENTS; id++) {
                Sender sender = new Sender(id, random.nextLong());
                senders.add(sender);
                lab.client(sender).connect(lab.address());
            }
            for (Sender sender : senders) {
                assertTrue(
                        sender.ended.await(HangLimit.SECONDS, TimeUnit.SECONDS),
                        () -> "client " + sender.id + " hangs");
            }
            for (Sender sender : senders) {
                check(sender);
            }
        }
    }

    private void check(Sender sender) throws Exception {
        for (ChannelFuture write : sender.writes) {
            assertTrue(write.isDone(), () -> "client " + sender.id + ": a write's promise is not done");
        }
        if (sender.succeeded == 0) {
            return; // perhaps not even its number arrived
        }
        Receiver receiver = receiver(sender.id).get(HangLimit.SECONDS, TimeUnit.SECONDS);
        assertTrue(
                receiver.ended.await(HangLimit.SECONDS, TimeUnit.SECONDS),
                () -> "the server's end of " + sender.id + " hangs");
        assertEquals(-1, receiver.firstWrong, () -> "client " + sender.id);
        if (!receiver.hungUp) {
            assertTrue(
                    receiver.received >= sender.succeeded,
                    () -> "client " + sender.id + ": " + receiver.received + " of " + sender.succeeded);
        }
    }

    /** The server's end for a client, once the client's number has arrived. */
    private CompletableFuture<Receiver> receiver(int id) {
        return receivers.computeIfAbsent(id, unused -> new CompletableFuture<>());
    }

    /** The byte of a client at a position; the first tells which client it is. */
    private static byte byteAt(int id, long position) {
        return (byte) (position == 0 ? id : id * 31L + position * 7 + (position >> 8));
    }

    private static final class Sender extends ChannelInboundHandlerAdapter {

        final int id;
        final CountDownLatch ended = new CountDownLatch(1);
        final List<ChannelFuture> writes = new ArrayList<>();
        long succeeded; // read after ended
        private final Random random;
        private int blocksLeft;
        private long position;

        Sender(int id, long seed) {
            this.id = id;
            random = new Random(seed);
            blocksLeft = 1 + random.nextInt(30);
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
            while (ctx.channel().isWritable() && blocksLeft > 0) {
                blocksLeft--;
                int size = random.nextBoolean() ? 1 + random.nextInt(200) : 1 + random.nextInt(90_000);
                ChannelFuture write =
                        random.nextInt(4) == 0 ? ctx.write(block(ctx, size)) : ctx.writeAndFlush(block(ctx, size));
                writes.add(write.addListener(done -> succeeded += done.isSuccess() ? size : 0));
                if (random.nextInt(60) == 0) {
                    end(ctx.channel());
                    return;
                }
            }
            ctx.flush(); // what was written only; else it would wait for itself
            if (blocksLeft == 0) {
                blocksLeft = -1;
                ctx.writeAndFlush(block(ctx, 1)).addListener(done -> end(ctx.channel()));
            }
        }

        private ByteBuf block(ChannelHandlerContext ctx, int size) {
            ByteBuf block = random.nextBoolean()
                    ? ctx.alloc().directBuffer(size)
                    : ctx.alloc().heapBuffer(size);
            byte[] content = new byte[size]; // written at once: the leak detector takes a stack trace at each access
            for (int i = 0; i < size; i++) {
                content[i] = byteAt(id, position++);
            }
            return block.writeBytes(content);
        }

        private void end(Channel channel) {
            switch (random.nextInt(3)) {
                case 0 -> channel.eventLoop().schedule(() -> channel.close(), 1, TimeUnit.MILLISECONDS);
                case 1 -> channel.disconnect();
                default -> channel.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            ctx.channel().eventLoop().execute(ended::countDown); // after the promises
        }
    }

    private final class Receiver extends ChannelInboundHandlerAdapter {

        final CountDownLatch ended = new CountDownLatch(1);
        long received; // these three are read after ended
        long firstWrong = -1;
        boolean hungUp;
        private final Random random;
        private int id = -1;

        Receiver(long seed) {
            random = new Random(seed ^ System.identityHashCode(this));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf data = (ByteBuf) msg;
            byte[] bytes = new byte[data.readableBytes()];
            data.readBytes(bytes).release();
            if (id < 0) {
                id = bytes[0];
                receiver(id).complete(this);
            }
            for (byte value : bytes) {
                if (value != byteAt(id, received) && firstWrong < 0) {
                    firstWrong = received;
                }
                received++;
            }
            if (random.nextInt(20) == 0) {
                ctx.channel().config().setAutoRead(false);
                ctx.executor()
                        .schedule(
                                () -> ctx.channel().config().setAutoRead(true),
                                random.nextInt(5),
                                TimeUnit.MILLISECONDS);
            }
            if (random.nextInt(300) == 0) {
                hungUp = true;
                if (random.nextBoolean()) {
                    ctx.close();
                } else {
                    ctx.channel().unsafe().closeForcibly();
                    ctx.close();
                }
            }
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.channel().closeFuture().addListener(closed -> ended.countDown());
        }
    }
}
