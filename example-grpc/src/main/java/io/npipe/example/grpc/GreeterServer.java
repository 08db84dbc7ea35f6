/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipePeerCredentials;
import io.npipe.channel.NamedPipeServerChannel;
import io.npipe.channel.PipeSecurity;
import io.npipe.iocp.IocpEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The greeter, on a pipe and, for comparison, on TCP. */
final class GreeterServer implements AutoCloseable {

    private static final int LOOPS = 2;
    private static final long END_SECONDS = 5;

    private final EventLoopGroup loops;
    private final Server onPipe;
    private Server onTcp;

    private GreeterServer(EventLoopGroup loops, Server onPipe) {
        this.loops = loops;
        this.onPipe = onPipe;
    }

    /** Serves the user who runs it. */
    static GreeterServer start(NamedPipeAddress address) throws IOException {
        String me = PipeSecurity.currentUserSid();
        // The pipe's own security lets nobody else in already; the interceptor tells the service who calls.
        Predicate<NamedPipePeerCredentials> allowed = caller -> me.equals(caller.userSid());
        EventLoopGroup loops = new IocpEventLoopGroup(LOOPS);
        try {
            Server server = NettyServerBuilder.forAddress(address)
                    .channelType(NamedPipeServerChannel.class)
                    .bossEventLoopGroup(loops)
                    .workerEventLoopGroup(loops)
                    .intercept(new PipeCallerInterceptor(allowed))
                    .addService(Greeter.service())
                    .build()
                    .start();
            return new GreeterServer(loops, server);
        } catch (IOException | RuntimeException e) {
            loops.shutdownGracefully(0, END_SECONDS, TimeUnit.SECONDS);
            throw e;
        }
    }

    /** Serves over TCP, too: anybody on this machine. Returns the port. */
    int listenOnLoopback() throws IOException {
        onTcp = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(Greeter.service())
                .build()
                .start();
        return onTcp.getPort();
    }

    void awaitEnd() throws InterruptedException {
        onPipe.awaitTermination();
    }

    @Override
    public void close() {
        try {
            onPipe.shutdownNow().awaitTermination(END_SECONDS, TimeUnit.SECONDS);
            if (onTcp != null) {
                onTcp.shutdownNow().awaitTermination(END_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loops.shutdownGracefully(0, END_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
