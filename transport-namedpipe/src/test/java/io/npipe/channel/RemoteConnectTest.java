/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_BAD_NETPATH;
import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.NativeText;
import io.npipe.testkit.ObservedWin32;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.RawPipe;
import io.npipe.win32.Win32;
import java.net.ConnectException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pipes of other machines, which the seam stands in for: opened off the loop, and given up in any state. */
@Tag("any-jvm")
class RemoteConnectTest {

    private static final NamedPipeAddress REMOTE = NamedPipeAddress.of("\\\\elsewhere\\pipe\\x");

    private final Network network = new Network(Kernels.win32());
    private final PipeLab lab = new PipeLab(1, Kernels.win32(), 1, network);

    @AfterEach
    void endLoops() {
        network.answer.countDown();
        lab.close();
    }

    /** Answers an open of a remote path when told, with what it is told. */
    private static final class Network extends ObservedWin32 {

        final CountDownLatch asked = new CountDownLatch(1);
        final CountDownLatch answer = new CountDownLatch(1);
        final AtomicInteger opens = new AtomicInteger();
        volatile long result = -ERROR_BAD_NETPATH;
        volatile String thread;

        Network(Win32 delegate) {
            super(delegate);
        }

        @Override
        public long CreateFileW(
                long lpFileName,
                int dwDesiredAccess,
                int dwShareMode,
                long lpSecurityAttributes,
                int dwCreationDisposition,
                int dwFlagsAndAttributes,
                long hTemplateFile) {
            if (!NativeText.wide(lpFileName).equals(REMOTE.path())) {
                return super.CreateFileW(
                        lpFileName,
                        dwDesiredAccess,
                        dwShareMode,
                        lpSecurityAttributes,
                        dwCreationDisposition,
                        dwFlagsAndAttributes,
                        hTemplateFile);
            }
            opens.incrementAndGet();
            thread = Thread.currentThread().getName();
            asked.countDown();
            try {
                answer.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return result;
        }
    }

    @Test
    void theLoopIsFreeWhileTheNetworkTakesItsTime() throws Exception {
        ChannelFuture connect = lab.client(new ChannelInboundHandlerAdapter()).connect(REMOTE);
        assertTrue(network.asked.await(HangLimit.SECONDS, TimeUnit.SECONDS));
        assertEquals(7, lab.clientGroup().next().submit(() -> 7).get(HangLimit.SECONDS, TimeUnit.SECONDS));
        assertTrue(network.thread.startsWith("npipe-connect-"), network.thread);
        assertFalse(connect.isDone());

        network.answer.countDown();

        ConnectException failure =
                assertInstanceOf(ConnectException.class, connect.await().cause());
        assertTrue(failure.getMessage().contains(REMOTE.path()), failure.getMessage());
        assertTrue(failure.getMessage().contains("ERROR_BAD_NETPATH"), failure.getMessage());
    }

    @Test
    void aTimeoutDoesNotWaitForTheNetwork() throws Exception {
        ChannelFuture connect = lab.client(new ChannelInboundHandlerAdapter())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 50)
                .connect(REMOTE);

        assertInstanceOf(ConnectTimeoutException.class, connect.await().cause());
        assertTrue(connect.channel().closeFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void aBusyRemotePipeIsTriedAgainUntilTheTimeout() throws Exception {
        network.result = -ERROR_PIPE_BUSY;
        network.answer.countDown();

        // Long enough for two attempts, however slow the machine.
        for (int timeout = 450; network.opens.get() < 2; timeout *= 2) {
            network.opens.set(0);
            ChannelFuture connect = lab.client(new ChannelInboundHandlerAdapter())
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeout)
                    .connect(REMOTE);

            assertInstanceOf(ConnectTimeoutException.class, connect.await().cause());
            connect.channel().closeFuture().sync();
            assertTrue(timeout < TimeUnit.SECONDS.toMillis(HangLimit.SECONDS), "it is not tried again");
        }
    }

    @Test
    void aHandleThatComesTooLateIsClosed() throws Exception {
        try (RawPipe pipe = RawPipe.single(lab.address())) {
            ChannelFuture connect =
                    lab.client(new ChannelInboundHandlerAdapter()).connect(REMOTE);
            assertTrue(network.asked.await(HangLimit.SECONDS, TimeUnit.SECONDS));
            network.result = pipe.connectClient().takeClient();
            connect.channel().close().sync();

            network.answer.countDown();

            pipe.awaitPeerClosed();
        }
    }
}
