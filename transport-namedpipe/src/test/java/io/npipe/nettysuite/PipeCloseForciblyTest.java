/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** What {@code SocketCloseForciblyTest} asks of sockets: an accepted channel that is closed before it is registered. */
class PipeCloseForciblyTest extends PipeSuiteTest {

    @Test
    void aChildThatIsClosedForciblyInsteadOfRegisteredEndsItsClient(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            Channel server = sb.handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelRead(ChannelHandlerContext ctx, Object child) {
                            ((Channel) child).unsafe().closeForcibly();
                        }
                    })
                    .childHandler(new ChannelInboundHandlerAdapter())
                    .bind()
                    .sync()
                    .channel();
            cb.handler(new ChannelInboundHandlerAdapter())
                    .connect(server.localAddress())
                    .channel()
                    .closeFuture()
                    .sync();
            server.close().sync();
        });
    }
}
