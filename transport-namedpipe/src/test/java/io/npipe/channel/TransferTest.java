/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.npipe.testkit.EchoHandler;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.PipeLab;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading and writing: every kind of buffer, back-pressure, auto-read. */
@Tag("any-jvm")
class TransferTest {

    private final PipeLab lab = new PipeLab();
    private final Random random = new Random(42);

    @AfterEach
    void endLoops() {
        lab.close();
    }

    private byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void buffersOfEverySizeAndKindComeBackUnchanged() throws Exception {
        lab.bind(EchoHandler::new);
        Inbox inbox = new Inbox();
        Channel client = lab.connect(inbox);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        int[] sizes = {1, 2, 511, 512, 4095, 4096, 4097, 16_383, 16_384, 65_535, 65_536, 65_537, 262_145, 1_000_000};
        for (int size : sizes) {
            byte[] bytes = randomBytes(size);
            for (ByteBuf buffer : kinds(bytes)) {
                expected.writeBytes(bytes);
                client.write(buffer);
            }
            client.write(Unpooled.EMPTY_BUFFER);
        }
        client.flush();

        assertArrayEquals(expected.toByteArray(), inbox.awaitBytes(expected.size()));
    }

    private static List<ByteBuf> kinds(byte[] bytes) {
        int half = bytes.length / 2;
        CompositeByteBuf composite = Unpooled.compositeBuffer()
                .addComponent(true, Unpooled.wrappedBuffer(bytes, 0, half))
                .addComponent(true, Unpooled.directBuffer(bytes.length).writeBytes(bytes, half, bytes.length - half));
        CompositeByteBuf direct = Unpooled.compositeBuffer()
                .addComponent(true, Unpooled.directBuffer(bytes.length).writeBytes(bytes, 0, half))
                .addComponent(true, Unpooled.directBuffer(bytes.length).writeBytes(bytes, half, bytes.length - half));
        ByteBuf padded = Unpooled.directBuffer(bytes.length + 3).writeZero(3).writeBytes(bytes);
        padded.skipBytes(3);
        return List.of(
                Unpooled.wrappedBuffer(bytes),
                Unpooled.directBuffer(bytes.length).writeBytes(bytes),
                PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes),
                PooledByteBufAllocator.DEFAULT
                        .heapBuffer(bytes.length)
                        .writeBytes(bytes)
                        .asReadOnly(),
                padded,
                composite,
                direct);
    }

    @Test
    void promisesSucceedInOrder() throws Exception {
        lab.bind(EchoHandler::new);
        Channel client = lab.connect(new Inbox());
        AtomicInteger next = new AtomicInteger();
        List<ChannelFuture> writes = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            int index = i;
            ChannelFuture write = client.write(Unpooled.wrappedBuffer(randomBytes(1 + random.nextInt(3000))));
            writes.add(write.addListener(done -> assertEquals(index, next.getAndIncrement())));
            if (random.nextInt(10) == 0) {
                client.flush();
            }
        }
        client.flush();
        for (ChannelFuture write : writes) {
            write.sync();
        }
        client.eventLoop().submit(() -> assertEquals(1000, next.get())).sync();
    }

    @Test
    void aPromiseOfACopiedWriteMayWriteMore() throws Exception {
        Inbox accepted = new Inbox();
        lab.server(() -> accepted)
                .childOption(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync();
        Channel client = lab.connect(new Inbox());
        Channel child = accepted.awaitActive();
        byte[] first = randomBytes(200_000); // pends, so that the small ones are written together
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(first);
        ChannelFuture firstWrite = client.write(Unpooled.wrappedBuffer(first));
        for (int i = 0; i < 4; i++) {
            byte[] small = randomBytes(15_000);
            expected.writeBytes(small);
            client.write(Unpooled.wrappedBuffer(small))
                    .addListener(done -> client.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1})));
        }
        client.flush();
        expected.writeBytes(new byte[] {1, 1, 1, 1});
        for (int reads = 1; !firstWrite.isDone(); reads++) {
            int expectedReads = reads;
            child.read();
            accepted.await(inbox -> inbox.readCompletes() == expectedReads, () -> "no readComplete");
            client.eventLoop().submit(() -> {}).sync(); // what the read set free has been dealt with
        }
        client.eventLoop().submit(() -> {}).sync(); // the small ones are under way, beyond what is left of the quota

        child.config().setAutoRead(true);

        assertArrayEquals(expected.toByteArray(), accepted.awaitBytes(expected.size()));
        client.close().sync();
        accepted.awaitInactive();
        assertEquals(expected.size(), accepted.received().length);
    }

    @Test
    void tenMegabytesToAPeerThatDoesNotReadKeepToTheWatermarks() throws Exception {
        Inbox accepted = new Inbox();
        lab.server(() -> accepted)
                .childOption(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync();
        byte[] block = randomBytes(100_000);
        int blocks = 105;
        AtomicInteger sent = new AtomicInteger();
        ChannelInboundHandlerAdapter sender = new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                fill(ctx);
            }

            @Override
            public void channelWritabilityChanged(ChannelHandlerContext ctx) {
                fill(ctx);
            }

            private void fill(ChannelHandlerContext ctx) {
                while (ctx.channel().isWritable() && sent.get() < blocks) {
                    sent.incrementAndGet();
                    ctx.writeAndFlush(Unpooled.wrappedBuffer(block));
                }
            }
        };
        long directBefore = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
        Channel client = lab.client(sender)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(64 * 1024, 256 * 1024))
                .connect(lab.address())
                .sync()
                .channel();
        Channel child = accepted.awaitActive();
        client.eventLoop().submit(() -> {}).sync();

        assertFalse(client.isWritable());
        assertTrue(sent.get() <= 5, () -> sent + " blocks accepted, beyond the high watermark and the quota");
        long directUsed = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() - directBefore;
        assertTrue(directUsed < 32 * 1024 * 1024, () -> directUsed + " bytes of direct memory");
        assertEquals(0, accepted.received().length);

        child.config().setAutoRead(true);

        byte[] received = accepted.awaitBytes(blocks * block.length);
        assertEquals(blocks * block.length, received.length);
        for (int i = 0; i < received.length; i++) {
            if (received[i] != block[i % block.length]) {
                throw new AssertionError("wrong at " + i);
            }
        }
    }

    @Test
    void oneBufferOfTenMegabytesIsWrittenInParts() throws Exception {
        lab.bind(EchoHandler::new);
        Inbox inbox = new Inbox();
        Channel client = lab.connect(inbox);
        byte[] bytes = randomBytes(10 * 1024 * 1024);

        client.writeAndFlush(Unpooled.directBuffer(bytes.length).writeBytes(bytes));

        assertArrayEquals(bytes, inbox.awaitBytes(bytes.length));
    }

    @Test
    void fileRegionsAreCopiedThrough(@TempDir Path folder) throws Exception {
        lab.bind(EchoHandler::new);
        Inbox inbox = new Inbox();
        Channel client = lab.connect(inbox);
        byte[] bytes = randomBytes(1_234_567);
        Path file = Files.write(folder.resolve("data"), bytes);

        client.write(Unpooled.wrappedBuffer(new byte[] {1, 2, 3}));
        client.write(new DefaultFileRegion(file.toFile(), 0, 0));
        ChannelFuture region = client.write(new DefaultFileRegion(file.toFile(), 67, bytes.length - 67));
        client.write(Unpooled.wrappedBuffer(new byte[] {4}));
        client.flush();

        byte[] received = inbox.awaitBytes(bytes.length - 67 + 4);
        region.sync();
        assertEquals(1, received[0]);
        assertEquals(4, received[received.length - 1]);
        byte[] middle = new byte[bytes.length - 67];
        System.arraycopy(received, 3, middle, 0, middle.length);
        byte[] expected = new byte[bytes.length - 67];
        System.arraycopy(bytes, 67, expected, 0, expected.length);
        assertArrayEquals(expected, middle);
    }

    @Test
    void aFileRegionThatEndsEarlyFailsItsPromise(@TempDir Path folder) throws Exception {
        lab.bind(EchoHandler::new);
        Channel client = lab.connect(new Inbox());
        Path file = Files.write(folder.resolve("short"), new byte[100]);

        ChannelFuture write = client.writeAndFlush(new DefaultFileRegion(file.toFile(), 0, 200))
                .await();

        assertInstanceOf(IOException.class, write.cause());
    }

    @Test
    void otherMessagesAreRefused() throws Exception {
        lab.bind(EchoHandler::new);
        Channel client = lab.connect(new Inbox());

        Throwable refused = client.writeAndFlush("text").await().cause();
        assertInstanceOf(UnsupportedOperationException.class, refused);
        assertTrue(refused.getMessage().contains("String"), refused.getMessage());
        assertTrue(client.isActive());
    }

    @Test
    void withoutAutoReadOneReadBringsOneBuffer() throws Exception {
        Inbox accepted = new Inbox();
        lab.server(() -> accepted)
                .childOption(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync();
        Channel client = lab.connect(new Inbox());
        Channel child = accepted.awaitActive();
        client.writeAndFlush(Unpooled.wrappedBuffer(randomBytes(40_000))).sync();
        child.eventLoop().submit(() -> {}).sync();
        assertEquals(List.of(), accepted.reads());

        int reads = 0;
        while (accepted.received().length < 40_000) {
            child.read();
            int expected = ++reads;
            accepted.await(inbox -> inbox.readCompletes() == expected, () -> "no readComplete");
            assertEquals(reads, accepted.reads().size());
        }
    }

    @Test
    void aReadBeforeTheConnectionIsServedAfterIt() throws Exception {
        lab.bind(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {7}));
            }
        });
        Inbox inbox = new Inbox();
        Channel client = lab.client(inbox)
                .option(ChannelOption.AUTO_READ, false)
                .register()
                .sync()
                .channel();
        client.read();
        client.connect(lab.address()).sync();

        assertEquals(7, inbox.awaitBytes(1)[0]);
    }

    @Test
    void whatArrivesAfterAutoReadWasSwitchedOffWaits() throws Exception {
        Inbox accepted = new Inbox();
        lab.bind(() -> accepted);
        Channel client = lab.connect(new Inbox());
        Channel child = accepted.awaitActive();
        child.eventLoop().submit(() -> {}).sync(); // its read is under way
        child.config().setAutoRead(false);
        child.eventLoop().submit(() -> {}).sync();

        client.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1, 2, 3})).sync();
        client.close().sync();
        child.eventLoop()
                .schedule(() -> {}, 50, java.util.concurrent.TimeUnit.MILLISECONDS)
                .sync();
        assertEquals(0, accepted.received().length);
        assertFalse(accepted.isInactive());

        child.config().setAutoRead(true);
        assertArrayEquals(new byte[] {1, 2, 3}, accepted.awaitBytes(3));
        accepted.awaitInactive();
    }

    @Test
    void shutdownInputStopsReadingAndSaysSo() throws Exception {
        Inbox accepted = new Inbox();
        lab.bind(() -> accepted);
        Channel client = lab.connect(new Inbox());
        DuplexChannel child = (DuplexChannel) accepted.awaitActive();

        child.shutdownInput().sync();

        assertTrue(child.isInputShutdown());
        assertFalse(child.isOutputShutdown());
        assertEquals(List.of(ChannelInputShutdownEvent.INSTANCE), accepted.userEvents());
        client.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1})).sync();
        child.eventLoop()
                .schedule(() -> {}, 20, java.util.concurrent.TimeUnit.MILLISECONDS)
                .sync();
        assertEquals(0, accepted.received().length);
    }

    @Test
    void shutdownOutputFailsWithAReason() throws Exception {
        lab.bind(EchoHandler::new);
        DuplexChannel client = (DuplexChannel) lab.connect(new Inbox());

        Throwable refused = client.shutdownOutput().await().cause();
        assertInstanceOf(UnsupportedOperationException.class, refused);
        assertTrue(refused.getMessage().contains("half-close"), refused.getMessage());
        assertInstanceOf(
                UnsupportedOperationException.class, client.shutdown().await().cause());
        assertTrue(client.isActive());
    }
}
