/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapFactory;
import io.netty.testsuite.transport.socket.AbstractSocketShutdownOutputByPeerTest;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.PipeMode;
import io.npipe.testkit.RawClient;
import io.npipe.win32.Win32Error;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Netty's {@link AbstractSocketShutdownOutputByPeerTest} over pipes of messages. The peer is not ours: it ends its output
 * as go-winio and Docker do, by a message of length 0.
 */
@Tag("any-jvm")
@ExtendWith(NettySuite.class)
class PipeShutdownOutputByPeerTest extends AbstractSocketShutdownOutputByPeerTest<AtomicReference<RawClient>> {

    @Override
    protected List<BootstrapFactory<ServerBootstrap>> newFactories() {
        return NettySuite.servers();
    }

    @Override
    protected List<ByteBufAllocator> newAllocators() {
        return NettySuite.allocators();
    }

    @Override
    protected void configure(ServerBootstrap bootstrap, ByteBufAllocator allocator) {
        super.configure(bootstrap, allocator);
        bootstrap
                .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                .childOption(NamedPipeChannelOption.HALF_CLOSE, true);
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return NettySuite.freshAddress();
    }

    @Override
    protected AtomicReference<RawClient> newSocket() {
        return new AtomicReference<>();
    }

    @Override
    protected void connect(AtomicReference<RawClient> socket, SocketAddress address) {
        socket.set(new RawClient((NamedPipeAddress) address, GENERIC_READ | GENERIC_WRITE));
    }

    @Override
    protected void write(AtomicReference<RawClient> socket, int data) {
        assertEquals(Win32Error.ERROR_SUCCESS, socket.get().write(new byte[] {(byte) data}));
    }

    @Override
    protected void shutdownOutput(AtomicReference<RawClient> socket) {
        assertEquals(Win32Error.ERROR_SUCCESS, socket.get().write(new byte[0]));
    }

    @Override
    protected void close(AtomicReference<RawClient> socket) {
        socket.get().close();
    }
}
