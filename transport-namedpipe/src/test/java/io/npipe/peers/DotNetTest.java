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
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.testkit.EchoHandler;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.ObservedWin32;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.RawPipe;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What .NET tests of its pipes, asked of ours. */
@Tag("any-jvm")
class DotNetTest {

    private final PipeLab lab = new PipeLab(1, 2);

    @AfterEach
    void endLoops() {
        lab.close();
    }

    @Test
    void conflictingDirectionsAreRefused() throws Exception {
        for (boolean inbound : new boolean[] {true, false}) {
            NamedPipeAddress address = PipeLab.freshAddress();
            try (RawPipe oneWay = inbound ? RawPipe.inbound(address) : RawPipe.outbound(address)) {
                assertTrue(oneWay.isOpen());
                Throwable refusal =
                        lab.client(new Inbox()).connect(address).await().cause();
                assertInstanceOf(ConnectException.class, refusal);
                assertTrue(refusal.getMessage().contains("one-way"), refusal.getMessage());
            }
        }
    }

    @Test
    void tooManyInstancesAreRefused() throws Exception {
        try (RawPipe single = RawPipe.single(lab.address())) {
            assertTrue(single.isOpen());
            Throwable refusal =
                    lab.server(Inbox::new).bind(lab.address()).await().cause();
            assertInstanceOf(BindException.class, refusal);
            assertTrue(refusal.getMessage().contains("another server"), refusal.getMessage());
        }
    }

    @Test
    void oneInstanceServesWaitingClientsInTurn() throws Exception {
        lab.server(EchoHandler::new)
                .option(NamedPipeChannelOption.LISTENING_INSTANCES, 1)
                .bind(lab.address())
                .sync();
        List<ChannelFuture> connects = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            connects.add(lab.client(new Inbox()).connect(lab.address()));
        }
        for (ChannelFuture connect : connects) {
            Channel client = connect.sync().channel();
            client.writeAndFlush(Unpooled.copyInt(1)).sync();
            client.pipeline().get(Inbox.class).awaitBytes(4);
            client.close().sync();
        }
    }

    @Test
    void severalServersAtOnce() throws Exception {
        List<NamedPipeAddress> addresses = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            addresses.add(PipeLab.freshAddress());
            byte name = (byte) i;
            lab.server(() -> new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelActive(ChannelHandlerContext ctx) {
                            ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {name}));
                        }
                    })
                    .bind(addresses.get(i))
                    .sync();
        }
        for (int i = 0; i < 5; i++) {
            Inbox inbox = new Inbox();
            lab.client(inbox).connect(addresses.get(i)).sync();
            assertEquals(i, inbox.awaitBytes(1)[0]);
        }
    }

    /** What was asked for is what the kernel says of the server's end. */
    @Test
    void quotasAreWhatTheKernelSays() throws Exception {
        Quotas quotas = new Quotas(Kernels.win32());
        try (PipeLab own = new PipeLab(1, quotas, 1, Kernels.win32())) {
            own.server(Inbox::new)
                    .option(ChannelOption.SO_RCVBUF, 3000)
                    .option(ChannelOption.SO_SNDBUF, 5000)
                    .bind(own.address())
                    .sync();
        }
        assertEquals(3000, quotas.in);
        assertEquals(5000, quotas.out);
    }

    /** Asks for the quotas of each instance that is created. */
    private static final class Quotas extends ObservedWin32 {

        private volatile int in;
        private volatile int out;

        Quotas(Win32 delegate) {
            super(delegate);
        }

        @Override
        public long CreateNamedPipeW(
                long name, int openMode, int pipeMode, int maxInstances, int outSize, int inSize, int wait, long sa) {
            long handle = super.CreateNamedPipeW(name, openMode, pipeMode, maxInstances, outSize, inSize, wait, sa);
            NativeMemory info = NativeMemory.allocate(2 * Integer.BYTES);
            assertEquals(
                    Win32Error.ERROR_SUCCESS,
                    GetNamedPipeInfo(handle, 0, info.address(), info.address() + Integer.BYTES, 0));
            out = info.buffer().getInt(0);
            in = info.buffer().getInt(Integer.BYTES);
            info.free();
            return handle;
        }
    }

    @Test
    void aServerThatDisconnectsDuringAReadEndsIt() throws Exception {
        try (RawPipe server = RawPipe.single(lab.address())) {
            Inbox inbox = new Inbox();
            lab.connect(inbox);
            Kernels.win32().DisconnectNamedPipe(server.server());
            inbox.awaitInactive();
        }
    }

    @Test
    void aServerThatDisconnectsDuringAWriteFailsIt() throws Exception {
        try (RawPipe server = RawPipe.single(lab.address())) {
            Inbox inbox = new Inbox();
            Channel client = lab.connect(inbox);
            ChannelFuture write = client.writeAndFlush(Unpooled.wrappedBuffer(new byte[100_000]));
            assertFalse(write.await(100), "more than the quota of 4096");
            Kernels.win32().DisconnectNamedPipe(server.server());
            assertInstanceOf(IOException.class, write.await().cause());
            inbox.awaitInactive();
        }
    }
}
