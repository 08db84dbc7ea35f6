/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.channels.NotYetConnectedException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** What {@code SocketChannelNotYetConnectedTest} asks of sockets: half-closing and reading before the connection. */
class PipeNotYetConnectedTest extends PipeSuiteTest {

    @Test
    void nothingCanBeShutDownBeforeTheConnection(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            DuplexChannel channel = (DuplexChannel) cb.handler(new ChannelInboundHandlerAdapter())
                    .register()
                    .sync()
                    .channel();
            for (ChannelFuture refused :
                    List.of(channel.shutdownInput(), channel.shutdownOutput(), channel.shutdown())) {
                assertInstanceOf(NotYetConnectedException.class, refused.await().cause());
            }
            assertTrue(channel.isOpen());
            channel.close().sync();
        });
    }

    @Test
    void aReadBeforeTheConnectionIsPendingUntilThen(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            Channel server = sb.childHandler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public boolean isSharable() {
                            return true;
                        }

                        @Override
                        public void channelActive(ChannelHandlerContext ctx) {
                            ctx.writeAndFlush(Unpooled.copyInt(42));
                        }
                    })
                    .bind()
                    .sync()
                    .channel();
            BlockingQueue<Integer> read = new LinkedBlockingQueue<>();
            Channel client = cb.option(ChannelOption.AUTO_READ, false)
                    .handler(new ByteToMessageDecoder() {
                        @Override
                        public void handlerAdded(ChannelHandlerContext ctx) {
                            assertFalse(ctx.channel().isActive());
                            ctx.read();
                        }

                        @Override
                        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
                            if (in.readableBytes() == Integer.BYTES) {
                                read.add(in.readInt());
                            }
                        }
                    })
                    .connect(server.localAddress())
                    .sync()
                    .channel();
            assertEquals(42, read.take());
            client.close().sync();
            server.close().sync();
        });
    }
}
