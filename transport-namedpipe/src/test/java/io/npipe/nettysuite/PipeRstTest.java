/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** What {@code SocketRstTest} asks of sockets: the peer hears of a close by its channel becoming inactive, and of no error. */
class PipeRstTest extends PipeSuiteTest {

    @Test
    void thePeerOfAClosedChannelSeesNoError(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            BlockingQueue<Object> events = new LinkedBlockingQueue<>();
            Channel server = sb.childOption(ChannelOption.SO_LINGER, 0)
                    .childHandler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public boolean isSharable() {
                            return true;
                        }

                        @Override
                        public void channelActive(ChannelHandlerContext ctx) {
                            ctx.close();
                        }
                    })
                    .bind()
                    .sync()
                    .channel();
            cb.handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                            events.add(cause);
                        }

                        @Override
                        public void channelInactive(ChannelHandlerContext ctx) {
                            events.add("inactive");
                        }
                    })
                    .connect(server.localAddress())
                    .sync();
            assertEquals("inactive", events.take());
            server.close().sync();
        });
    }
}
