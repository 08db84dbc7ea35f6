/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.PipeConstants.FILE_FLAG_FIRST_PIPE_INSTANCE;
import static io.npipe.win32.PipeConstants.FILE_FLAG_OVERLAPPED;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_REJECT_REMOTE_CLIENTS;
import static io.npipe.win32.PipeConstants.SECURITY_EFFECTIVE_ONLY;
import static io.npipe.win32.PipeConstants.SECURITY_IDENTIFICATION;
import static io.npipe.win32.PipeConstants.SECURITY_SQOS_PRESENT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.npipe.testkit.EchoHandler;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.ObservedWin32;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.RecordingWin32;
import io.npipe.testkit.RecordingWin32.Created;
import io.npipe.testkit.RecordingWin32.Opened;
import io.npipe.testkit.SecurityText;
import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a server asks of Windows, and how it accepts. */
@Tag("any-jvm")
class ServerTest {

    @Test
    void theFirstInstanceTakesTheNameAndFixesTheSecurityAndTheOthersDoNot() throws Exception {
        RecordingWin32 server = new RecordingWin32(Kernels.win32());
        try (PipeLab lab = new PipeLab(1, server, 1, Kernels.win32())) {
            lab.server(EchoHandler::new)
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 3)
                    .option(ChannelOption.SO_RCVBUF, 1000)
                    .option(ChannelOption.SO_SNDBUF, 2000)
                    .bind(lab.address())
                    .sync();
            List<Created> created = server.created();
            assertEquals(3, created.size());
            int mode = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED;
            String path = lab.address().path();
            String user = Kernels.win32().currentUserSid();
            assertEquals(
                    new Created(
                            path,
                            mode | FILE_FLAG_FIRST_PIPE_INSTANCE,
                            PIPE_REJECT_REMOTE_CLIENTS,
                            255,
                            2000,
                            1000,
                            0,
                            SecurityText.of(Kernels.win32(), "O:" + user + "D:P(A;;0x1f01ff;;;" + user + ")"),
                            false),
                    created.get(0));
            Created later = new Created(path, mode, PIPE_REJECT_REMOTE_CLIENTS, 255, 2000, 1000, 0, null, false);
            assertEquals(List.of(later, later), created.subList(1, 3));
        }
    }

    @Test
    void aClientLetsTheServerIdentifyItButNotActForIt() throws Exception {
        RecordingWin32 client = new RecordingWin32(Kernels.win32());
        try (PipeLab lab = new PipeLab(1, Kernels.win32(), 1, client)) {
            lab.bind(EchoHandler::new);
            lab.connect(new ChannelInboundHandlerAdapter());
            Opened opened = client.opened().get(0);
            assertEquals(lab.address().path(), opened.name());
            assertEquals(
                    FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_EFFECTIVE_ONLY | SECURITY_IDENTIFICATION,
                    opened.flagsAndAttributes());
        }
    }

    @Test
    void backlogMayOnlyLowerTheListeningInstances() throws Exception {
        RecordingWin32 server = new RecordingWin32(Kernels.win32());
        try (PipeLab lab = new PipeLab(1, server, 1, Kernels.win32())) {
            lab.server(EchoHandler::new)
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 3)
                    .option(ChannelOption.SO_BACKLOG, 2)
                    .bind(lab.address())
                    .sync();
            assertEquals(2, server.created().size());
            lab.server(EchoHandler::new)
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 3)
                    .option(ChannelOption.SO_BACKLOG, 128)
                    .bind(PipeLab.freshAddress())
                    .sync();
            assertEquals(5, server.created().size());
        }
    }

    @Test
    void moreListeningInstancesThanOneWaiterTakes() throws Exception {
        try (PipeLab lab = new PipeLab()) {
            lab.server(EchoHandler::new)
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 130)
                    .bind(lab.address())
                    .sync();
            List<Inbox> inboxes = new ArrayList<>();
            for (int i = 0; i < 140; i++) {
                Inbox inbox = new Inbox();
                inboxes.add(inbox);
                lab.connect(inbox).writeAndFlush(Unpooled.copyInt(i)).sync();
            }
            for (int i = 0; i < inboxes.size(); i++) {
                assertEquals(
                        i, Unpooled.wrappedBuffer(inboxes.get(i).awaitBytes(4)).readInt());
            }
        }
    }

    @Test
    void theNextInstanceListensBeforeTheConnectedOneIsPublished() throws Exception {
        RecordingWin32 server = new RecordingWin32(Kernels.win32());
        try (PipeLab lab = new PipeLab(1, server, 1, Kernels.win32())) {
            AtomicInteger createdAtRead = new AtomicInteger();
            CountDownLatch accepted = new CountDownLatch(1);
            new ServerBootstrap()
                    .group(lab.serverGroup())
                    .channelFactory(Kernels.servers())
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 1)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelRead(ChannelHandlerContext ctx, Object msg) {
                            createdAtRead.set(server.created().size());
                            accepted.countDown();
                            ctx.fireChannelRead(msg);
                        }
                    })
                    .childHandler(new ChannelInboundHandlerAdapter())
                    .bind(lab.address())
                    .sync();
            assertEquals(1, server.created().size());

            lab.connect(new ChannelInboundHandlerAdapter());

            assertTrue(accepted.await(HangLimit.SECONDS, TimeUnit.SECONDS));
            assertEquals(2, createdAtRead.get());
        }
    }

    @Test
    void withoutAutoReadClientsWaitUntilTheyAreAskedFor() throws Exception {
        try (PipeLab lab = new PipeLab()) {
            AtomicInteger accepted = new AtomicInteger();
            Channel server = lab.server(() -> new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelActive(ChannelHandlerContext ctx) {
                            accepted.incrementAndGet();
                        }
                    })
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 2)
                    .option(ChannelOption.AUTO_READ, false)
                    .bind(lab.address())
                    .sync()
                    .channel();
            lab.connect(new ChannelInboundHandlerAdapter());
            lab.connect(new ChannelInboundHandlerAdapter());
            ChannelFuture third = lab.client(new ChannelInboundHandlerAdapter()).connect(lab.address());
            assertFalse(third.await(200), "no instance should listen");
            assertEquals(0, accepted.get());

            server.config().setAutoRead(true);

            third.sync();
        }
    }

    @Test
    void aServerThatCannotListenSaysSoAndTriesAgain() throws Exception {
        FailingCreate server = new FailingCreate(Kernels.win32());
        try (PipeLab lab = new PipeLab(1, server, 1, Kernels.win32())) {
            CountDownLatch told = new CountDownLatch(1);
            new ServerBootstrap()
                    .group(lab.serverGroup())
                    .channelFactory(Kernels.servers())
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 1)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                            if (cause instanceof NamedPipeException failure
                                    && failure.code() == Win32Error.ERROR_NO_SYSTEM_RESOURCES) {
                                told.countDown();
                            }
                        }
                    })
                    .childHandler(new EchoHandlerSharable())
                    .bind(lab.address())
                    .sync();
            server.failing = true;
            Inbox first = new Inbox();
            lab.connect(first)
                    .writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}))
                    .sync();
            first.awaitBytes(1); // the client that took the last instance is served
            assertTrue(told.await(HangLimit.SECONDS, TimeUnit.SECONDS));

            server.failing = false;

            Inbox second = new Inbox();
            lab.connect(second)
                    .writeAndFlush(Unpooled.wrappedBuffer(new byte[] {2}))
                    .sync();
            second.awaitBytes(1);
        }
    }

    @Test
    void aHandlerMayCloseAServerThatCannotListen() throws Exception {
        FailingCreate server = new FailingCreate(Kernels.win32());
        try (PipeLab lab = new PipeLab(1, server, 1, Kernels.win32())) {
            Channel channel = new ServerBootstrap()
                    .group(lab.serverGroup())
                    .channelFactory(Kernels.servers())
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 1)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                            server.failing = false; // what listened from now on would not be cancelled
                            ctx.close();
                        }
                    })
                    .childHandler(new EchoHandlerSharable())
                    .bind(lab.address())
                    .sync()
                    .channel();
            server.failing = true;

            lab.connect(new ChannelInboundHandlerAdapter());

            assertTrue(channel.closeFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void aBindThatFailsHalfwayLeavesNothingBehind() {
        for (int events = 0; events < 4; events++) {
            int left = events;
            AtomicInteger created = new AtomicInteger();
            Win32 kernel = new ObservedWin32(Kernels.win32()) {
                @Override
                public long CreateEventW(long attributes, int manualReset, int initialState, long name) {
                    return created.getAndIncrement() < left
                            ? super.CreateEventW(attributes, manualReset, initialState, name)
                            : -Win32Error.ERROR_NOT_ENOUGH_MEMORY;
                }
            };
            try (PipeLab lab = new PipeLab(1, kernel, 1, Kernels.win32())) { // which looks for handles left open
                NamedPipeException failure = assertThrows(NamedPipeException.class, () -> lab.server(EchoHandler::new)
                        .option(NamedPipeChannelOption.LISTENING_INSTANCES, 3)
                        .bind(lab.address())
                        .sync());
                assertEquals("CreateEventW", failure.call());
            }
        }
    }

    @Test
    void separateBossAndWorkersOfSeveralLoops() throws Exception {
        try (PipeLab boss = new PipeLab(1, 1);
                PipeLab workers = new PipeLab(3, 2)) {
            new ServerBootstrap()
                    .group(boss.serverGroup(), workers.serverGroup())
                    .channelFactory(Kernels.servers())
                    .childHandler(new EchoHandlerSharable())
                    .bind(workers.address())
                    .sync();
            List<Inbox> inboxes = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                Inbox inbox = new Inbox();
                inboxes.add(inbox);
                workers.connect(inbox).writeAndFlush(Unpooled.copyInt(i)).sync();
            }
            for (int i = 0; i < inboxes.size(); i++) {
                assertEquals(
                        i, Unpooled.wrappedBuffer(inboxes.get(i).awaitBytes(4)).readInt());
            }
        }
    }

    @Test
    void optionsSetTooLateOrOutOfRangeFailAndSaySo() throws Exception {
        try (PipeLab lab = new PipeLab()) {
            NamedPipeServerChannel server = (NamedPipeServerChannel) lab.bind(EchoHandler::new);
            NamedPipeServerChannelConfig config = server.config();
            IllegalStateException late =
                    assertThrows(IllegalStateException.class, () -> config.setListeningInstances(3));
            assertTrue(late.getMessage().contains("LISTENING_INSTANCES"), late.getMessage());
            assertThrows(IllegalStateException.class, () -> config.setBacklog(3));
            assertThrows(IllegalStateException.class, () -> config.setReceiveBufferSize(3));
            assertThrows(IllegalStateException.class, () -> config.setSendBufferSize(3));
            NamedPipeServerChannelConfig unbound =
                    Kernels.servers().newChannel().config();
            assertThrows(IllegalArgumentException.class, () -> unbound.setListeningInstances(0));
            assertThrows(IllegalArgumentException.class, () -> unbound.setListeningInstances(1025));
            assertThrows(IllegalArgumentException.class, () -> unbound.setBacklog(0));
            assertThrows(IllegalArgumentException.class, () -> unbound.setReceiveBufferSize(-1));
        }
    }

    @Test
    void optionsReadBackAndThoseOfSocketsAreTakenQuietly() {
        NamedPipeServerChannelConfig server = Kernels.servers().newChannel().config();
        assertTrue(server.setOption(NamedPipeChannelOption.LISTENING_INSTANCES, 5));
        assertTrue(server.setOption(ChannelOption.SO_BACKLOG, 6));
        assertTrue(server.setOption(ChannelOption.SO_RCVBUF, 7));
        assertTrue(server.setOption(ChannelOption.SO_SNDBUF, 8));
        assertTrue(server.setOption(ChannelOption.SO_REUSEADDR, true));
        assertEquals(5, server.getOption(NamedPipeChannelOption.LISTENING_INSTANCES));
        assertEquals(6, server.getOption(ChannelOption.SO_BACKLOG));
        assertEquals(7, server.getOption(ChannelOption.SO_RCVBUF));
        assertEquals(8, server.getOption(ChannelOption.SO_SNDBUF));
        assertTrue(server.getOptions().containsKey(NamedPipeChannelOption.LISTENING_INSTANCES));
        NamedPipeChannelConfig client = Kernels.clients().newChannel().config();
        assertTrue(client.setOption(ChannelOption.TCP_NODELAY, true));
        assertTrue(client.setOption(ChannelOption.SO_KEEPALIVE, true));
        assertTrue(client.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true));
        assertEquals(true, client.getOption(ChannelOption.ALLOW_HALF_CLOSURE));
        assertThrows(
                IllegalArgumentException.class,
                () -> client.setOption(NamedPipeChannelOption.LISTENING_INSTANCES, 5),
                "a server's option");
    }

    /** Runs out of kernel memory when told so. */
    private static final class FailingCreate extends ObservedWin32 {

        volatile boolean failing;

        FailingCreate(Win32 delegate) {
            super(delegate);
        }

        @Override
        public long CreateNamedPipeW(
                long lpName,
                int dwOpenMode,
                int dwPipeMode,
                int nMaxInstances,
                int nOutBufferSize,
                int nInBufferSize,
                int nDefaultTimeOut,
                long lpSecurityAttributes) {
            return failing
                    ? -Win32Error.ERROR_NO_SYSTEM_RESOURCES
                    : super.CreateNamedPipeW(
                            lpName,
                            dwOpenMode,
                            dwPipeMode,
                            nMaxInstances,
                            nOutBufferSize,
                            nInBufferSize,
                            nDefaultTimeOut,
                            lpSecurityAttributes);
        }
    }

    @io.netty.channel.ChannelHandler.Sharable
    private static final class EchoHandlerSharable extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ctx.writeAndFlush(msg);
        }
    }
}
