/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;

import io.netty.channel.ChannelPromise;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.Future;
import io.npipe.iocp.IocpIoOps;
import io.npipe.win32.FilePipeWaitForBuffer;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One attempt of a client to connect. Event loop only.
 *
 * <pre>
 *   OPENING ── handle ─────────────▶ done
 *     │  ▲ └── 231: all busy ──▶ WAITING (FSCTL_PIPE_WAIT through the port)
 *     │  └────── an instance is free ──┘
 *     └─ any other error ──▶ failed
 *   any ── timeout, cancel, close ──▶ failed
 * </pre>
 *
 * <p>All waiters wake when an instance becomes free, and all but one lose it again. After a loss the next wait begins
 * after a short random delay, so that they do not race in step. Nothing polls and nothing blocks.
 */
final class PipeConnector {

    private static final String PIPE_ROOT = "\\\\.\\pipe\\"; // Windows insists on the trailing backslash

    private static final int MAX_JITTER_MILLIS = 20;

    /** How long one wait lasts where CONNECT_TIMEOUT_MILLIS sets no bound; then it is begun again. */
    private static final long WAIT_MILLIS = TimeUnit.MINUTES.toMillis(1);

    private final NamedPipeChannel channel;
    private final NamedPipeAddress address;
    private final ChannelPromise promise;
    private final Win32 win32;
    private final IocpIoOps ops = new IocpIoOps();

    private Future<?> timeout;
    private Future<?> delay;
    private PipeHandle root;
    private NativeMemory waitInput;
    private boolean done;

    PipeConnector(NamedPipeChannel channel, NamedPipeAddress address, ChannelPromise promise) {
        this.channel = channel;
        this.address = address;
        this.promise = promise;
        win32 = channel.registration().win32();
    }

    void start() {
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
        if (!done) {
            fail(new ConnectTimeoutException("connection timed out after " + timeoutMillis + " ms: " + address
                    + ": all instances of the pipe are busy"));
        }
    }

    private void open() {
        long handle = openPipe();
        if (handle >= 0) {
            finish();
            channel.connected(promise, new PipeHandle(win32, address, handle));
        } else if (-handle != ERROR_PIPE_BUSY) {
            fail(PipeFailures.connect(win32, (int) -handle, address));
        } else if (root == null) {
            waitForInstance();
        } else {
            waitForInstanceLater();
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
        int jitter = ThreadLocalRandom.current().nextInt(1, MAX_JITTER_MILLIS + 1);
        delay = channel.eventLoop().schedule(this::waitForInstance, jitter, TimeUnit.MILLISECONDS);
    }

    private void waitForInstance() {
        if (done) {
            return;
        }
        try {
            if (root == null) {
                root = openRoot();
            }
        } catch (NamedPipeException e) {
            fail(e);
            return;
        }
        if (waitInput == null) {
            int limit = channel.config().getConnectTimeoutMillis();
            waitInput = FilePipeWaitForBuffer.allocate(address.name(), limit > 0 ? limit : WAIT_MILLIS);
        }
        long result = channel.registration()
                .submit(ops.control(
                        root.value(),
                        PipeConstants.FSCTL_PIPE_WAIT,
                        waitInput.address(),
                        FilePipeWaitForBuffer.size(address.name())));
        if (IocpIoOps.code(result) != ERROR_IO_PENDING) {
            open(); // the name has vanished, or whatever else it is, opening tells best
        }
    }

    private PipeHandle openRoot() throws NamedPipeException {
        NativeMemory path = NativeMemory.ofWideString(PIPE_ROOT);
        long handle;
        try {
            handle = win32.CreateFileW(
                    path.address(),
                    PipeConstants.FILE_READ_ATTRIBUTES | PipeConstants.SYNCHRONIZE,
                    PipeConstants.FILE_SHARE_READ | PipeConstants.FILE_SHARE_WRITE,
                    0,
                    PipeConstants.OPEN_EXISTING,
                    PipeConstants.FILE_FLAG_OVERLAPPED,
                    0);
        } finally {
            path.free();
        }
        if (handle < 0) {
            throw new NamedPipeException(win32, (int) -handle, "CreateFileW(" + PIPE_ROOT + ")", address);
        }
        PipeHandle opened = new PipeHandle(win32, address, handle);
        try {
            opened.join(channel.registration(), false);
            return opened;
        } catch (NamedPipeException e) {
            opened.close();
            throw e;
        }
    }

    /** The wait has ended. Whether an instance is free, the wait expired or the name vanished: opening tells. */
    void waitEnded() {
        if (!done) {
            open();
        } else {
            release();
        }
    }

    private void fail(Throwable cause) {
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
        release();
    }

    /** Closes the handle and frees the memory of the wait; if one is under way it is cancelled, and this comes again. */
    private void release() {
        if (channel.registration().isUnderWay(IocpIoOps.CONTROL)) {
            root.cancel(0);
            return;
        }
        if (root != null) {
            root.close();
            root = null;
        }
        if (waitInput != null) {
            waitInput.free();
            waitInput = null;
        }
    }
}
