/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import io.netty.util.concurrent.Ticker;
import io.netty.util.internal.StringUtil;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.npipe.win32.Win32;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * {@link IoHandler} over an I/O completion port: {@code GetQueuedCompletionStatusEx} is the only call that an event loop
 * waits in.
 *
 * <pre>{@code
 * EventLoopGroup group = new MultiThreadIoEventLoopGroup(IocpIoHandler.newFactory());
 * }</pre>
 *
 * <p>It serves {@link IocpIoHandle}s only: a loop with this handler hosts no TCP channels.
 *
 * <p>A wait ends at the next scheduled task's deadline, rounded up to the next millisecond; Windows adds up to its timer
 * granularity (15.6 ms by default).
 *
 * @see IocpEventLoopGroup
 */
public final class IocpIoHandler implements IoHandler {

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(IocpIoHandler.class);

    /** Key of the packet that only ends a wait; registration ids begin at 1. */
    private static final int WAKEUP_KEY = 0;

    private static final long PREPARE_DRAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long DESTROY_DRAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ThreadAwareExecutor executor;
    private final Win32 win32;
    private final CompletionPort port;
    private final Wakeup wakeup = new Wakeup();
    private final OverlappedSlots slots = new OverlappedSlots();
    private final Registrations registrations = new Registrations();
    private int operationsUnderWay;
    private boolean shuttingDown;

    IocpIoHandler(ThreadAwareExecutor executor, IocpIoHandlerOptions options) {
        this.executor = Objects.requireNonNull(executor, "executor");
        win32 = options.win32();
        port = new CompletionPort(win32, options.completionsPerDequeue());
    }

    /**
     * Makes handlers with the default options.
     *
     * @return factory for {@link io.netty.channel.MultiThreadIoEventLoopGroup}
     * @throws UnsatisfiedLinkError on a JVM that is not 64-bit Windows
     */
    public static IoHandlerFactory newFactory() {
        return newFactory(new IocpIoHandlerOptions());
    }

    /**
     * Makes handlers.
     *
     * @param options options; not to be changed afterwards
     * @return factory for {@link io.netty.channel.MultiThreadIoEventLoopGroup}
     * @throws UnsatisfiedLinkError on a JVM that is not 64-bit Windows
     */
    public static IoHandlerFactory newFactory(IocpIoHandlerOptions options) {
        Objects.requireNonNull(options, "options");
        options.win32(); // throws where there is none, rather than later on every loop
        return new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(ThreadAwareExecutor loop) {
                return new IocpIoHandler(loop, options);
            }

            @Override
            public boolean isChangingThreadSupported() {
                return true; // a port does not care which thread waits, and a loop without handles has no I/O to lose
            }
        };
    }

    Win32 win32() {
        return win32;
    }

    CompletionPort port() {
        return port;
    }

    Registrations registrations() {
        return registrations;
    }

    void operationStarted() {
        operationsUnderWay++;
    }

    void operationEnded() {
        operationsUnderWay--;
    }

    @Override
    public int run(IoHandlerContext context) {
        int packets;
        if (context.canBlock() && wakeup.trySleep()) {
            packets = port.dequeue(timeoutMillis(context));
            wakeup.awake();
        } else {
            wakeup.awake();
            packets = port.dequeue(0);
        }
        if (!context.shouldReportActiveIoTime()) {
            return dispatch(packets);
        }
        long start = System.nanoTime();
        int handled = dispatch(packets);
        context.reportActiveIoTime(System.nanoTime() - start);
        return handled;
    }

    private int timeoutMillis(IoHandlerContext context) {
        if (context.deadlineNanos() == -1) {
            return Win32.INFINITE;
        }
        Ticker ticker = ticker();
        long nanos = context.delayNanos(ticker.initialNanoTime() + ticker.nanoTime());
        if (nanos <= 0) {
            return 0;
        }
        // Rounded up: rounded down, the last fraction of a millisecond would be spent spinning.
        return (int) Math.min((nanos - 1) / 1_000_000 + 1, Integer.MAX_VALUE);
    }

    /** Asked for when needed: a loop may not have its own yet when it makes its handler. */
    private Ticker ticker() {
        return executor instanceof EventExecutor loop ? loop.ticker() : Ticker.systemTicker();
    }

    private int dispatch(int packets) {
        int handled = 0;
        for (int i = 0; i < packets; i++) {
            int key = (int) port.key(i);
            if (key == WAKEUP_KEY) {
                continue;
            }
            handled++;
            IocpIoRegistration registration = registrations.get(key);
            long overlapped = port.overlapped(i);
            if (registration == null) {
                logger.error("Completion for unknown registration {}: a bug in the accounting of operations", key);
            } else if (overlapped == 0) {
                registration.posted(port.bytesTransferred(i));
            } else {
                registration.completed(overlapped, port.status(i), port.bytesTransferred(i));
            }
        }
        return handled;
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        if (!(handle instanceof IocpIoHandle iocpHandle)) {
            throw new IllegalArgumentException(
                    "IoHandle of type " + StringUtil.simpleClassName(handle) + " not supported");
        }
        if (shuttingDown) {
            throw new IllegalStateException("IocpIoHandler is shutting down");
        }
        try {
            int id = registrations.nextId();
            slots.reserve(id);
            IocpIoRegistration registration = new IocpIoRegistration(this, executor, iocpHandle, id, slots, win32);
            iocpHandle.registered();
            registrations.put(registration);
            return registration;
        } catch (Error e) { // the loop catches Exceptions only, and would leave the promise undone
            throw new IllegalStateException("registration failed", e);
        }
    }

    void remove(IocpIoRegistration registration) {
        registrations.remove(registration.id());
    }

    @Override
    public void wakeup() {
        if (!executor.isExecutorThread(Thread.currentThread()) && wakeup.request()) {
            port.post(WAKEUP_KEY, 0); // refused once the port is closed: there is no loop left to wake
        }
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return IocpIoHandle.class.isAssignableFrom(handleType);
    }

    @Override
    public void prepareToDestroy() {
        closeAll();
        drain(PREPARE_DRAIN_NANOS);
    }

    @Override
    public void destroy() {
        closeAll(); // a loop that is told to shut down between two looks at its state comes here straight
        drain(DESTROY_DRAIN_NANOS);
        port.close();
        if (operationsUnderWay == 0) {
            slots.free();
        } else {
            // Freed memory that the kernel writes to later is corruption; a leak is only a leak.
            logger.error(
                    "{} operations did not end within {} s of their cancellation; their memory is never freed",
                    operationsUnderWay,
                    TimeUnit.NANOSECONDS.toSeconds(DESTROY_DRAIN_NANOS));
        }
    }

    private void closeAll() {
        shuttingDown = true;
        List<IocpIoRegistration> open = new ArrayList<>();
        registrations.forEach(open::add);
        open.forEach(IocpIoRegistration::close);
    }

    private void drain(long maxNanos) {
        Ticker ticker = ticker();
        long deadline = ticker.nanoTime() + maxNanos;
        long left = maxNanos;
        while (operationsUnderWay > 0 && left > 0) {
            dispatch(port.dequeue((int) TimeUnit.NANOSECONDS.toMillis(left) + 1));
            left = deadline - ticker.nanoTime();
        }
    }
}
