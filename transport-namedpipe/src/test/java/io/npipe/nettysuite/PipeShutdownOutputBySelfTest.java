/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.util.CharsetUtil;
import io.npipe.channel.NamedPipeChannel;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** What {@code SocketShutdownOutputBySelfTest} asks of sockets, on byte pipes: they refuse it and go on. */
class PipeShutdownOutputBySelfTest extends PipeSuiteTest {

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
