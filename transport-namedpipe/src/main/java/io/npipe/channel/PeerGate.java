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
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * What a {@link PeerAuthorizationHandler} puts right behind itself: all that is withheld waits here until there is a
 * decision. It is a handler of its own so that taking the other one away opens nothing, not even while the event loop has
 * not heard of that: this one stays, and whoever is not allowed by then never is.
 *
 * <pre>
 *   UNDECIDED ──the peer is known──▶ DECIDING ──▶ ALLOWED: passes on what waits, then leaves
 *       └──no way to know it, removed, closed──────▶ REFUSED: closes the channel, passes nothing, stays
 * </pre>
 *
 * <p>The predicate and all listeners and handlers that are called may do with the channel what they like: the state is set
 * before.
 */
final class PeerGate extends ChannelDuplexHandler {

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(PeerAuthorizationHandler.class);

    private enum State {
        UNDECIDED,
        DECIDING,
        ALLOWED,
        REFUSED
    }

    /** An inbound event that waits, and how it is passed on. */
    private record Event(Object payload, BiConsumer<ChannelHandlerContext, Object> fire) {}

    private final PeerAuthorizationHandler owner;
    private final ChannelHandlerContext ownerContext;
    private final Predicate<? super NamedPipePeerCredentials> allowed;
    private final long timeoutMillis;
    private State state = State.UNDECIDED;

    /** Null until it is in the pipeline. */
    private ChannelHandlerContext context;

    private boolean isGone;
    private boolean hasBegun;
    private boolean peerSeen;
    private Future<?> timeout;

    // What is withheld.
    private final Deque<Event> events = new ArrayDeque<>();
    private PendingWriteQueue writes;
    private boolean flushed;
    private ChannelPromise connecting;
    private boolean activeWithheld;

    PeerGate(
            PeerAuthorizationHandler owner,
            ChannelHandlerContext ownerContext,
            Predicate<? super NamedPipePeerCredentials> allowed,
            long timeoutMillis) {
        this.owner = owner;
        this.ownerContext = ownerContext;
        this.allowed = allowed;
        this.timeoutMillis = timeoutMillis;
    }

    private boolean isUndecided() {
        return state == State.UNDECIDED || state == State.DECIDING;
    }

    // ---- the decision ----------------------------------------------------------------------------------------------

    /** The channel is active: decides now, or sees to it that there will be a decision. */
    private void begin(ChannelHandlerContext ctx) {
        decideIfKnown(ctx);
        if (state == State.UNDECIDED && !hasBegun) {
            hasBegun = true;
            if (timeoutMillis > 0) {
                timeout = ctx.executor().schedule(() -> refuseIfUndecided(ctx), timeoutMillis, TimeUnit.MILLISECONDS);
            }
            readOn(ctx);
        }
    }

    private void decideIfKnown(ChannelHandlerContext ctx) {
        if (state != State.UNDECIDED) {
            return;
        }
        if (!(ctx.channel() instanceof NamedPipeChannel pipe)) {
            logger.warn("{} is no named pipe: nobody tells who its peer is", ctx.channel());
            refuse(ctx, NamedPipePeerCredentials.UNKNOWN);
        } else if (pipe.peerCredentials() != null) {
            decide(ctx, pipe.peerCredentials());
        } else if (pipe.form() != null && !pipe.form().reads()) {
            refuse(ctx, NamedPipePeerCredentials.UNKNOWN);
        }
    }

    private void decide(ChannelHandlerContext ctx, NamedPipePeerCredentials peer) {
        state = State.DECIDING;
        boolean goesOn = false;
        try {
            goesOn = allowed.test(peer);
        } catch (Throwable t) { // an Error is no decision either
            logger.warn("{}: no decision about a peer with {}", ctx.channel(), peer, t);
        }
        if (state != State.DECIDING) {
            return; // the predicate has taken the handler away
        }
        if (goesOn) {
            allow(ctx);
        } else {
            refuse(ctx, peer);
        }
    }

    private void allow(ChannelHandlerContext ctx) {
        if (connecting != null && !connecting.trySuccess()) {
            end(ctx, "its connect was cancelled");
            return;
        }
        if (!isUndecided()) {
            return; // a listener of the connect has taken the handler away
        }
        state = State.ALLOWED;
        stopWaiting();
        passOn(ctx);
    }

    /**
     * What was withheld goes its way, in the order in which it would have gone. What listeners and handlers add meanwhile
     * goes behind, and has its turn when the loop had its own: they may add something each time, for ever.
     */
    private void passOn(ChannelHandlerContext ctx) {
        for (int left = writes.size(); left > 0; left--) {
            writes.removeAndWrite();
        }
        flushIfAsked(ctx);
        for (int left = events.size(); left > 0; left--) {
            passOnOne(ctx);
        }
        if (writes.isEmpty() && events.isEmpty()) {
            leave(ctx);
        } else {
            ctx.executor().execute(() -> passOn(ctx));
        }
    }

