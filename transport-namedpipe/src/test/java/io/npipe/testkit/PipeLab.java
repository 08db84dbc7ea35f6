/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.iocp.IocpIoHandler;
import io.npipe.iocp.IocpIoHandlerOptions;
import io.npipe.win32.Win32;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Event loops for servers and for clients, a fresh pipe name, and their orderly end; on the kernel of {@link Kernels}.
 * {@link #close()} fails if a loop does not end within its time, if a handle is left open, or if one was closed twice.
 */
public final class PipeLab implements AutoCloseable {

    private final HandleLedger serverHandles;
    private final HandleLedger clientHandles;
    private final EventLoopGroup serverGroup;
    private final EventLoopGroup clientGroup;
    private final NamedPipeAddress address = freshAddress();

    /** One loop for servers, one for clients. */
    public PipeLab() {
        this(1, 1);
    }

    /** That many loops each. */
    public PipeLab(int serverLoops, int clientLoops) {
        this(serverLoops, Kernels.win32(), clientLoops, Kernels.win32());
    }

    /** With seams of their own. */
    public PipeLab(int serverLoops, Win32 serverKernel, int clientLoops, Win32 clientKernel) {
        serverHandles = new HandleLedger(serverKernel);
        clientHandles = new HandleLedger(clientKernel);
        serverGroup = group(serverLoops, serverHandles);
        clientGroup = group(clientLoops, clientHandles);
    }

    private static EventLoopGroup group(int loops, Win32 kernel) {
        return new MultiThreadIoEventLoopGroup(
                loops, IocpIoHandler.newFactory(new IocpIoHandlerOptions().win32(kernel)));
    }

    /** A name that no other test has. */
    public static NamedPipeAddress freshAddress() {
        return NamedPipeAddress.of("npipe-test-" + UUID.randomUUID());
    }

    /** The address of this lab's server. */
    public NamedPipeAddress address() {
        return address;
    }

    /** The servers' loops. */
    public EventLoopGroup serverGroup() {
        return serverGroup;
    }

    /** The clients' loops. */
    public EventLoopGroup clientGroup() {
        return clientGroup;
    }

    /** A server to be bound, with a handler for each child. */
    public ServerBootstrap server(Supplier<? extends ChannelHandler> childHandler) {
        return new ServerBootstrap()
                .group(serverGroup)
                .channelFactory(Kernels.servers())
                .childHandler(new Initializer(childHandler));
    }

    /** A client to be connected. */
    public Bootstrap client(ChannelHandler handler) {
        return new Bootstrap()
                .group(clientGroup)
                .channelFactory(Kernels.clients())
                .handler(handler);
    }

    /** Binds a server to this lab's address. */
    public Channel bind(Supplier<? extends ChannelHandler> childHandler) {
        return server(childHandler).bind(address).syncUninterruptibly().channel();
    }

    /** Connects a client to this lab's address. */
    public Channel connect(ChannelHandler handler) {
        return client(handler).connect(address).syncUninterruptibly().channel();
    }

    @Override
    public void close() {
        serverGroup.shutdownGracefully(0, HangLimit.SECONDS / 2, TimeUnit.SECONDS);
        clientGroup.shutdownGracefully(0, HangLimit.SECONDS / 2, TimeUnit.SECONDS);
        if (!serverGroup.terminationFuture().awaitUninterruptibly(HangLimit.SECONDS, TimeUnit.SECONDS)
                || !clientGroup.terminationFuture().awaitUninterruptibly(HangLimit.SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("event loops did not end");
        }
        Kernels.check();
        serverHandles.assertBalanced();
        clientHandles.assertBalanced();
    }

    private static final class Initializer extends io.netty.channel.ChannelInitializer<Channel> {

        private final Supplier<? extends ChannelHandler> childHandler;

        Initializer(Supplier<? extends ChannelHandler> childHandler) {
            this.childHandler = childHandler;
        }

        @Override
        protected void initChannel(Channel child) {
            child.pipeline().addLast(childHandler.get());
        }
    }
}
