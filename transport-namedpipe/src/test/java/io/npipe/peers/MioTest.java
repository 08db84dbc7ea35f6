/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.PipeLab;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What mio tests of its pipes, asked of ours. */
@Tag("any-jvm")
class MioTest {

    private final PipeLab lab = new PipeLab(1, 2);

    @AfterEach
    void endLoops() {
        lab.close();
    }

    @Test
    void theServerAcceptsAClientThatCameBefore() throws Exception {
        Inbox served = new Inbox();
        Channel server = lab.server(() -> served)
                .option(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync()
                .channel();
        Channel client = lab.connect(new Inbox());
        client.writeAndFlush(Unpooled.copiedBuffer("early", StandardCharsets.US_ASCII))
                .sync();
        server.read();
        assertEquals("early", served.awaitText(5));
    }

    @Test
    void theServerAcceptsAClientThatComesAfter() throws Exception {
        Inbox served = new Inbox();
        Channel server = lab.server(() -> served)
                .option(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync()
                .channel();
        server.read();
        Channel client = lab.connect(new Inbox());
        client.writeAndFlush(Unpooled.copiedBuffer("late", StandardCharsets.US_ASCII))
                .sync();
        assertEquals("late", served.awaitText(4));
    }

    @Test
    void whatIsWrittenBeforeADropArrives() throws Exception {
        Inbox served = new Inbox();
        lab.bind(() -> served);
        Channel client = lab.connect(new Inbox());
        client.writeAndFlush(Unpooled.copiedBuffer("1234", StandardCharsets.US_ASCII));
        client.close();
        served.awaitInactive();
        String received = new String(served.received(), StandardCharsets.US_ASCII);
        assertEquals("1234", received);
        assertEquals(List.of(), served.failures());
    }

    @Test
    void aWriteLargerThanEveryBufferArrives() throws Exception {
        byte[] data = new byte[4 * 1024 * 1024 + 7];
        new Random(1).nextBytes(data);
        Inbox served = new Inbox();
        lab.bind(() -> served);
        ChannelFuture write = lab.connect(new Inbox()).writeAndFlush(Unpooled.wrappedBuffer(data));
        assertArrayEquals(data, served.awaitBytes(data.length));
        write.sync();
    }

    @Test
    void aClientCannotConnectWithoutAServer() throws Exception {
        assertInstanceOf(
                ConnectException.class,
                lab.client(new Inbox()).connect(lab.address()).await().cause());
    }
}
