/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.local.LocalAddress;
import io.npipe.testkit.EchoHandler;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.NativeText;
import io.npipe.testkit.ObservedWin32;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.RawPipe;
import io.npipe.testkit.Wine;
import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Binding and connecting, and every way in which they fail. */
@Tag("any-jvm")
class ConnectTest {

    private final PipeLab lab = new PipeLab();

    @AfterEach
    void endLoops() {
        lab.close();
    }

    @Test
    void bytesGoThereAndBack() throws Exception {
        lab.bind(EchoHandler::new);
        Inbox inbox = new Inbox();
        Channel client = lab.connect(inbox);

        client.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8))
                .sync();

        assertEquals("hello", inbox.awaitText(5));
    }

    @Test
    void addressesAreKnownOnceConnectedAndNotBefore() throws Exception {
        Inbox accepted = new Inbox();
        Channel server = lab.bind(() -> accepted);
        Channel unconnected =
                lab.client(new ChannelInboundHandlerAdapter()).register().sync().channel();
        assertNull(unconnected.localAddress());
        assertNull(unconnected.remoteAddress());

        Channel client = lab.connect(new ChannelInboundHandlerAdapter());
        NamedPipeChannel child = (NamedPipeChannel) accepted.awaitActive();

        assertEquals(lab.address(), server.localAddress());
        assertEquals(lab.address(), client.remoteAddress());
        assertNotNull(client.localAddress());
        assertEquals(lab.address(), child.localAddress());
        NamedPipePeerAddress peer = assertInstanceOf(NamedPipePeerAddress.class, child.remoteAddress());
        assertTrue(peer.connectionId() > 0);
        assertEquals(server, child.parent());
    }

    @Test
    void aMissingPipeIsAConnectExceptionWithPathAndText() {
        ConnectException failure =
                assertThrows(ConnectException.class, () -> lab.client(new ChannelInboundHandlerAdapter())
                        .connect(lab.address())
                        .sync());

        assertTrue(failure.getMessage().contains(lab.address().path()), failure.getMessage());
        assertTrue(failure.getMessage().contains("ERROR_FILE_NOT_FOUND"), failure.getMessage());
        NamedPipeException cause = assertInstanceOf(NamedPipeException.class, failure.getCause());
        assertEquals(Win32Error.ERROR_FILE_NOT_FOUND, cause.code());
        assertEquals("ERROR_FILE_NOT_FOUND", cause.codeName());
        assertEquals("CreateFileW", cause.call());
        assertEquals(lab.address().path(), cause.path());
    }

    /** As Windows does where a pipe has a leading part of the name; other kernels may differ in when. */
    @ParameterizedTest
    @CsvSource({
        "taken\\below\\it, 'no name below that of an existing pipe, such as \\\\.\\pipe\\taken'",
        "name, does not accept this name"
    })
    void aNameThatIsRefusedIsReportedWithTheLikelyReason(String name, String reason) {
        NamedPipeAddress refused = NamedPipeAddress.of(name);
        Win32 refusing = new ObservedWin32(Kernels.win32()) {
            @Override
            public long CreateFileW(
                    long path, int access, int share, long security, int disposition, int flags, long template) {
                return NativeText.wide(path).equals(refused.path())
                        ? -Win32Error.ERROR_INVALID_NAME
                        : super.CreateFileW(path, access, share, security, disposition, flags, template);
            }

            @Override
            public long CreateNamedPipeW(
                    long path, int openMode, int pipeMode, int max, int out, int in, int wait, long security) {
                return -Win32Error.ERROR_INVALID_NAME;
            }
        };
        try (PipeLab own = new PipeLab(1, refusing, 1, refusing)) {
            for (boolean waits : new boolean[] {false, true}) {
                Bootstrap client = own.client(new ChannelInboundHandlerAdapter())
                        .option(NamedPipeChannelOption.WAIT_FOR_SERVER, waits);
                assertNamesTheReason(
                        assertThrows(ConnectException.class, () -> client.connect(refused)
                                .sync()),
                        reason);
            }
            assertNamesTheReason(
                    assertThrows(
                            BindException.class,
                            () -> own.server(EchoHandler::new).bind(refused).sync()),
                    reason);
        }
    }

    private static void assertNamesTheReason(IOException failure, String reason) {
        assertTrue(failure.getMessage().contains("ERROR_INVALID_NAME"), failure.getMessage());
        assertTrue(failure.getMessage().contains(reason), failure.getMessage());
        assertEquals(Win32Error.ERROR_INVALID_NAME, ((NamedPipeException) failure.getCause()).code());
    }

    @Test
    void aServerThatIsClosedIsMissing() {
        lab.bind(EchoHandler::new).close().syncUninterruptibly();

        assertThrows(ConnectException.class, () -> lab.connect(new ChannelInboundHandlerAdapter()));
    }

    @Test
    void aNameCanBeBoundAgainAfterClose() throws Exception {
        for (int i = 0; i < 20; i++) {
            Channel server = lab.bind(EchoHandler::new);
            Inbox inbox = new Inbox();
            lab.connect(inbox)
                    .writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}))
                    .sync();
            inbox.awaitBytes(1);
            inbox.awaitActive().close().sync();
            server.close().sync();
        }
    }

    @Test
    void aNameThatAnotherServerHasIsABindException() {
        try (RawPipe other = RawPipe.inbound(lab.address())) { // another direction: refused on Windows and Wine alike
            BindException failure = assertThrows(BindException.class, () -> lab.bind(EchoHandler::new));
            assertTrue(failure.getMessage().contains(lab.address().path()), failure.getMessage());
            assertTrue(failure.getMessage().contains("another server has this pipe"), failure.getMessage());
            assertTrue(other.isOpen());
        }
    }

    @Test
    void aSecondServerOfANameIsABindException() {
        lab.bind(EchoHandler::new);

        if (Wine.isWine()) {
            lab.bind(EchoHandler::new); // FILE_FLAG_FIRST_PIPE_INSTANCE is not enforced there; ServerTest sees it asked
        } else {
            BindException failure = assertThrows(BindException.class, () -> lab.bind(EchoHandler::new));
            assertTrue(failure.getMessage().contains("another server has this pipe"), failure.getMessage());
        }
    }

    @Test
    void aNameWhoseInstancesAreUsedUpIsABindException() {
        try (RawPipe other = RawPipe.single(lab.address())) {
            BindException failure = assertThrows(BindException.class, () -> lab.bind(EchoHandler::new));
            assertTrue(failure.getMessage().contains("another server has this pipe"), failure.getMessage());
            assertTrue(other.isOpen());
        }
    }

    @Test
    void aOneWayPipeRefusesAClientThatReadsAndWrites() {
        try (RawPipe other = RawPipe.inbound(lab.address())) {
            ConnectException failure =
                    assertThrows(ConnectException.class, () -> lab.connect(new ChannelInboundHandlerAdapter()));
            assertTrue(failure.getMessage().contains("the pipe is one-way"), failure.getMessage());
            assertTrue(other.isOpen());
        }
    }

    @Test
    void connectTimesOutWhileAllInstancesAreBusy() {
        try (RawPipe busy = RawPipe.single(lab.address()).connectClient()) {
            ConnectTimeoutException failure =
                    assertThrows(ConnectTimeoutException.class, () -> lab.client(new ChannelInboundHandlerAdapter())
                            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 200)
                            .connect(lab.address())
                            .sync());
            assertTrue(failure.getMessage().contains(lab.address().path()), failure.getMessage());
            assertTrue(busy.isOpen());
        }
    }

    @Test
    void connectWaitsForAnInstanceToBecomeFree() throws Exception {
        try (RawPipe busy = RawPipe.single(lab.address()).connectClient()) {
            ChannelFuture connect =
                    lab.client(new ChannelInboundHandlerAdapter()).connect(lab.address());
            assertFalse(connect.await(100));

            busy.recycle(); // the one instance listens again

            connect.sync();
            assertTrue(connect.channel().isActive());
        }
    }

    @Test
    void aBusyWaitFailsWhenTheNameVanishes() throws Exception {
        ChannelFuture connect;
        try (RawPipe busy = RawPipe.single(lab.address()).connectClient()) {
            connect = lab.client(new ChannelInboundHandlerAdapter()).connect(lab.address());
            assertFalse(connect.await(100));
            assertTrue(busy.isOpen());
        }

        assertTrue(connect.await(HangLimit.SECONDS, TimeUnit.SECONDS));
        assertInstanceOf(ConnectException.class, connect.cause());
    }

    @Test
    void cancellingTheConnectPromiseClosesTheChannel() throws Exception {
        try (RawPipe busy = RawPipe.single(lab.address()).connectClient()) {
            ChannelFuture connect =
                    lab.client(new ChannelInboundHandlerAdapter()).connect(lab.address());
            assertFalse(connect.await(50));

            assertTrue(connect.cancel(false));

            assertTrue(connect.channel().closeFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS));
            assertTrue(busy.isOpen());
        }
    }

    @Test
    void closingAConnectingChannelFailsTheConnect() throws Exception {
        try (RawPipe busy = RawPipe.single(lab.address()).connectClient()) {
            ChannelFuture connect =
                    lab.client(new ChannelInboundHandlerAdapter()).connect(lab.address());
            assertFalse(connect.await(50));

            connect.channel().close().sync();

            assertInstanceOf(ClosedChannelException.class, connect.cause());
            assertTrue(busy.isOpen());
        }
    }

    @Test
    void aSecondConnectIsRefused() throws Exception {
        try (RawPipe busy = RawPipe.single(lab.address()).connectClient()) {
            Channel client = lab.client(new ChannelInboundHandlerAdapter())
                    .register()
                    .sync()
                    .channel();
            ChannelFuture connect = client.connect(lab.address());

            assertInstanceOf(
                    ConnectionPendingException.class,
                    connect.channel().connect(lab.address()).await().cause());
            assertTrue(busy.isOpen());
            connect.channel().close().sync();
        }
        lab.bind(EchoHandler::new);
        Channel connected = lab.connect(new ChannelInboundHandlerAdapter());
        assertInstanceOf(
                AlreadyConnectedException.class,
                connected.connect(lab.address()).await().cause());
        assertTrue(connected.isActive());
    }

    @ParameterizedTest
    @MethodSource("addressesOfOtherKinds")
    void addressesOfOtherKindsAreRefusedNamingTheirTypeAndTheOneThatIsExpected(SocketAddress address) {
        for (Executable refused : List.<Executable>of(
                () -> lab.client(new ChannelInboundHandlerAdapter())
                        .disableResolver()
                        .connect(address)
                        .sync(),
                () -> lab.server(EchoHandler::new).bind(address).sync())) {
            String message =
                    assertThrows(UnsupportedAddressTypeException.class, refused).getMessage();
            assertTrue(message.contains("NamedPipeAddress.of("), message);
            assertTrue(message.contains(address.getClass().getName()), message);
            assertTrue(message.contains(address.toString()), message);
        }
    }

    static Stream<SocketAddress> addressesOfOtherKinds() {
        return Stream.of(new LocalAddress("x"), InetSocketAddress.createUnresolved("localhost", 80));
    }

    @Test
    void aClientHasNoAddressOfItsOwn() {
        assertThrows(UnsupportedOperationException.class, () -> lab.client(new ChannelInboundHandlerAdapter())
                .connect(lab.address(), lab.address())
                .sync());
    }

    @Test
    void aServerOnAnotherMachineIsRefused() {
        IllegalArgumentException failure =
                assertThrows(IllegalArgumentException.class, () -> lab.server(EchoHandler::new)
                        .bind(NamedPipeAddress.of("\\\\elsewhere\\pipe\\x"))
                        .sync());
        assertTrue(failure.getMessage().contains("own machine"), failure.getMessage());
    }

    @Test
    void moreClientsThanInstancesAreServedInTheEnd() throws Exception {
        lab.server(EchoHandler::new)
                .option(NamedPipeChannelOption.LISTENING_INSTANCES, 2)
                .bind(lab.address())
                .sync();
        List<ChannelFuture> connects = new ArrayList<>();
        List<Inbox> inboxes = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Inbox inbox = new Inbox();
            inboxes.add(inbox);
            connects.add(lab.client(inbox).connect(lab.address()));
        }
        for (int i = 0; i < connects.size(); i++) {
            Channel client = connects.get(i).sync().channel();
            client.writeAndFlush(Unpooled.copyInt(i)).sync();
        }
        for (int i = 0; i < connects.size(); i++) {
            assertEquals(i, Unpooled.wrappedBuffer(inboxes.get(i).awaitBytes(4)).readInt());
        }
    }
}
