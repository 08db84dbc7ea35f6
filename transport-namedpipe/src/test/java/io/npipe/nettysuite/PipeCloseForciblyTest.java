/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.AbstractSocketTest;
import java.net.SocketAddress;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@code SocketCloseForciblyTest} asks of sockets: an accepted channel that is closed before it is registered. */
@Tag("any-jvm")
@ExtendWith(NettySuite.class)
class PipeCloseForciblyTest extends AbstractSocketTest {

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

    @Test
    @Timeout(30)
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
