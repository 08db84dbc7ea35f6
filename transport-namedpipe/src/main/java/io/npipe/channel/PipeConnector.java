/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;

import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.Future;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * One attempt of a client to connect. Event loop only.
 *
 * <pre>
 *   OPENING ── handle ─────────────▶ done
 *     │  ▲ └── 231: all busy ──▶ WAITING (InstanceWait)
 *     │  └────── an instance is free ──┘
 *     └─ any other error ──▶ failed
 *   any ── timeout, cancel, close ──▶ failed
 * </pre>
 *
 * <p>All waiters wake when an instance becomes free, and all but one lose it again. After a loss the next wait begins
 * after a short random delay, so that they do not race in step.
 *
 * <p>A pipe of another machine is opened on a thread of its own, since that may block.
 */
final class PipeConnector {

    private static final int MAX_JITTER_MILLIS = 20;

    /** The kernel offers no wait for a busy pipe of another machine. */
    private static final long REMOTE_RETRY_MILLIS = 100;

    /**
     * One wait lasts no longer than this, and is then begun again: an event loop that shuts down must not depend on the
     * kernel's ability to cancel it.
     */
    private static final long MAX_WAIT_MILLIS = 3000;

    private static final long NOT_OPEN = -1;

    private final NamedPipeChannel channel;
    private final NamedPipeAddress address;
    private final ChannelPromise promise;
    private final Win32 win32;

    private Future<?> timeout;
    private Future<?> delay;
    private InstanceWait wait;
    private boolean busy;
    private boolean done;

    PipeConnector(NamedPipeChannel channel, NamedPipeAddress address, ChannelPromise promise) {
        this.channel = channel;
        this.address = address;
        this.promise = promise;
        win32 = channel.registration().win32();
    }

    void start() {
        if (done) {
            return; // the channel has been closed meanwhile
        }
        open();
        if (done) {
            return;
        }
        int timeoutMillis = channel.config().getConnectTimeoutMillis();
        if (timeoutMillis > 0) {
            timeout = channel.eventLoop().schedule(() -> timedOut(timeoutMillis), timeoutMillis, TimeUnit.MILLISECONDS);
        }
        promise.addListener(future -> {
            if (future.isCancelled()) {
                channel.unsafe().close(channel.unsafe().voidPromise());
            }
        });
    }

    private void timedOut(int timeoutMillis) {
        fail(new ConnectTimeoutException("connection timed out after " + timeoutMillis + " ms: " + address
                + (busy ? ": all instances of the pipe are busy" : "")));
    }

    private void open() {
        if (address.isLocal()) {
            try {
                opened(openPipe());
            } catch (Throwable t) { // memory ran out, most likely
                fail(t);
            }
        } else {
            // The network may take its time.
            channel.surroundings().blockingCalls().execute("connect-" + address.host(), this::openRemote);
        }
    }

    /** On a thread that may block. */
    private void openRemote() {
        long handle = NOT_OPEN;
        Runnable outcome;
        try {
            long opened = openPipe();
            handle = opened;
            outcome = () -> opened(opened);
        } catch (Throwable t) { // memory ran out, most likely
            outcome = () -> fail(t);
        }
        try {
            channel.eventLoop().execute(outcome);
        } catch (RejectedExecutionException loopHasEnded) { // and has closed the channel
            discard(handle);
        }
    }

    private void opened(long handle) {
        if (done) {
            discard(handle);
        } else if (handle >= 0) {
            finish();
            channel.connected(promise, new PipeHandle(win32, address, handle));
        } else if (-handle != ERROR_PIPE_BUSY) {
            fail(PipeFailures.connect(win32, (int) -handle, address));
        } else {
            boolean lost = busy;
            busy = true;
            if (!address.isLocal()) {
                delay = channel.eventLoop().schedule(this::open, REMOTE_RETRY_MILLIS, TimeUnit.MILLISECONDS);
            } else if (lost) {
                waitForInstanceLater();
            } else {
                waitForInstance();
            }
        }
    }

    private void discard(long handle) {
        if (handle >= 0) {
            new PipeHandle(win32, address, handle).close();
        }
    }

    private long openPipe() {
        NativeMemory path = NativeMemory.ofWideString(address.path());
        try {
            return win32.CreateFileW(
                    path.address(),
                    PipeConstants.GENERIC_READ | PipeConstants.GENERIC_WRITE,
                    0,
                    0,
                    PipeConstants.OPEN_EXISTING,
                    PipeConstants.FILE_FLAG_OVERLAPPED
                            | PipeConstants.SECURITY_SQOS_PRESENT
                            | PipeConstants.SECURITY_IDENTIFICATION,
                    0);
        } finally {
            path.free();
        }
    }

    private void waitForInstanceLater() {
        int jitter = 1 + channel.surroundings().jitter().applyAsInt(MAX_JITTER_MILLIS);
        delay = channel.eventLoop().schedule(this::waitForInstance, jitter, TimeUnit.MILLISECONDS);
    }

    private void waitForInstance() {
        if (done) {
            return;
        }
        int limit = channel.config().getConnectTimeoutMillis();
        long waitMillis = limit > 0 ? Math.min(limit, MAX_WAIT_MILLIS) : MAX_WAIT_MILLIS;
        try {
            wait = InstanceWait.start((IoEventLoop) channel.eventLoop(), address, waitMillis, this::waitEnded);
        } catch (Throwable t) {
            fail(t);
        }
    }

    /** Whether an instance is free, the wait expired or the name vanished: opening tells. */
    private void waitEnded() {
        wait = null;
        if (!done) {
            open();
        }
    }

    private void fail(Throwable cause) {
        if (done) {
            return;
        }
        finish();
        promise.tryFailure(cause); // it may have been cancelled
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    /** The channel closes before the pipe is open. */
    void close() {
        if (!done) {
            finish();
            promise.tryFailure(new ClosedChannelException());
        }
    }

    private void finish() {
        done = true;
        if (timeout != null) {
            timeout.cancel(false);
        }
        if (delay != null) {
            delay.cancel(false);
        }
        if (wait != null) {
            wait.abandon();
            wait = null;
        }
    }
}
