/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.testkit.EchoHandler;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.PipeLab;
import java.net.BindException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What go-winio tests of its pipes, asked of ours. */
@Tag("any-jvm")
class GoWinioTest {

    private final PipeLab lab = new PipeLab(1, 2);

    @AfterEach
    void endLoops() {
        lab.close();
    }

    private Channel bindBusy() {
        Channel server = lab.server(Inbox::new)
                .option(NamedPipeChannelOption.LISTENING_INSTANCES, 1)
                .option(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .syncUninterruptibly()
                .channel();
        lab.connect(new Inbox());
        return server;
    }

    @Test
    void aDialTimesOut() throws Exception {
        bindBusy();
        ChannelFuture dial = lab.client(new Inbox())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 200)
                .connect(lab.address());
        assertInstanceOf(ConnectTimeoutException.class, dial.await().cause());
    }

    @Test
    void aDialIsCancelled() throws Exception {
        bindBusy();
        ChannelFuture dial = lab.client(new Inbox()).connect(lab.address());
        assertFalse(dial.await(50));
        assertTrue(dial.cancel(false));
        dial.channel().closeFuture().sync();
    }

    @Test
    void aDialToNoServerFailsAtOnce() throws Exception {
        ChannelFuture dial = lab.client(new Inbox()).connect(lab.address());
        assertInstanceOf(ConnectException.class, dial.await().cause());
    }

    @Test
    void closeAbortsTheAccept() throws Exception {
        Channel server = lab.bind(Inbox::new);
        server.close().sync();
        assertInstanceOf(
                ConnectException.class,
                lab.client(new Inbox()).connect(lab.address()).await().cause());
    }

    /** Those who wait for an instance learn that there will be none. */
    @Test
    void closeEndsTheWaitOfThoseWhoDial() throws Exception {
        Channel server = bindBusy();
        ChannelFuture dial = lab.client(new Inbox()).connect(lab.address());
        assertFalse(dial.await(50));
        server.close().sync();
        assertInstanceOf(ConnectException.class, dial.await().cause());
    }

    /** A name is free again when the last handle is closed: the server's, its children's. */
    @Test
    void aNameCanBeBoundAgainAfterClose() throws Exception {
        for (int i = 0; i < 20; i++) {
            Inbox served = new Inbox();
            Channel server = lab.bind(() -> served);
            Channel client = lab.connect(new Inbox());
            client.writeAndFlush(Unpooled.copyInt(i)).sync();
            served.awaitBytes(4);
            server.close().sync();
            client.close().sync();
            served.awaitInactive();
        }
    }

    @Test
    void theEndFollowsUnreadData() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        byte[] data = new byte[30_000];
        lab.bind(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.writeAndFlush(Unpooled.wrappedBuffer(data)).addListener(ChannelFutureListener.CLOSE);
                ctx.channel().closeFuture().addListener(done -> closed.countDown());
            }
        });
        Inbox inbox = new Inbox();
        Channel client = lab.client(inbox)
                .option(ChannelOption.AUTO_READ, false)
                .connect(lab.address())
                .sync()
                .channel();
        closed.await();
        client.config().setAutoRead(true);
        inbox.awaitInactive();
        assertEquals(data.length, inbox.received().length);
        assertEquals(List.of(), inbox.failures());
    }

    @Test
    void aThousandDialsRaceWithTheirOwnClose() throws Exception {
        lab.bind(EchoHandler::new);
        List<ChannelFuture> dials = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            ChannelFuture dial = lab.client(new Inbox()).connect(lab.address());
            dial.channel().close();
            dials.add(dial);
            if (i % 50 == 49) {
                for (ChannelFuture one : dials) {
                    one.await().channel().closeFuture().sync();
                }
                dials.clear();
            }
        }
        Inbox inbox = new Inbox();
        lab.connect(inbox).writeAndFlush(Unpooled.copyInt(1)).sync();
        assertEquals(4, inbox.awaitBytes(4).length);
    }

    /** Servers come and go while somebody dials: each dial fails or brings an echo. */
    @Test
    void dialingWhileServersComeAndGo() throws Exception {
        int connected = 0;
        int rounds = 0;
        while (connected < 20 || rounds < 20) {
            ChannelFuture dial = lab.client(new Inbox()).connect(lab.address());
            ChannelFuture bind = lab.server(EchoHandler::new).bind(lab.address());
            ChannelFuture second = lab.client(new Inbox()).connect(lab.address());
            for (ChannelFuture one : List.of(dial, second)) {
                if (one.await().isSuccess()) {
                    connected++;
                    Inbox inbox = one.channel().pipeline().get(Inbox.class);
                    one.channel().writeAndFlush(Unpooled.copyInt(rounds)).sync();
                    assertEquals(4, inbox.awaitBytes(4).length);
                    one.channel().close().sync();
                } else {
                    assertInstanceOf(ConnectException.class, one.cause());
                }
            }
            if (bind.await().isSuccess()) {
                bind.channel().close().sync();
            } else { // the child of the last round has the name still
                assertInstanceOf(BindException.class, bind.cause());
            }
            rounds++;
        }
    }
}
