/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import io.npipe.testkit.HangLimit;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;

/** Over TCP. */
@Tag("any-jvm")
@Tag("not-on-wine-21")
class OverTcpTest extends SamePipelineContract {

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

    @Override
    Channel connect(Supplier<ChannelHandler> server, ChannelHandler client) throws Exception {
        Channel listening = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel child) {
                        child.pipeline().addLast(server.get());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        return new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(client)
                .connect(listening.localAddress())
                .sync()
                .channel();
    }

    @Override
    void await(Future<?> future) throws Exception {
        assertTrue(future.await(HangLimit.SECONDS, TimeUnit.SECONDS), "nothing happens");
    }

    @Override
    void end() throws Exception {
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS);
        assertTrue(loops.terminationFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS), "event loops did not end");
    }
}
