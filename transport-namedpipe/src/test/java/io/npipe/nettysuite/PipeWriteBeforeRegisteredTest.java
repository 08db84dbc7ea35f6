/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
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

/** What {@code WriteBeforeRegisteredTest} asks of sockets: a write to a channel that never gets as far as a connection. */
@Tag("any-jvm")
@ExtendWith(NettySuite.class)
class PipeWriteBeforeRegisteredTest extends AbstractSocketTest {

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
    void aWriteBeforeTheConnectionFailsWithItAndIsReleased(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            Channel channel = cb.handler(new ChannelInboundHandlerAdapter())
                    .connect(newSocketAddress())
                    .channel();
            ByteBuf data = channel.alloc().buffer().writeByte(1);
            ChannelFuture write = channel.writeAndFlush(data);
            assertFalse(write.await().isSuccess());
            channel.closeFuture().sync();
            assertEquals(0, data.refCnt());
        });
    }
}
