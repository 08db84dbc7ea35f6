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
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.SocketAddressesTest;
import io.npipe.channel.NamedPipeAddress;
import java.net.SocketAddress;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** Netty's {@link SocketAddressesTest} over pipes: a client has no address of its own to connect from. */
@Tag("any-jvm")
@ExtendWith(NettySuite.class)
class PipeAddressesTest extends SocketAddressesTest {

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
    protected void assertAddress(SocketAddress address) {
        assertTrue(assertInstanceOf(NamedPipeAddress.class, address).isLocal());
    }

    /** Where Netty connects from a local address: that is refused, and the channel can still connect without. */
    @Test
    @Override
    public void testAddresses(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            Channel server = sb.childHandler(new ChannelInboundHandlerAdapter())
                    .bind()
                    .sync()
                    .channel();
            Channel client = cb.handler(new ChannelInboundHandlerAdapter())
                    .register()
                    .sync()
                    .channel();
            Throwable refusal = client.connect(server.localAddress(), newSocketAddress())
                    .await()
                    .cause();
            assertInstanceOf(UnsupportedOperationException.class, refusal);
            assertFalse(client.isActive());

            client.connect(server.localAddress()).sync();
            assertAddress(client.localAddress());
            assertAddress(client.remoteAddress());
            client.close().sync();
            server.close().sync();
        });
    }
}
