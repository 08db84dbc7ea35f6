/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.ServerChannel;
import io.npipe.iocp.IocpIoEvent;
import io.npipe.iocp.IocpIoOps;
import io.npipe.iocp.IocpIoRegistration;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * Listens on a named pipe of this machine and gives each client a {@link NamedPipeChannel}.
 *
 * <p>There are always instances listening ahead ({@link NamedPipeChannelOption#LISTENING_INSTANCES}): before a client is
 * handed to the handlers, the next instance listens in the place of its own. With auto-read off, clients connect until
 * the listening instances are taken; the rest waits as its connect timeout allows.
 *
 * <p>By default the pipe is open to the user of this process alone, and to no remote client: {@link
 * NamedPipeChannelOption#SECURITY} has more. A child knows its client when it is handed to the handlers ({@link
 * NamedPipePeerAddress}), or at its first read where Windows cannot tell before. A name that another server has fails
 * the bind with {@link java.net.BindException}.
 */
public final class NamedPipeServerChannel extends AbstractNamedPipeChannel implements ServerChannel {

    private final Surroundings surroundings;
    private final NamedPipeServerChannelConfig config;
    private PipeListener listener;
    private boolean readRequested;
    private volatile NamedPipeAddress boundTo;

    /**
     * Makes an unbound server.
     *
     * @throws UnsatisfiedLinkError on a JVM that is not 64-bit Windows
     */
    public NamedPipeServerChannel() {
        this(ensured());
    }

    /** Without the check for availability. */
    NamedPipeServerChannel(Surroundings surroundings) {
        super(null);
        this.surroundings = surroundings;
        config = new NamedPipeServerChannelConfig(this);
    }

    private static Surroundings ensured() {
        NamedPipe.ensureAvailability();
        return Surroundings.DEFAULT;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new ServerUnsafe();
    }

    @Override
    public NamedPipeServerChannelConfig config() {
        return config;
    }

    @Override
    public boolean isActive() {
        return boundTo != null && isOpen();
    }

    @Override
    public NamedPipeAddress localAddress() {
        return (NamedPipeAddress) super.localAddress();
    }

    /** A server has none. */
    @Override
    public NamedPipeAddress remoteAddress() {
        return null;
    }

    @Override
    NamedPipeAddress pipeAddress() {
        return boundTo;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    void joinLoop(IocpIoRegistration registration) {
        // nothing is bound yet: a bound server is not registered again
    }

    @Override
    protected void doBind(SocketAddress localAddress) throws IOException {
        if (!(localAddress instanceof NamedPipeAddress address)) {
            throw PipeFailures.addressType(localAddress);
        }
        if (boundTo != null) {
            throw new IllegalStateException("already bound to " + boundTo);
        }
        if (!address.isLocal()) {
            throw new IllegalArgumentException(
                    address + ": a server can create pipes on its own machine only, with . as the host");
        }
        if (!canBegin()) {
            throw notRegistered();
        }
        config.requireNoRefusedOption();
        listener = PipeListener.bind(this, address);
        stayWithLoop();
        boundTo = address;
        listener.start();
    }

    @Override
    protected void doBeginRead() {
        readRequested = true;
        if (listener != null) {
            listener.acceptIfReady();
        }
    }

    void autoReadCleared() {
        if (!isRegistered() || !isOpen()) { // once closed, its loop may have ended, too
            return;
        }
        if (eventLoop().inEventLoop()) {
            readRequested = false;
        } else {
            eventLoop().execute(() -> readRequested = false);
        }
    }

    /** Whether a handler waits for clients; asking takes the request. */
    boolean takeReadRequest() {
        boolean requested = readRequested;
        readRequested = false;
        return requested;
    }

    @Override
    void operationEnded(IocpIoEvent event) {
        if (event.opcode() != IocpIoOps.POST) {
            throw new IllegalStateException("unexpected " + event);
        }
        listener.listenEnded(event.bytesTransferred());
    }

    @Override
    boolean isSettling() {
        return false;
    }

    @Override
    void cancelOperations() {
        if (listener != null) {
            listener.cancel();
        }
    }

    @Override
    void releaseHandles() {
        if (listener != null) {
            listener.release();
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) {
        throw new UnsupportedOperationException("a server channel does not write");
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        throw new UnsupportedOperationException("a server channel does not write");
    }

    private final class ServerUnsafe extends AbstractNamedPipeUnsafe {

        @Override
        public void connect(SocketAddress remoteAddress, SocketAddress localAddress, ChannelPromise promise) {
            promise.tryFailure(new UnsupportedOperationException("a server channel does not connect"));
        }

        @Override
        public void unregistered() {
            // slots were freed with the last event
        }
    }
}
