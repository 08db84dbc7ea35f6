/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.npipe.testkit.EchoHandler;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.PipeLab;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Closing in every order and state: no byte lost, no promise forgotten, no loop hung. */
@Tag("any-jvm")
class CloseTest {

    private static final int MANY = 10 * 1024 * 1024;

    private final PipeLab lab = new PipeLab();

    @AfterEach
    void endLoops() {
        lab.close();
    }

    private static ByteBuf bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8));
        }
        return Unpooled.wrappedBuffer(bytes);
    }

    @Test
    void theClientClosesAndTheServerSeesTheEnd() throws Exception {
        Inbox accepted = new Inbox();
        lab.bind(() -> accepted);
        Channel client = lab.connect(new ChannelInboundHandlerAdapter());
        accepted.awaitActive();

        client.close().sync();

        accepted.awaitInactive();
        assertEquals(List.of(), accepted.failures());
    }

    @Test
    void theServerClosesAndTheClientSeesTheEnd() throws Exception {
        Inbox accepted = new Inbox();
        lab.bind(() -> accepted);
        Inbox inbox = new Inbox();
        lab.connect(inbox);

        accepted.awaitActive().close().sync();

        inbox.awaitInactive();
        assertEquals(List.of(), inbox.failures());
    }

    @Test
    void closingTheServerChannelLeavesItsChildrenOpen() throws Exception {
        Channel server = lab.bind(EchoHandler::new);
        Inbox inbox = new Inbox();
        Channel client = lab.connect(inbox);
        client.writeAndFlush(bytes(3)).sync();
        inbox.awaitBytes(3);

        server.close().sync();

        client.writeAndFlush(bytes(4)).sync();
        assertEquals(7, inbox.awaitBytes(7).length);
    }

    @Test
    void lastBytesArriveWhenTheServerClosesFirst() throws Exception {
        byte[] expected = new byte[50_000]; // within the quota: in the pipe, unread, when the server's handle goes
        bytes(expected.length).readBytes(expected);
        lab.bind(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.writeAndFlush(bytes(expected.length)).addListener(ChannelFutureListener.CLOSE);
            }
        });
        for (int i = 0; i < 20; i++) {
            Inbox inbox = new Inbox();
            Channel client = lab.client(inbox)
                    .option(ChannelOption.AUTO_READ, false)
                    .connect(lab.address())
                    .sync()
                    .channel();

            client.config().setAutoRead(true);

            assertArrayEquals(expected, inbox.awaitBytes(expected.length));
            inbox.awaitInactive();
        }
    }

    @Test
    void bytesOfAClientThatIsGoneBeforeItIsAcceptedArrive() throws Exception {
        Queue<Inbox> accepted = new ConcurrentLinkedQueue<>();
        Channel server = lab.server(() -> {
                    Inbox inbox = new Inbox();
                    accepted.add(inbox);
                    return inbox;
                })
                .option(NamedPipeChannelOption.LISTENING_INSTANCES, 4)
                .option(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync()
                .channel();
        for (int i = 0; i < 4; i++) {
            Channel client = lab.connect(new ChannelInboundHandlerAdapter());
            client.writeAndFlush(bytes(1000)).sync();
            client.close().sync();
        }
        assertTrue(accepted.isEmpty(), "accepted without being asked");

        server.config().setAutoRead(true);

        lab.connect(new ChannelInboundHandlerAdapter()).close().sync(); // the fifth has an instance only after them
        while (accepted.size() < 5) {
            Thread.onSpinWait();
        }
        List<Integer> received = new ArrayList<>();
        for (Inbox inbox : accepted) {
            inbox.awaitActive();
            inbox.awaitInactive();
            received.add(inbox.received().length);
        }
        received.sort(null);
        assertEquals(List.of(0, 1000, 1000, 1000, 1000), received);
    }

    @Test
    void writesToAClosedPeerFailButWhatItWroteIsStillRead() throws Exception {
        Inbox accepted = new Inbox();
        lab.server(() -> accepted)
                .childOption(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync();
        Channel client = lab.connect(new ChannelInboundHandlerAdapter());
        client.writeAndFlush(bytes(20_000)).sync();
        client.close().sync();
        Channel child = accepted.awaitActive();

        ChannelFuture write = child.writeAndFlush(bytes(10)).await();
        assertInstanceOf(IOException.class, write.cause());
        ChannelFuture second = child.writeAndFlush(bytes(10)).await();
        assertInstanceOf(IOException.class, second.cause());
        assertTrue(child.isOpen(), "closed before the rest was read");

        child.config().setAutoRead(true);

        assertEquals(20_000, accepted.awaitBytes(20_000).length);
        accepted.awaitInactive();
    }

    @Test
    void closeWithAReadPendingOnBothSides() throws Exception {
        Inbox accepted = new Inbox();
        lab.bind(() -> accepted);
        Inbox inbox = new Inbox();
        Channel client = lab.connect(inbox);
        Channel child = accepted.awaitActive();

        ChannelFuture first = client.close();
        ChannelFuture second = child.close();

        first.sync();
        second.sync();
        accepted.awaitInactive();
        inbox.awaitInactive();
    }

    @Test
    void closeWithAWritePendingFailsItAndCloses() throws Exception {
        Inbox accepted = new Inbox();
        lab.server(() -> accepted)
                .childOption(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync();
        Channel client = lab.connect(new ChannelInboundHandlerAdapter());
        accepted.awaitActive();
        ChannelFuture write = client.writeAndFlush(bytes(MANY)); // far beyond the quota: stays pending
        ChannelFuture queued = client.writeAndFlush(bytes(10));
        assertFalse(write.await(50));

        client.close().sync();

        assertInstanceOf(ClosedChannelException.class, write.await().cause());
        assertInstanceOf(ClosedChannelException.class, queued.await().cause());
    }

    @Test
    void closeByThePromiseOfAWriteStopsTheWritesBehindIt() throws Exception {
        Inbox accepted = new Inbox();
        lab.server(() -> accepted)
                .childOption(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync();
        Channel client = lab.connect(new ChannelInboundHandlerAdapter());
        accepted.awaitActive();

        client.write(bytes(10)).addListener(ChannelFutureListener.CLOSE);
        ChannelFuture behind = client.writeAndFlush(bytes(MANY)); // would be pending after the cancellation

        assertTrue(
                client.closeFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS), "waits for a peer that does not read");
        assertInstanceOf(ClosedChannelException.class, behind.await().cause());
    }

    @Test
    void thePeerClosesWhileAWriteIsPending() throws Exception {
        Inbox accepted = new Inbox();
        lab.server(() -> accepted)
                .childOption(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync();
        Inbox inbox = new Inbox();
        Channel client = lab.connect(inbox);
        Channel child = accepted.awaitActive();
        ChannelFuture write = client.writeAndFlush(bytes(MANY));
        assertFalse(write.await(50));

        child.close().sync();

        assertInstanceOf(IOException.class, write.await().cause());
        inbox.awaitInactive();
    }

    @Test
    void closeForciblyWithReadAndWritePendingReleasesEverything() throws Exception {
        Inbox accepted = new Inbox();
        lab.server(() -> accepted)
                .childOption(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync();
        Channel client = lab.connect(new ChannelInboundHandlerAdapter());
        accepted.awaitActive();
        ChannelFuture write = client.writeAndFlush(bytes(MANY));
        assertFalse(write.await(50));

        client.eventLoop().submit(() -> client.unsafe().closeForcibly()).sync();

        assertFalse(client.isOpen());
        // The peer sees the end once the last packet has come and the handle is closed.
        accepted.awaitActive().config().setAutoRead(true);
        accepted.awaitInactive();
        client.eventLoop()
                .submit(() -> client.unsafe().close(client.unsafe().voidPromise()))
                .sync();
        assertNotNull(write.await().cause());
    }

    @Test
    void closeRightAfterCloseForciblyIsDoneInTheEnd() throws Exception {
        lab.bind(EchoHandler::new);
        Channel client = lab.connect(new ChannelInboundHandlerAdapter());
        ChannelPromise close = client.newPromise();

        client.eventLoop()
                .submit(() -> {
                    client.unsafe().closeForcibly(); // with a read under way
                    client.close(close);
                })
                .sync();

        assertTrue(close.await(HangLimit.SECONDS, TimeUnit.SECONDS));
        assertTrue(client.closeFuture().isDone());
    }

    @Test
    void closeCanBeCalledTwiceAndAfterTheEnd() throws Exception {
        lab.bind(EchoHandler::new);
        Channel client = lab.connect(new ChannelInboundHandlerAdapter());

        ChannelFuture first = client.close();
        ChannelFuture second = client.close();
        first.sync();
        second.sync();
        client.close().sync();
        assertTrue(client.closeFuture().isDone());
    }

    @Test
    void unconnectedAndUnboundChannelsClose() throws Exception {
        Channel client =
                lab.client(new ChannelInboundHandlerAdapter()).register().sync().channel();
        client.close().sync();
        Channel server = lab.server(EchoHandler::new).register().sync().channel();
        server.close().sync();
        Kernels.clients().newChannel().unsafe().closeForcibly();
        Kernels.servers().newChannel().unsafe().closeForcibly();
    }

    @Test
    void thousandConnectCloseRaces() throws Exception {
        ChannelGroup children = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        lab.bind(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                children.add(ctx.channel());
                if (ThreadLocalRandom.current().nextBoolean()) {
                    ctx.close();
                }
            }
        });
        List<ChannelFuture> closes = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            ChannelFuture connect =
                    lab.client(new ChannelInboundHandlerAdapter()).connect(lab.address());
            switch (i % 4) {
                case 0 -> closes.add(connect.channel().close());
                case 1 -> {
                    connect.cancel(false);
                    closes.add(connect.channel().close());
                }
                case 2 -> connect.addListener(done -> connect.channel().close());
                default -> {
                    connect.await();
                    closes.add(connect.channel().writeAndFlush(bytes(1)));
                    closes.add(connect.channel().close());
                }
            }
            closes.add(connect.channel().closeFuture());
        }
        for (ChannelFuture close : closes) {
            assertTrue(close.await(HangLimit.SECONDS, TimeUnit.SECONDS), () -> "never done: " + close.channel());
        }
        // A client that was gone before it was accepted is accepted all the same, and ends.
        for (Channel child : children) {
            assertTrue(child.closeFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS), () -> "never closed: " + child);
        }
        Inbox inbox = new Inbox();
        lab.connect(inbox).close().sync(); // the server still listens
    }

    @Test
    void loopsEndWithHundredOpenChannels() throws Exception {
        PipeLab busy = new PipeLab(2, 2);
        List<Channel> channels = new ArrayList<>();
        List<ChannelFuture> writes = new ArrayList<>();
        Queue<Channel> children = new ConcurrentLinkedQueue<>();
        channels.add(busy.server(() -> new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        children.add(ctx.channel());
                    }
                })
                .childOption(ChannelOption.AUTO_READ, false)
                .bind(busy.address())
                .sync()
                .channel());
        for (int i = 0; i < 100; i++) {
            Channel client = busy.connect(new ChannelInboundHandlerAdapter());
            channels.add(client);
            if (i % 2 == 0) {
                writes.add(client.writeAndFlush(bytes(300_000))); // pending, with a read pending beside it
            }
        }

        busy.close(); // fails if a loop does not end

        for (Channel channel : channels) {
            assertTrue(channel.closeFuture().isDone(), () -> "open: " + channel);
        }
        for (Channel child : children) {
            assertTrue(child.closeFuture().isDone(), () -> "open: " + child);
        }
        for (ChannelFuture write : writes) {
            assertTrue(write.isDone());
        }
    }

    @Test
    void handlersLearnOfTheEndOfALoopThatEndsAtOnce() throws Exception {
        Inbox accepted = new Inbox();
        lab.bind(() -> accepted);
        Inbox inbox = new Inbox();
        lab.connect(inbox);
        accepted.awaitActive();

        // From within, the loop ends without the turn in which it would close its channels beforehand.
        lab.clientGroup()
                .next()
                .submit(() -> lab.clientGroup().shutdownGracefully(0, 5, TimeUnit.SECONDS))
                .sync();

        inbox.awaitInactive();
        accepted.awaitInactive();
    }

    @Test
    void aConnectedChannelCannotMoveToAnotherLoop() throws Exception {
        lab.bind(EchoHandler::new);
        Channel client = lab.connect(new ChannelInboundHandlerAdapter());
        client.deregister().sync();

        ChannelFuture again = lab.serverGroup().register(client).await();

        assertInstanceOf(IllegalStateException.class, again.cause());
        assertTrue(client.closeFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS));
    }
}
