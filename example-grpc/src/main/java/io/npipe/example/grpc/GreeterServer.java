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
import io.npipe.example.common.Patience;
import io.npipe.iocp.IocpEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The greeter, on a pipe and, for comparison, on TCP. */
final class GreeterServer implements AutoCloseable {

    private static final int LOOPS = 2;
    private static final long DRAIN_SECONDS = 5;

    private final EventLoopGroup loops = new IocpEventLoopGroup(LOOPS);
    private Server onPipe;
    private Server onTcp;

    private GreeterServer() {}

    /**
     * Serves the user who runs it.
     *
     * @param alsoOnTcp also on a port of the loopback, for anybody on this machine
     */
    static GreeterServer start(NamedPipeAddress address, boolean alsoOnTcp) throws IOException {
        GreeterServer server = new GreeterServer();
        try {
            server.onPipe = onPipe(address, server.loops).start();
            server.onTcp = alsoOnTcp ? onTcp().start() : null;
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw Explained.of(e);
        }
    }

    private static Server onPipe(NamedPipeAddress address, EventLoopGroup loops) {
        String me = PipeSecurity.currentUserSid();
        // The pipe's own security lets nobody else in already; the interceptor tells the service who calls.
        Predicate<NamedPipePeerCredentials> allowed = caller -> me.equals(caller.userSid());
        return NettyServerBuilder.forAddress(address)
                .channelType(NamedPipeServerChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .intercept(new PipeCallerInterceptor(allowed))
                .addService(Greeter.service())
                .build();
    }

    private static Server onTcp() {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(Greeter.service())
                .build();
    }

    /** The port, where it serves TCP, too. */
    int tcpPort() {
        return onTcp.getPort();
    }

    void awaitEnd() throws InterruptedException {
        onPipe.awaitTermination();
    }

    /** Takes no new calls, and lets those under way end: for {@value #DRAIN_SECONDS} s, then they are cancelled. */
    @Override
    public void close() {
        close(DRAIN_SECONDS);
    }

    /** Lets calls under way end for that long. */
    void close(long drainSeconds) {
        List<Server> servers = Stream.of(onPipe, onTcp).filter(Objects::nonNull).toList();
        servers.forEach(Server::shutdown);
        boolean areEnded = true;
        for (Server server : servers) {
            areEnded &= awaitEnd(server, drainSeconds) || awaitEnd(server.shutdownNow(), Patience.SECONDS);
        }
        loops.shutdownGracefully(0, Patience.SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
        if (!areEnded) {
            throw new IllegalStateException("calls did not end, though they were cancelled");
        }
    }

    private static boolean awaitEnd(Server server, long seconds) {
        try {
            return server.awaitTermination(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) { // no time is left
            Thread.currentThread().interrupt();
            server.shutdownNow();
            return true;
        }
    }
}
