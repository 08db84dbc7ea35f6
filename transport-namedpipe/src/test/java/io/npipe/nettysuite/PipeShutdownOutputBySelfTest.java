/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.AbstractSocketTest;
import io.netty.util.CharsetUtil;
import io.npipe.channel.NamedPipeChannel;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@code SocketShutdownOutputBySelfTest} asks of sockets, on byte pipes: they refuse it and go on. */
@Tag("any-jvm")
@ExtendWith(NettySuite.class)
class PipeShutdownOutputBySelfTest extends AbstractSocketTest {

    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return NettySuite.serversAndClients();
    }

    @Override
    protected List<ByteBufAllocator> newAllocators() {
        return NettySuite.allocators();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return NettySuite.freshAddress();
    }

    private interface Body {
        void accept(NamedPipeChannel client, Received received) throws Exception;
    }

    private void connected(TestInfo testInfo, Body body) throws Throwable {
        run(testInfo, (sb, cb) -> {
            Received received = new Received();
            Channel server = sb.childHandler(new Echo()).bind().sync().channel();
            NamedPipeChannel client = (NamedPipeChannel) cb.option(ChannelOption.SO_LINGER, 1)
                    .handler(received)
                    .connect(server.localAddress())
                    .sync()
                    .channel();
            body.accept(client, received);
            client.close().sync();
            server.close().sync();
        });
    }

    private static void echo(NamedPipeChannel client, Received received, String text) throws Exception {
        client.writeAndFlush(Unpooled.copiedBuffer(text, CharsetUtil.US_ASCII)).sync();
        received.await(text.length());
    }

    @Test
    @Timeout(30)
    void aRefusedShutdownChangesNothing(TestInfo testInfo) throws Throwable {
        connected(testInfo, (client, received) -> {
            echo(client, received, "a");
            for (ChannelFuture refused : List.of(client.shutdownOutput(), client.shutdown())) {
                assertInstanceOf(
                        UnsupportedOperationException.class, refused.await().cause());
            }
            assertTrue(client.isActive());
            assertTrue(client.isWritable());
            assertFalse(client.isInputShutdown());
            assertFalse(client.isOutputShutdown());
            echo(client, received, "ab");
        });
    }

    @Test
    @Timeout(30)
    void afterTheCloseEveryShutdownSaysSo(TestInfo testInfo) throws Throwable {
        connected(testInfo, (client, received) -> {
            client.close().sync();
            for (ChannelFuture refused : List.of(client.shutdownInput(), client.shutdownOutput(), client.shutdown())) {
                assertInstanceOf(ClosedChannelException.class, refused.await().cause());
            }
            assertTrue(client.isShutdown());
        });
    }
}