    /** No later round will come. */
    private void passOnAll(ChannelHandlerContext ctx) {
        while (!writes.isEmpty()) {
            writes.removeAndWrite();
        }
        flushIfAsked(ctx);
        while (!events.isEmpty()) {
            passOnOne(ctx);
        }
    }

    private void flushIfAsked(ChannelHandlerContext ctx) {
        if (flushed) {
            flushed = false;
            ctx.flush();
        }
    }

    private void passOnOne(ChannelHandlerContext ctx) {
        Event event = events.poll();
        if (event != null) { // else somebody has taken the handler away meanwhile
            event.fire.accept(ctx, event.payload);
        }
    }

    /** Its work is done. On another thread it stays: events that are on their way to it would be overtaken. */
    private void leave(ChannelHandlerContext ctx) {
        if (ctx.executor() == ctx.channel().eventLoop()) {
            remove(ctx);
            remove(ownerContext);
        }
    }

    private static void remove(ChannelHandlerContext ctx) {
        if (!ctx.isRemoved()) {
            try {
                ctx.pipeline().remove(ctx.handler());
            } catch (NoSuchElementException e) {
                logger.debug("{}: another thread removed {} at the same time", ctx.channel(), ctx.name(), e);
            }
        }
    }

    private void refuse(ChannelHandlerContext ctx, NamedPipePeerCredentials peer) {
        state = State.REFUSED;
        try {
            owner.peerRefused(ownerContext, peer);
        } catch (Throwable t) { // the channel closes whatever a subclass does
            logger.warn("{}: peerRefused has failed", ctx.channel(), t);
        }
        end(ctx, "refused a peer with " + peer);
    }

    /** Nothing more can tell who it is. */
    private void refuseIfUndecided(ChannelHandlerContext ctx) {
        if (state == State.UNDECIDED) {
            refuse(ctx, NamedPipePeerCredentials.UNKNOWN);
        }
    }

    /** Nobody is let in any more. */
    private void end(ChannelHandlerContext ctx, String reason) {
        state = State.REFUSED;
        stopWaiting();
        ctx.close(); // first, so that a listener that looks does not find a channel on which it could try again
        ConnectException cause = new ConnectException(ctx.channel() + ": " + reason);
        if (connecting != null) {
            connecting.tryFailure(cause);
        }
        while (!writes.isEmpty()) {
            writes.remove().tryFailure(cause);
        }
        while (!events.isEmpty()) {
            discard(ctx, events.remove().payload);
        }
    }

    private static void discard(ChannelHandlerContext ctx, Object payload) {
        if (payload instanceof Throwable cause) {
            logger.debug("{}: a peer that was not let in has caused", ctx.channel(), cause);
        }
        ReferenceCountUtil.safeRelease(payload);
    }

