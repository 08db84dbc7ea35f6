/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.PendingWriteQueue;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.ObjectUtil;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.npipe.win32.NativeWin32;
import io.npipe.win32.Win32;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lets a connection go on only if its peer may. Until the peer is known and allowed, the handlers behind this one hear
 * nothing of it, what they write is held back, and so is the success of {@code connect()}; a peer that is refused is
 * closed, and they hear nothing of it ever. When it has allowed a peer, the handler removes itself.
 *
 * <p>To be added first, when the channel is initialised, without an executor of its own, on a server's children or on a
 * client; a new one for each channel:
 *
 * <pre>{@code
 * Predicate<NamedPipePeerCredentials> alice = PeerAuthorizationHandler.users("OFFICE\\alice");
 * serverBootstrap.childHandler(new ChannelInitializer<NamedPipeChannel>() {
 *     protected void initChannel(NamedPipeChannel child) {
 *         child.pipeline().addLast(new PeerAuthorizationHandler(alice), new MyHandler());
 *     }
 * });
 * }</pre>
 *
 * <p>Windows itself refuses whom the pipe's {@link PipeSecurity} does not allow, groups included, before there is a
 * connection: that comes first. This handler is for decisions that an access control list cannot express, or that change
 * while the server runs.
 *
 * <p>Windows cannot tell who a client is before the first read if the client did not say how far the server may go
 * ({@code SECURITY_SQOS_PRESENT}), as most programs other than this library's clients do not. Then the handler reads, and
 * decides before it passes on what came. A client from which nothing comes, since it waits for the server to speak first or
 * since the pipe goes the other way only, is never known, and is refused: at once where nothing can come, else after a time.
 */
public class PeerAuthorizationHandler extends ChannelDuplexHandler {

    /** How long a peer may remain unknown by default, in milliseconds. */
    public static final long DEFAULT_TIMEOUT_MILLIS = 30_000;

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(PeerAuthorizationHandler.class);

    private enum State {
        UNDECIDED,
        ALLOWED,
        REFUSED
    }

    private final Predicate<? super NamedPipePeerCredentials> allowed;
    private final long timeoutMillis;
    private State state = State.UNDECIDED;

    // What is withheld while it is undecided.
    private PendingWriteQueue writes;
    private boolean flushed;
    private ChannelPromise connecting;
    private boolean activeWithheld;
    private Future<?> timeout;

    /**
     * Allows whom a predicate allows; a peer may remain unknown for {@value #DEFAULT_TIMEOUT_MILLIS} ms.
     *
     * @param allowed called on the event loop, once; must not block. If it throws, the peer is refused, and that is logged.
     */
    public PeerAuthorizationHandler(Predicate<? super NamedPipePeerCredentials> allowed) {
        this(allowed, DEFAULT_TIMEOUT_MILLIS);
    }

    /**
     * Allows whom a predicate allows.
     *
     * @param allowed called on the event loop, once; must not block. If it throws, the peer is refused, and that is logged.
     * @param timeoutMillis how long a peer may remain unknown, in milliseconds; 0 for ever
     */
    public PeerAuthorizationHandler(Predicate<? super NamedPipePeerCredentials> allowed, long timeoutMillis) {
        this.allowed = Objects.requireNonNull(allowed, "allowed");
        this.timeoutMillis = ObjectUtil.checkPositiveOrZero(timeoutMillis, "timeoutMillis");
    }

    /**
     * Makes a predicate that allows certain users. Groups are not looked into: allow them in {@link PipeSecurity}.
     *
     * @param sidsOrAccounts the SIDs or names ({@code domain\name}) of users. Names are looked up at once, which may ask
     *     another machine: not for an event loop.
     * @return predicate for any number of handlers; it refuses a peer whose user is not known
     * @throws IllegalArgumentException if there is no such account
     * @throws UnsatisfiedLinkError for a name, on a JVM that is not 64-bit Windows
     */
    public static Predicate<NamedPipePeerCredentials> users(String... sidsOrAccounts) {
        return users(NativeWin32::get, sidsOrAccounts);
    }

    static Predicate<NamedPipePeerCredentials> users(Supplier<Win32> win32, String... sidsOrAccounts) {
        Set<String> sids = Stream.of(sidsOrAccounts)
                .map(one -> Accounts.sidOf(win32, one))
                .collect(Collectors.toUnmodifiableSet());
        return peer -> peer.userSid() != null && sids.contains(peer.userSid().toUpperCase(Locale.ROOT));
    }

    // ---- the decision ----------------------------------------------------------------------------------------------

    /** Decides if the peer is known by now. */
    private void decideIfKnown(ChannelHandlerContext ctx) {
        if (state != State.UNDECIDED) {
            return;
        }
        if (!(ctx.channel() instanceof NamedPipeChannel pipe)) {
            logger.warn("{} is no named pipe: nobody tells who its peer is", ctx.channel());
            refuse(ctx, NamedPipePeerCredentials.UNKNOWN);
        } else if (pipe.peerCredentials() != null) {
            decide(ctx, pipe.peerCredentials());
        } else if (!pipe.form().reads()) {
            refuse(ctx, NamedPipePeerCredentials.UNKNOWN);
        }
    }

    private void decide(ChannelHandlerContext ctx, NamedPipePeerCredentials peer) {
        boolean goesOn = false;
        try {
            goesOn = allowed.test(peer);
        } catch (RuntimeException e) {
            logger.warn("{}: no decision about a peer with {}", ctx.channel(), peer, e);
        } finally { // also after an Error
            if (!goesOn) {
                refuse(ctx, peer);
            }
        }
        if (goesOn) {
            allow(ctx);
        }
    }

