/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.SocketConnectTest;
import io.netty.util.CharsetUtil;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** Netty's {@link SocketConnectTest} over pipes. What casts to sockets and their addresses is written anew. */
@Tag("any-jvm")
@ExtendWith(NettySuite.class)
class PipeConnectTest extends SocketConnectTest {

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
    public void testLocalAddressAfterConnect(ServerBootstrap sb, Bootstrap cb) throws Throwable {
        BlockingQueue<SocketAddress> childAddresses = new LinkedBlockingQueue<>();
        Channel server = sb.childHandler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(io.netty.channel.ChannelHandlerContext ctx) {
                        childAddresses.add(ctx.channel().localAddress());
                    }
                })
                .bind()
                .sync()
                .channel();
        Channel client =
                cb.handler(new ChannelInboundHandlerAdapter()).register().sync().channel();
        assertNull(client.localAddress());
        assertNull(client.remoteAddress());
        client.connect(server.localAddress()).sync();
        assertEquals(server.localAddress(), client.localAddress());
        assertEquals(server.localAddress(), client.remoteAddress());
        assertEquals(server.localAddress(), childAddresses.take());
        client.close().sync();
        server.close().sync();
    }

    /** Without a fast open to switch on: what was written before the connection comes first all the same. */
    @Override
    protected void testWriteWithFastOpenBeforeConnect(
            ServerBootstrap sb, Bootstrap cb, Function<Channel, ByteBuf> initialData, String expected)
            throws Throwable {
        Channel server = sb.childHandler(new Echo()).bind().sync().channel();
        for (int i = 0; i < 2; i++) {
            Received received = new Received();
            Channel client = cb.handler(received).register().sync().channel();
            ChannelFuture early = client.write(initialData.apply(client));
            client.connect(server.localAddress()).sync();
            client.writeAndFlush(client.alloc().buffer().writeBytes("[normal data]".getBytes(CharsetUtil.US_ASCII)))
                    .sync();
            early.sync();
            assertEquals(expected + "[normal data]", received.await(expected.length() + 13));
            client.disconnect().sync();
        }
        server.close().sync();
    }
}
