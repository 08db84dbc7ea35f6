/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeServerChannel;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.PipeLab;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** gRPC over a pipe of its own, and its orderly end: nothing runs on, no handle is left open. */
final class GrpcLab implements AutoCloseable {

    private final PipeLab pipes = new PipeLab();
    private final List<Server> servers = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();

    NamedPipeAddress address() {
        return pipes.address();
    }

    PipeLab pipes() {
        return pipes;
    }

    NettyServerBuilder server() {
        return NettyServerBuilder.forAddress(address())
                .channelType(NamedPipeServerChannel.class)
                .bossEventLoopGroup(pipes.serverGroup())
                .workerEventLoopGroup(pipes.serverGroup());
    }

    NettyChannelBuilder client() {
        return NettyChannelBuilder.forAddress(address())
                .channelType(NamedPipeChannel.class, NamedPipeAddress.class)
                .eventLoopGroup(pipes.clientGroup())
                .overrideAuthority("localhost");
    }

    /** Shows a server's calls before they are served. */
    static ServerInterceptor seeing(Consumer<ServerCall<?, ?>> each) {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                each.accept(call);
                return next.startCall(call, headers);
            }
        };
    }

    Server start(NettyServerBuilder builder) throws IOException {
        Server server = builder.build().start();
        servers.add(server);
        return server;
    }

    Server start(ServerServiceDefinition service) throws IOException {
        return start(server().addService(service));
    }

    ManagedChannel connect(NettyChannelBuilder builder) {
        ManagedChannel channel = builder.build();
        channels.add(channel);
        return channel;
    }

    ManagedChannel connect() {
        return connect(client().usePlaintext());
    }

    static void end(Server server) throws InterruptedException {
        assertTrue(
                server.shutdownNow().awaitTermination(HangLimit.SECONDS, TimeUnit.SECONDS), "the server does not end");
    }

    static void end(ManagedChannel channel) throws InterruptedException {
        assertTrue(
                channel.shutdownNow().awaitTermination(HangLimit.SECONDS, TimeUnit.SECONDS),
                "the channel does not end");
    }

    @Override
    public void close() {
        try {
            for (ManagedChannel channel : channels) {
                end(channel);
            }
            for (Server server : servers) {
                end(server);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            pipes.close();
        }
    }
}