    private void stopWaiting() {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    /** Whether this handler is gone without having let anybody in: its owner must keep it up alone. */
    boolean isGone() {
        return isGone;
    }

    /** The handler that it belongs to was removed, or this one. */
    void takenAway() {
        if (isUndecided()) {
            if (context == null) { // removed before the channel was registered
                state = State.REFUSED;
                ownerContext.channel().close();
            } else {
                end(context, "its PeerAuthorizationHandler was removed before there was a decision");
            }
        }
    }

    // ---- what happens to the channel -------------------------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        writes = new PendingWriteQueue(ctx);
        if (ctx.channel() instanceof NamedPipeChannel && ctx.channel().isActive()) {
            // Nobody may tell of that any more. A child is still to hear of it, so this is not for now.
            // (What is no pipe is refused with whatever it fires next.)
            ctx.executor().execute(() -> {
                if (ctx.channel().isActive()) {
                    begin(ctx);
                }
            });
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        takenAway();
        isGone = state == State.REFUSED;
        if (state == State.ALLOWED) {
            passOnAll(ctx);
        }
    }

    /** It could not be registered again, so nothing of it will ever be read. */
    @Override
    public void channelUnregistered(ChannelHandlerContext ctx) {
        endWithRegistration(ctx);
        if (state == State.ALLOWED) {
            passOnAll(ctx);
        }
        ctx.fireChannelUnregistered();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        peerSeen = true;
        if (passes(ctx)) {
            ctx.fireChannelActive();
            return;
        }
        if (!activeWithheld) {
            activeWithheld = true;
            withhold(ctx, null, (to, none) -> {
                activeWithheld = false;
                to.fireChannelActive();
            });
        }
        begin(ctx);
    }

    /** Only a read tells who it is. */
    private static void readOn(ChannelHandlerContext ctx) {
        if (!ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (passes(ctx)) {
            ctx.fireChannelRead(message);
        } else {
            withhold(ctx, message, ChannelHandlerContext::fireChannelRead);
            refuseIfUndecided(ctx); // a message without a byte, from which Windows does not know it either
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (passes(ctx)) {
            ctx.fireChannelReadComplete();
            return;
        }
        withhold(ctx, null, (to, none) -> to.fireChannelReadComplete());
        if (state == State.UNDECIDED) { // it has brought nothing that they could hear of
            events.removeLast();
            readOn(ctx);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (passes(ctx)) {
            ctx.fireUserEventTriggered(event);
        } else {
            withhold(ctx, event, ChannelHandlerContext::fireUserEventTriggered);
            if (event instanceof ChannelInputShutdownEvent) {
                refuseIfUndecided(ctx);
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (passes(ctx)) {
            ctx.fireExceptionCaught(cause);
        } else {
            withhold(ctx, cause, (to, caught) -> to.fireExceptionCaught((Throwable) caught));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (isUndecided()) {
            end(ctx, "closed before its peer was known");
        }
        if (!events.isEmpty()) {
            withhold(ctx, null, (to, none) -> to.fireChannelInactive());
        } else if (!activeWithheld) { // else the handlers behind have not heard that it was active
            ctx.fireChannelInactive();
        }
    }

    /** Whether an event goes on at once. */
    private boolean passes(ChannelHandlerContext ctx) {
        return state == State.ALLOWED ? events.isEmpty() : state == State.UNDECIDED && isNobodyThere(ctx);
    }

    /** Before a client has connected, and if it never has, there is no peer from which something could come. */
    private boolean isNobodyThere(ChannelHandlerContext ctx) {
        peerSeen |= ctx.channel().parent() != null || ctx.channel().isActive();
        return !peerSeen;
    }

    private void withhold(ChannelHandlerContext ctx, Object payload, BiConsumer<ChannelHandlerContext, Object> fire) {
        if (state == State.REFUSED) {
            discard(ctx, payload);
        } else {
            events.add(new Event(payload, fire));
            decideIfKnown(ctx);
        }
    }

    // ---- what the handlers behind do -------------------------------------------------------------------------------

    @Override
    public void connect(
            ChannelHandlerContext ctx,
            SocketAddress remoteAddress,
            SocketAddress localAddress,
            ChannelPromise promise) {
        if (state == State.ALLOWED) {
            ctx.connect(remoteAddress, localAddress, promise);
            return;
        }
        if (state == State.REFUSED) {
            promise.tryFailure(refusal(ctx));
            return;
        }
        ChannelPromise connected = ctx.newPromise();
        connected.addListener(done -> {
            if (done.isSuccess()) {
                connected(ctx, promise);
            } else {
                promise.tryFailure(done.cause());
            }
        });
        promise.addListener(done -> {
            if (!done.isSuccess()) { // unless it is this attempt that has failed, somebody has given it up
                boolean underWay = connected.cancel(false);
                inExecutor(ctx, () -> connectGivenUp(ctx, underWay || promise == connecting));
            }
        });
        ctx.connect(remoteAddress, localAddress, connected);
    }

    private void connected(ChannelHandlerContext ctx, ChannelPromise promise) {
        peerSeen = true;
        switch (state) {
            case UNDECIDED, DECIDING -> {
                connecting = promise;
                connectGivenUp(ctx, promise.isDone());
            }
            case ALLOWED -> {
                if (!promise.trySuccess()) {
                    ctx.close();
                }
            }
            case REFUSED -> promise.tryFailure(refusal(ctx));
        }
    }

    /** Nobody waits for the connection any more, and there is no reason to wait for the decision. */
    private void connectGivenUp(ChannelHandlerContext ctx, boolean givenUp) {
        if (givenUp && isUndecided()) {
            end(ctx, "its connect was cancelled");
        }
    }

    private static void inExecutor(ChannelHandlerContext ctx, Runnable task) {
        if (ctx.executor().inEventLoop()) {
            task.run();
        } else {
            ctx.executor().execute(task);
        }
    }

    private static ConnectException refusal(ChannelHandlerContext ctx) {
        return new ConnectException(ctx.channel() + ": its peer was not let in");
    }

    /** See {@link #channelUnregistered}, which comes only later. */
    @Override
    public void deregister(ChannelHandlerContext ctx, ChannelPromise promise) {
        endWithRegistration(ctx);
        ctx.deregister(promise);
    }

    private void endWithRegistration(ChannelHandlerContext ctx) {
        if (isUndecided() && !isNobodyThere(ctx)) {
            end(ctx, "deregistered before its peer was known");
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (state == State.REFUSED) {
            ReferenceCountUtil.safeRelease(message);
            promise.tryFailure(refusal(ctx));
        } else if (state == State.ALLOWED && writes.isEmpty()) {
            ctx.write(message, promise);
        } else {
            writes.add(message, promise);
        }
    }

    /** A write that has not come by here, though it should: it was on its way when this handler was added. */
    void writeOfOwner(ChannelHandlerContext ownerCtx, Object message, ChannelPromise promise) {
        if (state == State.ALLOWED) {
            ownerCtx.write(message, promise);
        } else {
            write(context, message, promise);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        if (isUndecided() || !writes.isEmpty()) {
            flushed = true;
        } else {
            ctx.flush();
        }
    }
}
