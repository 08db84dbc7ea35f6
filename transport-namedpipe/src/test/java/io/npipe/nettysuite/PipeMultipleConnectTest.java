/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.SocketMultipleConnectTest;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** Netty's {@link SocketMultipleConnectTest} over pipes; Netty's own binds to a port. */
@Tag("any-jvm")
@ExtendWith(NettySuite.class)
class PipeMultipleConnectTest extends SocketMultipleConnectTest {

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

    @Override
    public void testMultipleConnect(ServerBootstrap sb, Bootstrap cb) throws Exception {
        Channel server = sb.childHandler(new ChannelInboundHandlerAdapter())
                .bind()
                .sync()
                .channel();
        Channel client =
                cb.handler(new ChannelInboundHandlerAdapter()).register().sync().channel();
        client.connect(server.localAddress()).sync();
        assertInstanceOf(
                AlreadyConnectedException.class,
                client.connect(server.localAddress()).await().cause());
        client.close().sync();
        server.close().sync();
    }
}
