/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
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
 * Lets a connection go on only if its peer may: the handlers behind it hear of the channel, and get bytes, when the peer is
 * known and allowed; else the channel is closed, and they hear nothing. To be added first, when the channel is initialised,
 * on a server's children or on a client. When it has decided, it removes itself.
 *
 * <pre>{@code
 * PeerAuthorizationHandler onlyAlice = PeerAuthorizationHandler.allow("OFFICE\\alice");
 * serverBootstrap.childHandler(new ChannelInitializer<Channel>() {
 *     protected void initChannel(Channel child) {
 *         child.pipeline().addLast(onlyAlice, new MyHandler());
 *     }
 * });
 * }</pre>
 *
 * <p>Windows itself refuses whom the pipe's {@link PipeSecurity} does not allow, groups included, before there is a
 * connection: that comes first. This handler is for decisions that an access control list cannot express, or that change
 * while the server runs. Where Windows cannot tell who the client is before the first read, this handler reads, and decides
 * before it passes on what came; if its first message is empty, and so tells nothing, the peer is refused. A peer whose user is not known is refused by {@link #allow}.
 *
 * <p>One instance may be in many pipelines.
 */
@Sharable
public class PeerAuthorizationHandler extends ChannelInboundHandlerAdapter {

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(PeerAuthorizationHandler.class);

    /** Present while the handlers behind have not been told that the channel is active, though it is. */
    private static final AttributeKey<Boolean> ACTIVE_WITHHELD =
            AttributeKey.valueOf(PeerAuthorizationHandler.class, "ACTIVE_WITHHELD");

    private final Predicate<? super NamedPipePeerCredentials> allowed;

    /**
     * Allows whom a predicate allows.
     *
     * @param allowed called on the event loop, once a connection; must not block. An exception of it refuses, and goes down
     *     the pipeline.
     */
    public PeerAuthorizationHandler(Predicate<? super NamedPipePeerCredentials> allowed) {
        this.allowed = Objects.requireNonNull(allowed, "allowed");
    }

    /**
     * Allows users. Groups are not looked into: allow them in {@link PipeSecurity}.
     *
     * @param sidsOrAccounts the SIDs or names of users. Names are looked up at once, which may ask another machine: not for
     *     an event loop.
     * @return handler
     * @throws IllegalArgumentException if there is no such account
     * @throws UnsatisfiedLinkError for a name, on a JVM that is not 64-bit Windows
     */
    public static PeerAuthorizationHandler allow(String... sidsOrAccounts) {
        return allow(NativeWin32::get, sidsOrAccounts);
    }

    static PeerAuthorizationHandler allow(Supplier<Win32> win32, String... sidsOrAccounts) {
        Set<String> sids = Stream.of(sidsOrAccounts)
                .map(one -> Accounts.sidOf(win32, one))
                .collect(Collectors.toUnmodifiableSet());
        return new PeerAuthorizationHandler(
                peer -> peer.userSid() != null && sids.contains(peer.userSid().toUpperCase(Locale.ROOT)));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.channel().attr(ACTIVE_WITHHELD).set(true);
        NamedPipePeerCredentials peer = peer(ctx);
        if (peer != null) {
            decide(ctx, peer);
        } else {
            readOn(ctx);
        }
    }

    /** Null if that is not known yet. */
    private static NamedPipePeerCredentials peer(ChannelHandlerContext ctx) {
        if (ctx.channel() instanceof NamedPipeChannel pipe) {
            return pipe.peerCredentials();
        }
        ctx.close();
        throw new IllegalStateException(ctx.channel() + " is no named pipe: nobody tells who its peer is");
    }

    /** Only a read tells who it is. */
    private static void readOn(ChannelHandlerContext ctx) {
        if (!ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        boolean goesOn = false;
        try {
            NamedPipePeerCredentials peer = peer(ctx);
            if (peer != null) {
                goesOn = decide(ctx, peer);
            } else { // a message without a byte, from which Windows does not know it either
                refuse(ctx, NamedPipePeerCredentials.UNKNOWN);
            }
        } finally {
            if (!goesOn) {
                ReferenceCountUtil.release(message);
            }
        }
        if (goesOn) {
            ctx.fireChannelRead(message);
        }
    }

    /** Returns whether the peer may go on. */
    private boolean decide(ChannelHandlerContext ctx, NamedPipePeerCredentials peer) {
        boolean goesOn = false;
        try {
            goesOn = allowed.test(peer);
        } finally { // also if it throws
            if (!goesOn) {
                refuse(ctx, peer);
            }
        }
        if (goesOn) {
            ctx.pipeline().remove(this);
            if (ctx.channel().attr(ACTIVE_WITHHELD).getAndSet(null) != null) {
                ctx.fireChannelActive();
            }
        }
        return goesOn;
    }

    private void refuse(ChannelHandlerContext ctx, NamedPipePeerCredentials peer) {
        try {
            peerRefused(ctx, peer);
        } finally { // whatever a subclass does
            ctx.close();
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

    /** The handlers behind have not heard that it was active. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (ctx.channel().attr(ACTIVE_WITHHELD).getAndSet(null) == null) {
            ctx.fireChannelInactive();
        }
    }

    /** Nothing was passed on that it would belong to. */
    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        readOn(ctx);
    }
}
