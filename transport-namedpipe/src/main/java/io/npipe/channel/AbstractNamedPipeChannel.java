/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.PromiseNotifier;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.npipe.iocp.IocpIoEvent;
import io.npipe.iocp.IocpIoHandle;
import io.npipe.iocp.IocpIoRegistration;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.RejectedExecutionException;

/**
 * What both channels share: registration with an {@link io.npipe.iocp.IocpIoHandler}, and closing while operations are
 * under way.
 *
 * <p>The kernel may write to an operation's memory until its event has come. So closing has two steps: {@link
 * #cancelOperations()} at once, and {@link #releaseHandles()} when the last event has come. A {@code close()} waits for
 * that with everything else that Netty's close does; {@code closeForcibly()} does the second step later by itself.
 *
 * <pre>
 *   OPEN ──close()──▶ CLOSING ──last event──▶ CLOSED, handles released
 *     └──closeForcibly()──▶ CLOSED ──last event──▶ handles released
 * </pre>
 *
 * <p>A pipe's handle joins one port, for life. So a channel that binds, connects or is connected stays with its loop: it is
 * not registered again, and an attempt closes it. Until then it may move.
 */
abstract class AbstractNamedPipeChannel extends AbstractChannel {

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(AbstractNamedPipeChannel.class);

    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    /** Cancelling goes through this one, which the loop counts; null before the first registration. */
    private IoRegistration countedRegistration;

    private IocpIoRegistration registration;
    private DelayedClose delayedClose;
    private boolean handlesReleased;
    private volatile boolean open = true;

    /** Set before the channel is deregistered, and asked for by the thread that would register it again. */
    private volatile boolean staysWithLoop;

    AbstractNamedPipeChannel(Channel parent) {
        super(parent);
    }

    private record DelayedClose(ChannelPromise promise, Throwable cause, ClosedChannelException closeCause) {}

    /** Asks for the end of all operations under way; their events still come. May be called again. */
    abstract void cancelOperations();

    /** Closes the kernel's handles and frees native memory. Called once, when no operation is under way. */
    abstract void releaseHandles();

    /** An operation has ended. */
    abstract void operationEnded(IocpIoEvent event);

    /** The registration is there; the handle, if there is one already, joins the loop's port. */
    abstract void joinLoop(IocpIoRegistration newRegistration) throws Exception;

    /** Null before the first registration. */
    final IocpIoRegistration registration() {
        return registration;
    }

    /** Something of the channel belongs to the loop's port from now on. */
    final void stayWithLoop() {
        staysWithLoop = true;
    }

    /** Tells whether the channel may begin anything: a deregistered one would never learn how it ends. */
    final boolean canBegin() {
        return registration != null && registration.isValid();
    }

    final IllegalStateException notRegistered() {
        return new IllegalStateException(this + " is not registered with an event loop");
    }

    final boolean isClosing() {
        return delayedClose != null || !open;
    }

    private boolean isBusy() {
        return isSettling() || (registration != null && registration.isBusy());
    }

    /**
     * Tells whether the promises of what was written are being told. One of their listeners may close the channel, which
     * then must wait: else the promises that are left would fail, though what they stand for is in the pipe.
     */
    abstract boolean isSettling();

    /** An event or the promises have been told of: goes on with a close that waits for the last of them. */
    final void settled() {
        if (!isBusy()) {
            ((AbstractNamedPipeUnsafe) unsafe()).lastEventHasCome();
        }
    }

    @Override
    public final ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public final boolean isOpen() {
        return open;
    }

    /**
     * Asked before anything of a registration changes: so this is where a channel that has to stay is refused. It is closed
     * where it is, on its own loop.
     */
    @Override
    protected final boolean isCompatible(EventLoop loop) {
        if (!(loop instanceof IoEventLoop ioLoop) || !ioLoop.isCompatible(AbstractNamedPipeUnsafe.class)) {
            return false;
        }
        if (!staysWithLoop) {
            return true;
        }
        logger.info("{}: a named pipe channel stays with its first event loop and cannot be registered again", this);
        try {
            eventLoop().execute(() -> unsafe().close(unsafe().voidPromise()));
        } catch (RejectedExecutionException e) {
            logger.warn("{}: cannot be closed, since its event loop has ended", this, e);
        }
        return false;
    }

    @Override
    protected final void doRegister(ChannelPromise promise) {
        ((IoEventLoop) eventLoop()).register((AbstractNamedPipeUnsafe) unsafe()).addListener(future -> {
            if (!future.isSuccess()) {
                promise.setFailure(future.cause());
                return;
            }
            countedRegistration = (IoRegistration) future.getNow();
            registration = countedRegistration.attachment();
            try {
                joinLoop(registration);
            } catch (Throwable e) { // also if memory runs out: the promise must not be left undone
                countedRegistration.cancel();
                promise.setFailure(e);
                return;
            }
            promise.setSuccess();
        });
    }

    @Override
    protected final void doDeregister() {
        cancelRegistration();
    }

    private void cancelRegistration() {
        if (countedRegistration != null) {
            countedRegistration.cancel();
        }
    }

    @Override
    protected final void doDisconnect() {
        doClose();
    }

    @Override
    protected final void doClose() {
        open = false;
        if (isBusy()) {
            cancelOperations();
        } else {
            releaseHandlesOnce();
        }
        cancelRegistration();
    }

    private void releaseHandlesOnce() {
        if (!handlesReleased) {
            handlesReleased = true;
            releaseHandles();
        }
    }

    @Override
    protected final SocketAddress localAddress0() {
        return pipeAddress();
    }

    /** The address that the pipe is bound or connected to, null before. */
    abstract NamedPipeAddress pipeAddress();

    /** The inner half, which Netty's loop knows as the handle. */
    abstract class AbstractNamedPipeUnsafe extends AbstractUnsafe implements IocpIoHandle {

        @Override
        public final void handle(IoRegistration ignored, IoEvent event) {
            try {
                operationEnded((IocpIoEvent) event);
            } finally {
                settled();
            }
        }

        private void lastEventHasCome() {
            if (!open) {
                releaseHandlesOnce();
            }
            if (delayedClose != null && !closeFuture().isDone()) {
                closeNow();
            }
        }

        @Override
        public final void close() {
            close(voidPromise());
        }

        @Override
        protected final void close(ChannelPromise promise, Throwable cause, ClosedChannelException closeCause) {
            if (!promise.setUncancellable()) {
                return;
            }
            if (delayedClose != null) {
                if (!promise.isVoid()) {
                    delayedClose.promise.addListener(new PromiseNotifier<>(false, promise));
                }
                return;
            }
            delayedClose = new DelayedClose(promise.isVoid() ? newPromise() : promise, cause, closeCause);
            if (isBusy()) {
                cancelOperations();
            } else {
                closeNow();
            }
        }

        private void closeNow() {
            boolean wasActive = isActive();
            super.close(delayedClose.promise, delayedClose.cause, delayedClose.closeCause);
            if (wasActive && isRegistered() && eventLoop().isShutdown()) {
                // The loop ends and has refused the task that would have told the handlers.
                pipeline().fireChannelInactive();
                pipeline().fireChannelUnregistered();
            }
        }

        @Override
        public final String toString() {
            return AbstractNamedPipeChannel.this.toString();
        }
    }
}
