/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.PipeLab;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pipes that go one way, and ends that use one way of two. */
@Tag("any-jvm")
class OneWayTest {

    private final PipeLab lab = new PipeLab();
    private final Inbox atServer = new Inbox();
    private final Inbox atClient = new Inbox();

    @AfterEach
    void endLoops() {
        lab.close();
    }

    private ChannelFuture connect(PipeMode type, PipeDirection direction, PipeAccess access) {
        lab.server(() -> atServer)
                .option(NamedPipeChannelOption.PIPE_TYPE, type)
                .option(NamedPipeChannelOption.DIRECTION, direction)
                .bind(lab.address())
                .syncUninterruptibly();
        return lab.client(atClient)
                .option(NamedPipeChannelOption.ACCESS, access)
                .connect(lab.address())
                .awaitUninterruptibly();
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({
        "BYTE, CLIENT_TO_SERVER, WRITE",
        "BYTE, SERVER_TO_CLIENT, READ",
        "BYTE, DUPLEX, WRITE",
        "BYTE, DUPLEX, READ",
        "MESSAGE, CLIENT_TO_SERVER, WRITE",
        "MESSAGE, SERVER_TO_CLIENT, READ",
        "MESSAGE, DUPLEX, WRITE",
        "MESSAGE, DUPLEX, READ"
    })
    void whatGoesOneWayArrivesAndTheOtherWayIsRefused(PipeMode type, PipeDirection direction, PipeAccess access)
            throws Exception {
        Channel client = connect(type, direction, access).sync().channel();
        Channel child = atServer.awaitActive();
        boolean clientWrites = access == PipeAccess.WRITE;
        Channel writer = clientWrites ? client : child;
        Inbox reader = clientWrites ? atServer : atClient;

        writer.writeAndFlush(text("one")).sync();
        writer.writeAndFlush(text("two")).sync();
        assertEquals("onetwo", reader.awaitText(6));

        if (clientWrites ? direction != PipeDirection.DUPLEX : true) {
            ChannelFuture refused = (clientWrites ? child : client).writeAndFlush(text("back"));
            assertInstanceOf(
                    UnsupportedOperationException.class, refused.await().cause());
            assertTrue(refused.channel().isActive());
        }
        writer.close().sync();
        reader.awaitInactive();
        (clientWrites ? child : client).closeFuture().sync();
    }

    @ParameterizedTest
    @CsvSource({
        "CLIENT_TO_SERVER, READ_WRITE",
        "CLIENT_TO_SERVER, READ",
        "SERVER_TO_CLIENT, READ_WRITE",
        "SERVER_TO_CLIENT, WRITE"
    })
    void aMismatchIsNamed(PipeDirection direction, PipeAccess access) {
        Throwable refusal = connect(PipeMode.BYTE, direction, access).cause();
        assertInstanceOf(ConnectException.class, refusal);
        assertTrue(refusal.getMessage().contains("ACCESS " + access), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("one-way"), refusal.getMessage());
    }

    /** It hears of that by writing only. */
    @Test
    void anEndThatOnlyWritesClosesWhenAWriteFindsThePeerGone() throws Exception {
        Channel client = connect(PipeMode.BYTE, PipeDirection.CLIENT_TO_SERVER, PipeAccess.WRITE)
                .sync()
                .channel();
        atServer.awaitActive().close().sync();
        assertFalse(client.writeAndFlush(text("nobody reads this")).await().isSuccess());
        client.closeFuture().sync();
    }
}
