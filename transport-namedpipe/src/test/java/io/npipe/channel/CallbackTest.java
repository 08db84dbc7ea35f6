/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FileRegion;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.AbstractReferenceCounted;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.RawPipe;
import io.npipe.win32.Win32;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What users do in the middle of a state change, and what their handlers and promises then see: registering again with
 * operations under way, writing again in the listener of a write that failed, flushing what cannot be written.
 */
@Tag("any-jvm")
class CallbackTest {

    private static final int MANY = 10 * 1024 * 1024;

    private final PipeLab lab = new PipeLab();

    @AfterEach
    void endLoops() {
        lab.close();
    }

    private static void awaitClosed(Channel channel) throws InterruptedException {
        assertTrue(channel.closeFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS), "still open");
    }

    // ---- registering again -----------------------------------------------------------------------------------------

    @Test
    void aBoundServerThatMovesIsRefusedAndClosed() throws Exception {
        for (int i = 0; i < 30; i++) {
            Channel server = lab.bind(ChannelInboundHandlerAdapter::new);
            server.deregister().sync();

            ChannelFuture again = lab.clientGroup().register(server).await();

            assertInstanceOf(IllegalStateException.class, again.cause());
            awaitClosed(server);
        }
    }

    @Test
    void aChannelWithAWriteAndAReadInFlightThatMovesIsRefusedAndClosed() throws Exception {
        for (int i = 0; i < 10; i++) {
            Inbox accepted = new Inbox();
            Channel server = lab.server(() -> accepted)
                    .childOption(ChannelOption.AUTO_READ, false)
                    .bind(lab.address())
                    .sync()
                    .channel();
            Channel client = lab.connect(new ChannelInboundHandlerAdapter());
            accepted.awaitActive();
            ChannelFuture write = client.writeAndFlush(Unpooled.wrappedBuffer(new byte[MANY]));
            client.deregister().sync();

            ChannelFuture again = lab.serverGroup().register(client).await();

            assertInstanceOf(IllegalStateException.class, again.cause());
            awaitClosed(client);
            assertTrue(write.await(HangLimit.SECONDS, TimeUnit.SECONDS));
            assertNotNull(write.cause());
            server.close().sync();
            accepted.awaitActive().close().sync();
        }
    }

    @Test
    void anIncompatibleLoopIsRefusedAndChangesNothing() throws Exception {
        Channel server = lab.bind(ChannelInboundHandlerAdapter::new);
        server.deregister().sync();
        MultiThreadIoEventLoopGroup local = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        try {
            assertInstanceOf(
                    IllegalStateException.class, local.register(server).await().cause());
            assertTrue(server.isOpen());
            server.close().sync();
        } finally {
            local.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatIsNotBoundOrConnectedMoves() throws Exception {
        Channel server =
                lab.server(ChannelInboundHandlerAdapter::new).register().sync().channel();
        server.deregister().sync();
        lab.clientGroup().register(server).sync();
        server.bind(lab.address()).sync();

        Channel client =
                lab.client(new ChannelInboundHandlerAdapter()).register().sync().channel();
        client.deregister().sync();
        lab.serverGroup().register(client).sync();
        client.connect(lab.address()).sync();
        assertTrue(client.isActive());
    }

    @Test
    void whatIsDeregisteredDoesNotBindOrConnect() throws Exception {
        Channel server =
                lab.server(ChannelInboundHandlerAdapter::new).register().sync().channel();
        server.deregister().sync();
        assertInstanceOf(
                IllegalStateException.class, server.bind(lab.address()).await().cause());

        Channel client =
                lab.client(new ChannelInboundHandlerAdapter()).register().sync().channel();
        client.deregister().sync();
        assertInstanceOf(
                IllegalStateException.class,
                client.connect(lab.address()).await().cause());
        client.close().sync();
        server.close().sync();
    }

    // ---- writing to a peer that is gone ----------------------------------------------------------------------------

    @Test
    void aListenerThatWritesAgainAsLongAsTheChannelIsActiveComesToAnEnd() throws Exception {
        Inbox accepted = new Inbox();
        lab.server(() -> accepted)
                .childOption(ChannelOption.AUTO_READ, false)
                .bind(lab.address())
                .sync();
        Channel client = lab.connect(new ChannelInboundHandlerAdapter());
        Channel child = accepted.awaitActive();
        AtomicInteger tries = new AtomicInteger();
        ChannelFutureListener again = new ChannelFutureListener() {
            @Override
            public void operationComplete(ChannelFuture write) {
                if (!write.isSuccess() && client.isActive()) {
                    tries.incrementAndGet();
                    client.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1})).addListener(this);
                }
            }
        };
        client.writeAndFlush(Unpooled.wrappedBuffer(new byte[MANY])).addListener(again);

        child.close().sync();

        awaitClosed(client);
        assertTrue(tries.get() < 100_000, () -> tries + " tries");
    }

    @Test
    void whoOnlyWritesLearnsThatThePeerIsGone() throws Exception {
        Inbox accepted = new Inbox();
        lab.bind(() -> accepted);
        Inbox inbox = new Inbox();
        Channel client = lab.client(inbox)
                .option(ChannelOption.AUTO_READ, false)
                .connect(lab.address())
                .sync()
                .channel();
        accepted.awaitActive().close().sync();

        ChannelFuture write =
                client.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1})).await();

        assertInstanceOf(NamedPipeException.class, write.cause());
        awaitClosed(client);
    }

    @Test
    void whoOnlyWritesStillFindsWhatThePeerHadWritten() throws Exception {
        Inbox accepted = new Inbox();
        lab.bind(() -> accepted);
        Inbox inbox = new Inbox();
        Channel client = lab.client(inbox)
                .option(ChannelOption.AUTO_READ, false)
                .connect(lab.address())
                .sync()
                .channel();
        Channel child = accepted.awaitActive();
        child.writeAndFlush(Unpooled.copiedBuffer("last words", StandardCharsets.US_ASCII))
                .sync();
        child.close().sync();
        assertNotNull(client.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}))
                .await()
                .cause());
        assertTrue(client.isActive());

        client.read();

        assertEquals("last words", inbox.awaitText(10));
        awaitClosed(client); // without a further read()
    }

    // ---- what cannot be written ------------------------------------------------------------------------------------

    /** A region of some bytes that tells more, and then ends or throws. */
    private static final class Region extends AbstractReferenceCounted implements FileRegion {

        private final byte[] bytes;
        private final Exception failure;
        private long transferred;

        Region(int bytes, Exception failure) {
            this.bytes = new byte[bytes];
            this.failure = failure;
        }

        @Override
        public long position() {
            return 0;
        }

        @Deprecated
        @Override
        public long transfered() {
            return transferred;
        }

        @Override
        public long transferred() {
            return transferred;
        }

        @Override
        public long count() {
            return bytes.length + 1L;
        }

        @Override
        public long transferTo(WritableByteChannel target, long position) throws IOException {
            if (position < bytes.length) {
                int written = target.write(ByteBuffer.wrap(bytes, (int) position, bytes.length - (int) position));
                transferred += written;
                return written;
            }
            if (failure instanceof IOException e) {
                throw e;
            }
            throw (RuntimeException) failure;
        }

        @Override
        protected void deallocate() {
            // nothing of its own
        }

        @Override
        public FileRegion retain() {
            super.retain();
            return this;
        }

        @Override
        public FileRegion retain(int increment) {
            super.retain(increment);
            return this;
        }

        @Override
        public FileRegion touch() {
            return this;
        }

        @Override
        public FileRegion touch(Object hint) {
            return this;
        }
    }

    @Test
    void aFlushThatFailsEndsTheChannelOnceThePeersOutputWasRead() throws Exception {
        Inbox accepted = new Inbox();
        lab.bind(() -> accepted);
        Inbox inbox = new Inbox();
        Channel client = lab.connect(inbox);
        accepted.awaitActive()
                .writeAndFlush(Unpooled.copiedBuffer("still read", StandardCharsets.US_ASCII))
                .sync();

        ChannelFuture write = client.writeAndFlush(new Region(0, new IllegalStateException("no such page")))
                .await();

        assertNotNull(write.cause());
        assertEquals("still read", inbox.awaitText(10));
        accepted.awaitInactive();
        awaitClosed(client);
    }

    @Test
    void aRegionThatEndsEarlySendsWhatItHad() throws Exception {
        Inbox accepted = new Inbox();
        lab.bind(() -> accepted);
        Channel client = lab.connect(new ChannelInboundHandlerAdapter());

        ChannelFuture write = client.writeAndFlush(new Region(1000, new IOException("shorter than it said")))
                .await();

        assertInstanceOf(IOException.class, write.cause());
        assertEquals(1000, accepted.awaitBytes(1000).length);
        accepted.awaitInactive();
        assertEquals(1000, accepted.received().length);
    }

    @Test
    void aBufferThatWasReleasedTooEarlyLeavesNoCopy() throws Exception {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
        Inbox accepted = new Inbox();
        lab.bind(() -> accepted);
        Channel client = lab.client(new ChannelInboundHandlerAdapter())
                .option(ChannelOption.ALLOCATOR, allocator)
                .option(ChannelOption.AUTO_READ, false)
                .connect(lab.address())
                .sync()
                .channel();
        ByteBuf released = Unpooled.directBuffer(8).writeLong(1);
        ChannelFuture first = client.write(Unpooled.directBuffer(8).writeLong(1));
        ChannelFuture second = client.write(released);
        client.eventLoop().submit(() -> assertTrue(released.release())).sync();

        client.flush();

        assertNotNull(first.await().cause());
        assertNotNull(second.await().cause());
        awaitClosed(client);
        assertEquals(0, allocator.metric().usedDirectMemory());
    }

    // ---- a server that disconnects ---------------------------------------------------------------------------------

    @Test
    void aServerThatDisconnectsIsAnOrdinaryEndOfInput() throws Exception {
        try (RawPipe server = RawPipe.single(lab.address())) {
            Inbox inbox = new Inbox();
            Channel client = lab.connect(inbox);

            assertEquals(ERROR_SUCCESS, Kernels.win32().DisconnectNamedPipe(server.server()));

            inbox.awaitInactive();
            awaitClosed(client);
            assertEquals(List.of(), inbox.failures());
        }
    }

    /** It does so between two calls of the connect. */
    @Test
    void aServerThatDisconnectsAtOnceRefusesTheConnection() throws Exception {
        try (RawPipe server = RawPipe.single(lab.address())) {
            Win32 disconnecting = (Win32) Proxy.newProxyInstance(
                    Win32.class.getClassLoader(), new Class<?>[] {Win32.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("GetNamedPipeInfo")) {
                            Kernels.win32().DisconnectNamedPipe(server.server());
                        }
                        try {
                            return method.invoke(Kernels.win32(), arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
            try (PipeLab other = new PipeLab(1, Kernels.win32(), 1, disconnecting)) {
                ChannelFuture connect = other.client(new ChannelInboundHandlerAdapter())
                        .connect(lab.address())
                        .await();

                ConnectException refusal = assertInstanceOf(ConnectException.class, connect.cause());
                assertTrue(refusal.getMessage().contains("disconnected"), refusal.getMessage());
                assertInstanceOf(NamedPipeException.class, refusal.getCause());
                awaitClosed(connect.channel());
            }
        }
    }
}
