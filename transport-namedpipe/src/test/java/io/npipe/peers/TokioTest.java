/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.npipe.testkit.EchoHandler;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.RawClient;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32Error;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What tokio tests of its pipes, asked of ours. */
@Tag("any-jvm")
class TokioTest {

    private final PipeLab lab = new PipeLab(1, 2);

    @AfterEach
    void endLoops() {
        lab.close();
    }

    @Test
    void aClientThatIsDroppedSurfaces() throws Exception {
        Inbox served = new Inbox();
        lab.bind(() -> served);
        Channel client = lab.connect(new Inbox());
        served.awaitActive();
        client.close().sync();
        served.awaitInactive();
        ChannelFuture write = served.awaitActive().writeAndFlush(Unpooled.copyInt(1));
        assertFalse(write.await().isSuccess());
    }

    @Test
    void aServerThatIsDroppedSurfaces() throws Exception {
        Inbox served = new Inbox();
        lab.bind(() -> served);
        Inbox inbox = new Inbox();
        lab.connect(inbox);
        served.awaitActive().close().sync();
        inbox.awaitInactive();
    }

    @Test
    void manyClientsAreServed() throws Exception {
        lab.bind(EchoHandler::new);
        List<Inbox> inboxes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Inbox inbox = new Inbox();
            inboxes.add(inbox);
            int number = i;
            lab.client(inbox).connect(lab.address()).addListener((ChannelFutureListener)
                    connected -> connected.channel().writeAndFlush(Unpooled.copyInt(number)));
        }
        for (int i = 0; i < 100; i++) {
            assertEquals(i, Unpooled.wrappedBuffer(inboxes.get(i).awaitBytes(4)).readInt());
        }
    }

    @Test
    void aClientMayReadOnly() throws Exception {
        lab.bind(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.writeAndFlush(Unpooled.copiedBuffer("for readers", StandardCharsets.US_ASCII));
            }
        });
        try (RawClient client = new RawClient(lab.address(), PipeConstants.GENERIC_READ)) {
            assertEquals("for readers", new String(client.read(11), StandardCharsets.US_ASCII));
            assertEquals(Win32Error.ERROR_ACCESS_DENIED, client.write(new byte[] {1}));
        }
    }

    @Test
    void aClientMayWriteOnly() throws Exception {
        Inbox served = new Inbox();
        lab.bind(() -> served);
        try (RawClient client = new RawClient(lab.address(), PipeConstants.GENERIC_WRITE)) {
            assertEquals(Win32Error.ERROR_SUCCESS, client.write("from a writer".getBytes(StandardCharsets.US_ASCII)));
            assertEquals("from a writer", served.awaitText(13));
            assertEquals(Win32Error.ERROR_ACCESS_DENIED, client.readCode());
        }
        served.awaitInactive();
    }
}
