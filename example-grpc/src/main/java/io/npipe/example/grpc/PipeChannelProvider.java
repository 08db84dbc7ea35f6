/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannelProvider;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyChannelProvider;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.npipe.channel.NamedPipe;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.iocp.IocpEventLoopGroup;
import java.net.SocketAddress;
import java.util.Collection;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Makes {@code Grpc.newChannelBuilder("npipe:////./pipe/greeter", credentials)} work. A name resolver alone does not: gRPC
 * takes a channel that supports the addresses which the resolver produces, and that of {@code grpc-netty} supports those
 * of TCP. Found by gRPC through {@code META-INF/services}.
 *
 * <p>The builders it makes are {@link NettyChannelBuilder}s: options of the pipe, such as the owner that its server must
 * have, are set after a cast.
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

    private final NettyChannelProvider netty = new NettyChannelProvider();

    /** Called by gRPC. */
    public PipeChannelProvider() {}

    @Override
    protected NewChannelBuilderResult newChannelBuilder(String target, ChannelCredentials credentials) {
        return overPipes(() -> netty.newChannelBuilder(target, credentials));
    }

    @Override
    protected NewChannelBuilderResult newChannelBuilder(
            String target,
            ChannelCredentials credentials,
            NameResolverRegistry resolvers,
            NameResolverProvider resolver) {
        return overPipes(() -> netty.newChannelBuilder(target, credentials, resolvers, resolver));
    }

    private static NewChannelBuilderResult overPipes(Supplier<NewChannelBuilderResult> netty) {
        if (!NamedPipe.isAvailable()) {
            return NewChannelBuilderResult.error(NamedPipe.unavailabilityCause().getMessage());
        }
        NewChannelBuilderResult made = netty.get();
        if (made.getError() == null) {
            overPipes((NettyChannelBuilder) made.getChannelBuilder());
        }
        return made;
    }

    private static NettyChannelBuilder overPipes(NettyChannelBuilder builder) {
        return builder.channelType(NamedPipeChannel.class, NamedPipeAddress.class)
                .eventLoopGroup(Shared.GROUP);
    }

    @Override
    protected NettyChannelBuilder builderForTarget(String target) {
        return overPipes(netty.builderForTarget(target));
    }

    @Override
    protected NettyChannelBuilder builderForAddress(String name, int port) {
        throw new UnsupportedOperationException("a pipe has no port");
    }

    @Override
    protected Collection<Class<? extends SocketAddress>> getSupportedSocketAddressTypes() {
        return Set.of(NamedPipeAddress.class);
    }

    /** Also where there are no pipes: else nobody would say so. */
    @Override
    protected boolean isAvailable() {
        return true;
    }

    @Override
    protected int priority() {
        return PRIORITY;
    }
}
