/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.npipe.testkit.EchoHandler;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.PipeLab;
import java.io.EOFException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Clients that know nothing of us, against our server: the JDK's file classes, which open a pipe as a file. */
class JdkClientsTest {

    private static final int SIZE = 200_000;

    private final PipeLab lab = new PipeLab();
    private final byte[] data = new byte[SIZE];

    JdkClientsTest() {
        new Random(1).nextBytes(data);
    }

    @AfterEach
    void endLoops() {
        lab.close();
    }

    /** It reads or writes, never both at once: it opens the pipe for blocking calls, which Windows makes one by one. */
    @Test
    void aRandomAccessFileTalksToOurServer() throws Exception {
        lab.bind(EchoHandler::new);
        try (RandomAccessFile client = new RandomAccessFile(lab.address().path(), "rw")) {
            byte[] part = new byte[1000];
            for (int begin = 0; begin < SIZE; begin += part.length) {
                client.write(data, begin, part.length);
                client.readFully(part);
                assertArrayEquals(java.util.Arrays.copyOfRange(data, begin, begin + part.length), part);
            }
        }
    }

    @Test
    void aRandomAccessFileReadsToTheEnd() throws Exception {
        lab.bind(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.writeAndFlush(ctx.alloc().buffer().writeBytes(data)).addListener(ChannelFutureListener.CLOSE);
            }
        });
        try (RandomAccessFile client = new RandomAccessFile(lab.address().path(), "r")) {
            byte[] all = new byte[SIZE];
            client.readFully(all);
            assertArrayEquals(data, all);
            Assertions.assertThrows(EOFException.class, () -> client.readFully(new byte[1]));
        }
    }

    @Test
    void anAsynchronousFileChannelReadsAndWritesAtOnce() throws Exception {
        lab.bind(EchoHandler::new);
        try (AsynchronousFileChannel client = AsynchronousFileChannel.open(
                Path.of(lab.address().path()), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer received = ByteBuffer.allocateDirect(SIZE);
            ByteBuffer sent = ByteBuffer.wrap(data);
            while (received.hasRemaining()) {
                java.util.concurrent.Future<Integer> read = client.read(received, 0);
                if (sent.hasRemaining()) {
                    client.write(sent, 0).get();
                }
                read.get();
            }
            byte[] all = new byte[SIZE];
            received.flip().get(all);
            assertArrayEquals(data, all);
        }
    }

    @Test
    void aFileThatIsClosedIsAnEnd() throws Exception {
        Inbox inbox = new Inbox();
        lab.bind(() -> inbox);
        try (RandomAccessFile client = new RandomAccessFile(lab.address().path(), "rw")) {
            client.write("last words".getBytes(StandardCharsets.US_ASCII));
        }
        inbox.awaitInactive();
        assertEquals("last words", new String(inbox.received(), StandardCharsets.US_ASCII));
    }
}
