/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_FILE_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.Future;
import io.npipe.channel.PipeOpener.Opened;
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
 *     │  ├────── an instance is free ──┘
 *     │  └── 2: no such pipe, WAIT_FOR_SERVER or 231 before ──▶ again after a delay
 *     └─ any other error ──▶ failed
 *   any ── timeout, cancel, close ──▶ failed
 * </pre>
 *
 * <p>All waiters wake when an instance becomes free, and all but one lose it again. After a loss the next wait begins
 * after a short random delay, so that they do not race in step.
 *
 * <p>A server with few instances may have none for a moment, when it closes the last one and has not created the next. Its
 * name does not exist then; so a name that was busy and is missing is tried again for a while.
 *
 * <p>What may block is opened on a thread of its own.
 */
final class PipeConnector {

    private static final int MAX_JITTER_MILLIS = 20;

    /** Nor one for a name that does not exist. */
    private static final long MIN_SERVER_RETRY_MILLIS = 10;

    private static final long MAX_SERVER_RETRY_MILLIS = 250;

    /** How often a name that was busy may be missing in a row: for about 3 s. */
    private static final int MAX_TRIES_BETWEEN_INSTANCES = 16;

    /** Where the kernel offers no wait for a busy pipe: one of another machine, or if the root of all pipes is refused. */
    private static final long RETRY_MILLIS = 100;

    /**
     * One wait lasts no longer than this, and is then begun again: an event loop that shuts down must not depend on the
     * kernel's ability to cancel it.
     */
    private static final long MAX_WAIT_MILLIS = 3000;

    /** What the last attempt showed to be missing. */
    private enum WaitsFor {
        NOTHING(""),
        INSTANCE(": all instances of the pipe are busy"),
        SERVER(": no server has created this pipe");

        private final String explanation;

        WaitsFor(String explanation) {
            this.explanation = explanation;
        }
    }

    private final NamedPipeChannel channel;
    private final NamedPipeAddress address;
    private final ChannelPromise promise;
    private final Win32 win32;
    private final PipeOpener opener;

    private Future<?> timeout;
    private Future<?> delay;
    private InstanceWait wait;
    private WaitsFor waitsFor = WaitsFor.NOTHING;
    private long serverRetryMillis = MIN_SERVER_RETRY_MILLIS;
    private boolean done;

    /** What is left of the tries for a name that was busy and is missing; none before it was busy. */
    private int triesBetweenInstances;

    PipeConnector(NamedPipeChannel channel, NamedPipeAddress address, ChannelPromise promise) {
        this.channel = channel;
        this.address = address;
        this.promise = promise;
        win32 = channel.registration().win32();
        opener = new PipeOpener(win32, address, channel.config());
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
        fail(new ConnectTimeoutException(
                "connection timed out after " + timeoutMillis + " ms: " + address + waitsFor.explanation));
    }

    private void open() {
        if (!channel.canBegin()) {
            fail(channel.notRegistered()); // any more
            return;
        }
        if (opener.mayBlock()) {
            channel.surroundings().blockingCalls().execute("connect-" + address.host(), this::openElsewhere);
            return;
        }
        try {
            opened(opener.open());
        } catch (Throwable t) { // memory ran out, most likely
            fail(t);
        }
    }

    /** On a thread that may block. */
    private void openElsewhere() {
        Opened opened = null;
        Runnable outcome;
        try {
            Opened result = opener.open();
            opened = result;
            outcome = () -> opened(result);
        } catch (Throwable t) { // memory ran out, most likely
            outcome = () -> fail(t);
        }
        try {
            channel.eventLoop().execute(outcome);
        } catch (RejectedExecutionException loopHasEnded) { // and has closed the channel
            if (opened != null) {
                opened.discard();
            }
        }
    }

    private void opened(Opened opened) {
        if (done) {
            opened.discard();
            return;
        }
        int code = opened.code();
        if (code == ERROR_SUCCESS) {
            finish();
            channel.connected(promise, opened);
        } else if (code == ERROR_PIPE_BUSY) {
            allBusy();
        } else if (code == ERROR_FILE_NOT_FOUND
                && (channel.config().isWaitForServer() || triesBetweenInstances-- > 0)) {
            noServerYet();
        } else {
            fail(PipeFailures.connect(win32, code, address, channel.config().getAccess()));
        }
    }

    private void allBusy() {
        boolean lost = waitsFor == WaitsFor.INSTANCE;
        waitsFor = WaitsFor.INSTANCE;
        triesBetweenInstances = MAX_TRIES_BETWEEN_INSTANCES;
        serverRetryMillis = MIN_SERVER_RETRY_MILLIS;
        if (!address.isLocal()) {
            openLater();
        } else if (lost) {
            waitForInstanceLater();
        } else {
            waitForInstance();
        }
    }

    private void openLater() {
        delay = channel.eventLoop().schedule(this::open, RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void noServerYet() {
        waitsFor = WaitsFor.SERVER;
        delay = channel.eventLoop().schedule(this::open, serverRetryMillis, TimeUnit.MILLISECONDS);
        serverRetryMillis = Math.min(2 * serverRetryMillis, MAX_SERVER_RETRY_MILLIS);
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
        } catch (NamedPipeException e) {
            if (e.code() == ERROR_ACCESS_DENIED) { // to the root of all pipes, as in a sandbox
                openLater();
            } else {
                fail(e);
            }
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
