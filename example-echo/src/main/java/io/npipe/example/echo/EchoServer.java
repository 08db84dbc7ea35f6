/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.NamedPipePeerAddress;
import io.npipe.channel.NamedPipeServerChannel;
import io.npipe.channel.PipeSecurity;
import io.npipe.iocp.IocpEventLoopGroup;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Serves every client of a pipe, on two event loops. */
final class EchoServer implements AutoCloseable {

    private static final int WORKER_LOOPS = 2;

    private final EventLoopGroup boss = new IocpEventLoopGroup(1);
    private final EventLoopGroup workers = new IocpEventLoopGroup(WORKER_LOOPS);
    private Channel channel;

    private EchoServer() {}

    /**
     * Binds.
     *
     * @param security who may connect
     * @param connected told of each client, on its event loop
     */
    static EchoServer start(NamedPipeAddress address, PipeSecurity security, Consumer<NamedPipePeerAddress> connected)
            throws Exception {
        EchoServer server = new EchoServer();
        try {
            server.channel = new ServerBootstrap()
                    .group(server.boss, server.workers)
                    .channel(NamedPipeServerChannel.class)
                    .option(NamedPipeChannelOption.SECURITY, security)
                    .childHandler(new ChannelInitializer<NamedPipeChannel>() {
                        @Override
                        protected void initChannel(NamedPipeChannel child) {
                            connected.accept((NamedPipePeerAddress) child.remoteAddress());
                            child.pipeline().addLast(new EchoServerHandler());
                        }
                    })
                    .bind(address)
                    .sync()
                    .channel();
            return server;
        } catch (Exception e) {
            server.close();
            throw e;
        }
    }

    void awaitClose() throws InterruptedException {
        channel.closeFuture().sync();
    }

    @Override
    public void close() {
        boss.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        workers.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