    /** What was withheld goes its way, in the order in which it would have gone. */
    private void allow(ChannelHandlerContext ctx) {
        state = State.ALLOWED;
        stopWaiting();
        writes.removeAndWriteAll();
        if (flushed) {
            ctx.flush();
        }
        if (connecting != null && !connecting.trySuccess()) { // cancelled meanwhile
            ctx.close();
        }
        if (activeWithheld) {
            ctx.fireChannelActive();
        }
    }

    private void refuse(ChannelHandlerContext ctx, NamedPipePeerCredentials peer) {
        state = State.REFUSED;
        discard(new ConnectException(ctx.channel() + ": refused a peer with " + peer));
        try {
            peerRefused(ctx, peer);
        } finally { // whatever a subclass does
            ctx.close();
        }
    }

    /** Nothing more can tell who it is. */
    private void refuseIfUndecided(ChannelHandlerContext ctx) {
        if (state == State.UNDECIDED) {
            refuse(ctx, NamedPipePeerCredentials.UNKNOWN);
        }
    }

    /** There is nobody left to be refused. */
    private void giveUpIfUndecided(ChannelHandlerContext ctx) {
        if (state == State.UNDECIDED) {
            state = State.REFUSED;
            discard(new ConnectException(ctx.channel() + ": closed before its peer was known"));
        }
    }

    private void discard(Exception cause) {
        stopWaiting();
        if (writes != null) {
            writes.removeAndFailAll(cause);
        }
        if (connecting != null) {
            connecting.tryFailure(cause);
        }
    }

    private void stopWaiting() {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    /** It has done its work. Only when the event that it decided on has been passed on: as long, it passes on all. */
    private void leave(ChannelHandlerContext ctx) {
        if (state == State.ALLOWED && !ctx.isRemoved()) {
            ctx.pipeline().remove(this);
        }
    }

    /**
     * A peer is refused; the channel closes when this returns. Logs it at level info; override it to do otherwise.
     *
     * @param ctx of this handler
     * @param peer who it is
     */
    protected void peerRefused(ChannelHandlerContext ctx, NamedPipePeerCredentials peer) {
        logger.info("{}: refused a peer with {}", ctx.channel(), peer);
    }

    // ---- what happens to the channel -------------------------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        writes = new PendingWriteQueue(ctx);
    }

    /** By somebody else, or with the pipeline. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        giveUpIfUndecided(ctx);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        activeWithheld = true;
        decideIfKnown(ctx);
        if (state == State.UNDECIDED) {
            if (timeoutMillis > 0) {
                timeout = ctx.executor().schedule(() -> refuseIfUndecided(ctx), timeoutMillis, TimeUnit.MILLISECONDS);
            }
            readOn(ctx);
        }
        leave(ctx);
    }

    /** Only a read tells who it is. */
    private static void readOn(ChannelHandlerContext ctx) {
        if (!ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            decideIfKnown(ctx);
            refuseIfUndecided(ctx); // a message without a byte, from which Windows does not know it either
        } finally {
            if (state != State.ALLOWED) {
                ReferenceCountUtil.release(message);
            }
        }
        if (state == State.ALLOWED) {
            ctx.fireChannelRead(message);
        }
        leave(ctx);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        decideIfKnown(ctx);
        if (state == State.UNDECIDED) {
            readOn(ctx);
        } else if (state == State.ALLOWED) {
            ctx.fireChannelReadComplete();
        }
        leave(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        decideIfKnown(ctx);
        if (event instanceof ChannelInputShutdownEvent) {
            refuseIfUndecided(ctx);
        }
        if (state == State.ALLOWED) {
            ctx.fireUserEventTriggered(event);
        } else {
            ReferenceCountUtil.release(event);
        }
        leave(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        decideIfKnown(ctx);
        if (state == State.ALLOWED) {
            ctx.fireExceptionCaught(cause);
        } else {
            logger.debug("{}: a peer that is not let in yet has caused", ctx.channel(), cause);
        }
        leave(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        giveUpIfUndecided(ctx);
        if (!activeWithheld || state == State.ALLOWED) { // else the handlers behind have not heard that it was active
            ctx.fireChannelInactive();
        }
    }

    // ---- what the handlers behind do -------------------------------------------------------------------------------

    @Override
    public void connect(
            ChannelHandlerContext ctx,
            SocketAddress remoteAddress,
            SocketAddress localAddress,
            ChannelPromise promise) {
        if (state != State.UNDECIDED) {
            ctx.connect(remoteAddress, localAddress, promise);
            return;
        }
        ChannelPromise connected = ctx.newPromise();
        promise.addListener(done -> {
            if (done.isCancelled()) {
                connected.cancel(false);
            }
        });
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                promise.tryFailure(done.cause());
            }
        });
        connecting = promise;
        ctx.connect(remoteAddress, localAddress, connected);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        switch (state) {
            case UNDECIDED -> writes.add(message, promise);
            case ALLOWED -> ctx.write(message, promise);
            case REFUSED -> {
                ReferenceCountUtil.release(message);
                promise.tryFailure(new ConnectException(ctx.channel() + ": its peer was refused"));
            }
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        if (state == State.UNDECIDED) {
            flushed = true;
        } else {
            ctx.flush();
        }
    }
}
