/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.internal.ObjectUtil;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.npipe.win32.NativeWin32;
import io.npipe.win32.Win32;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Rejects peers that your predicate does not accept. Until the peer is known and accepted, the handlers behind this one see
 * no event of the connection, what they write is held back, and so is the success of {@code connect()}. If the peer is
 * refused, the channel closes and they never see an event of it.
 *
 * <p>Add it first, when the channel is initialised, on a server's children or on a client; create a new one for each channel:
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
 *
 * <ul>
 *   <li>Before a client is connected there is no peer yet: events and exceptions pass; writes are held back.
 *   <li>User events and exceptions between the connection and the decision are held back, and passed on in their order,
 *       after {@code channelActive}, if the peer is accepted.
 *   <li>If the handler is removed or replaced, or the channel is deregistered, before there is a decision, the channel
 *       closes: pending writes and the connect fail with {@link java.net.ConnectException}, and nothing is passed on. After
 *       the decision the handler removes itself.
 *   <li>If it is added to a channel that is active already, it holds back what comes from then on, and decides in the next
 *       turn of the event loop, or when the peer is known.
 *   <li>While it is in the pipeline, there is a second handler right behind it, which holds back the events and writes.
 *       Handlers that you add behind this one should go behind both: {@code addLast} does that.
 *   <li>With an executor of its own, the predicate may block. The handler then stays in the pipeline, and passes on what
 *       comes. The executor must execute its tasks in order.
 * </ul>
 */
public class PeerAuthorizationHandler extends ChannelDuplexHandler {

    /** How long a peer may remain unknown by default, in milliseconds. */
    public static final long DEFAULT_TIMEOUT_MILLIS = 30_000;

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(PeerAuthorizationHandler.class);

    private final Predicate<? super NamedPipePeerCredentials> allowed;
    private final long timeoutMillis;

    /** Null until this handler is in a pipeline. */
    private PeerGate gate;

    /**
     * Allows whom a predicate allows; a peer may remain unknown for {@value #DEFAULT_TIMEOUT_MILLIS} ms.
     *
     * @param allowed called once, by the handler's executor, which is the event loop unless another one was given; must not
     *     block an event loop. If it throws, the peer is refused, and that is logged.
     */
    public PeerAuthorizationHandler(Predicate<? super NamedPipePeerCredentials> allowed) {
        this(allowed, DEFAULT_TIMEOUT_MILLIS);
    }

    /**
     * Allows whom a predicate allows.
     *
     * @param allowed called once, by the handler's executor, which is the event loop unless another one was given; must not
     *     block an event loop. If it throws, the peer is refused, and that is logged.
     * @param timeoutMillis how long a peer may remain unknown, in milliseconds; 0 for ever
     */
    public PeerAuthorizationHandler(Predicate<? super NamedPipePeerCredentials> allowed, long timeoutMillis) {
        ensureNotSharable();
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

    /**
     * A peer is refused; the channel closes when this returns. Logs it at level info; override it to do otherwise. What it
     * throws is logged.
     *
     * @param ctx of this handler
     * @param peer who it is
     */
    protected void peerRefused(ChannelHandlerContext ctx, NamedPipePeerCredentials peer) {
        logger.info("{}: refused a peer with {}", ctx.channel(), peer);
    }

    /** Puts what withholds right behind this handler, with the same executor. */
    @Override
    @SuppressWarnings("deprecation") // handlers with executors of their own, which Netty still has
    public final void handlerAdded(ChannelHandlerContext ctx) {
        gate = new PeerGate(this, ctx, allowed, timeoutMillis);
        if (ctx.pipeline().context(this) != null) { // else it was removed before the channel was registered
            boolean onLoop = ctx.executor() == ctx.channel().eventLoop();
            ctx.pipeline().addAfter(onLoop ? null : ctx.executor(), ctx.name(), null, gate);
        }
    }

    /** Closes the channel if there is no decision yet. */
    @Override
    public final void handlerRemoved(ChannelHandlerContext ctx) {
        gate.takenAway();
    }

    /** With an executor of its own, a write may come from behind before this handler knows that it was added. */
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        gate.writeOfOwner(ctx, message, promise);
    }

    // ---- if somebody has removed the gate, and not this ------------------------------------------------------------

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        if (gate.isGone()) {
            gate.channelActive(ctx);
        } else {
            ctx.fireChannelActive();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        if (gate.isGone()) {
            gate.channelInactive(ctx);
        } else {
            ctx.fireChannelInactive();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        if (gate.isGone()) {
            gate.channelRead(ctx, message);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        if (gate.isGone()) {
            gate.channelReadComplete(ctx);
        } else {
            ctx.fireChannelReadComplete();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (gate.isGone()) {
            gate.userEventTriggered(ctx, event);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        if (gate.isGone()) {
            gate.exceptionCaught(ctx, cause);
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }
}
