/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.npipe.iocp.IocpEventLoopGroup;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.PipeLab;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The other process is ended by force in the middle of a transfer. */
class PeerKilledTest {

    @Test
    void aKilledClientEndsTheChannelAndItsPendingWrite() throws Exception {
        Inbox accepted = new Inbox();
        try (PipeLab lab = new PipeLab()) {
            lab.bind(() -> accepted);
            Process client = startClient(lab.address());
            try {
                Channel child = accepted.awaitActive();
                accepted.awaitBytes(5_000_000); // it sends without end
                ChannelFuture write =
                        child.writeAndFlush(Unpooled.directBuffer(5_000_000).writeZero(5_000_000));
                assertTrue(!write.await(50), "the client was not to read");

                client.destroyForcibly();

                accepted.awaitInactive();
                assertInstanceOf(IOException.class, write.await().cause());
                assertEquals(0, accepted.failures().size(), () -> "" + accepted.failures());
            } finally {
                client.destroyForcibly();
                assertTrue(client.waitFor(HangLimit.SECONDS, TimeUnit.SECONDS));
            }
        }
    }

    private static Process startClient(NamedPipeAddress address) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java.exe")
                                .toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Djava.security.properties=" + System.getProperty("java.security.properties", ""),
                        "-Dio.netty.machineId=" + System.getProperty("io.netty.machineId", ""),
                        EndlessSender.class.getName(),
                        address.path())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** The client process: writes for ever, reads nothing. */
    static final class EndlessSender extends ChannelInboundHandlerAdapter {

        public static void main(String[] arguments) {
            new Bootstrap()
                    .group(new IocpEventLoopGroup(1))
                    .channel(NamedPipeChannel.class)
                    .option(ChannelOption.AUTO_READ, false)
                    .handler(new EndlessSender())
                    .connect(NamedPipeAddress.of(arguments[0]))
                    .syncUninterruptibly();
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            send(ctx);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            send(ctx);
        }

        private static void send(ChannelHandlerContext ctx) {
            while (ctx.channel().isWritable()) {
                ctx.writeAndFlush(ctx.alloc().directBuffer(10_000).writeZero(10_000));
            }
        }
    }
}
