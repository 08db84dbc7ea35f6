/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.testsuite.transport.TestsuitePermutation;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.iocp.IocpIoHandler;
import io.npipe.iocp.IocpIoHandlerOptions;
import io.npipe.testkit.HandleLedger;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.PipeLab;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What a class of Netty's suite runs on: boss and workers apart, and all on the same loops; every allocator. After each
 * class the loops end, and nothing may be left open.
 */
final class NettySuite implements BeforeAllCallback, AfterAllCallback {

    private static final int WORKERS = 2;

    private static HandleLedger handles;
    private static EventLoopGroup boss;
    private static EventLoopGroup workers;

    @Override
    public void beforeAll(ExtensionContext context) {
        handles = new HandleLedger(Kernels.win32());
        boss = group(1);
        workers = group(WORKERS);
    }

    private static EventLoopGroup group(int loops) {
        return new MultiThreadIoEventLoopGroup(
                loops, IocpIoHandler.newFactory(new IocpIoHandlerOptions().win32(handles)));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        for (EventLoopGroup group : List.of(boss, workers)) {
            group.shutdownGracefully(0, HangLimit.SECONDS / 2, TimeUnit.SECONDS);
        }
        for (EventLoopGroup group : List.of(boss, workers)) {
            if (!group.terminationFuture().awaitUninterruptibly(HangLimit.SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("event loops did not end");
            }
        }
        Kernels.check();
        handles.assertBalanced();
    }

    static NamedPipeAddress freshAddress() {
        return PipeLab.freshAddress();
    }

    /** Netty's, and the unpooled one. */
    static List<ByteBufAllocator> allocators() {
        List<ByteBufAllocator> allocators = new ArrayList<>(TestsuitePermutation.allocator());
        allocators.add(UnpooledByteBufAllocator.DEFAULT);
        return allocators;
    }

    static List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> serversAndClients() {
        return List.of(combo(boss, workers), combo(workers, workers));
    }

    static List<BootstrapFactory<ServerBootstrap>> servers() {
        return List.of(() -> server(boss, workers), () -> server(workers, workers));
    }

    private static ServerBootstrap server(EventLoopGroup parents, EventLoopGroup children) {
        return new FreshlyBound().group(parents, children).channelFactory(Kernels.servers());
    }

    /**
     * Each bind takes a fresh name, as one to port 0 takes a fresh port. Netty's tests bind again when they have closed
     * the server, but not yet its children, which hold a pipe's name.
     */
    private static final class FreshlyBound extends ServerBootstrap {

        @Override
        public ChannelFuture bind() {
            return bind(freshAddress());
        }
    }

    private static Bootstrap client() {
        return new Bootstrap().group(workers).channelFactory(Kernels.clients());
    }

    private static BootstrapComboFactory<ServerBootstrap, Bootstrap> combo(
            EventLoopGroup parents, EventLoopGroup children) {
        return new BootstrapComboFactory<>() {

            @Override
            public ServerBootstrap newServerInstance() {
                return server(parents, children);
            }

            @Override
            public Bootstrap newClientInstance() {
                return client();
            }
        };
    }
}
