/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannelProvider;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.npipe.channel.NamedPipe;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.iocp.IocpEventLoopGroup;
import java.net.SocketAddress;
import java.util.Collection;
import java.util.Set;

/**
 * Makes {@code Grpc.newChannelBuilder("npipe:////./pipe/greeter", credentials)} work. A name resolver alone does not: gRPC
 * takes a channel that supports the addresses which the resolver produces, and that of {@code grpc-netty} supports those
 * of TCP. Found by gRPC through {@code META-INF/services}.
 *
 * <p>Its channels share event loops, as gRPC's do for TCP; their threads are daemons and live as long as the process.
 * With loops of one's own: {@code NettyChannelBuilder.forTarget}, {@code channelType}, {@code eventLoopGroup}.
 */
public final class PipeChannelProvider extends ManagedChannelProvider {

    /** Below that of {@code grpc-netty}, which is the default for targets without a scheme. */
    private static final int PRIORITY = 3;

    private static final int LOOPS = 2;

    /** Made when the first channel is. */
    private static final class Shared {
        static final EventLoopGroup GROUP = new IocpEventLoopGroup(LOOPS, new DefaultThreadFactory("npipe-grpc", true));
    }

    /** Called by gRPC. */
    public PipeChannelProvider() {}

    @Override
    protected NewChannelBuilderResult newChannelBuilder(String target, ChannelCredentials credentials) {
        NettyChannelBuilder builder;
        try {
            builder = NettyChannelBuilder.forTarget(target, credentials);
        } catch (IllegalArgumentException e) { // credentials of a kind that it does not know: gRPC asks others
            return NewChannelBuilderResult.error(e.getMessage());
        }
        return NewChannelBuilderResult.channelBuilder(
                builder.channelType(NamedPipeChannel.class, NamedPipeAddress.class)
                        .eventLoopGroup(Shared.GROUP));
    }

    @Override
    protected NettyChannelBuilder builderForTarget(String target) {
        return (NettyChannelBuilder)
                newChannelBuilder(target, InsecureChannelCredentials.create()).getChannelBuilder();
    }

    @Override
    protected NettyChannelBuilder builderForAddress(String name, int port) {
        throw new UnsupportedOperationException("a pipe has no port");
    }

    @Override
    protected Collection<Class<? extends SocketAddress>> getSupportedSocketAddressTypes() {
        return Set.of(NamedPipeAddress.class);
    }

    @Override
    protected boolean isAvailable() {
        return NamedPipe.isAvailable();
    }

    @Override
    protected int priority() {
        return PRIORITY;
    }
}
