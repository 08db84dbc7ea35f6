/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_INVALID_HANDLE;
import static io.npipe.win32.Win32Error.ERROR_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.npipe.iocp.IocpIoRegistration;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;
import java.util.function.Consumer;
import java.util.function.LongToIntFunction;

/**
 * One kernel handle and its way to the end: joined to a port at most once, closed exactly once. Event loop only, but for
 * {@link #useElsewhere}.
 */
final class PipeHandle {

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(PipeHandle.class);

    private final Win32 win32;
    private final NamedPipeAddress address;
    private final long value;
    private final Consumer<Runnable> closer;
    private boolean joined;
    private boolean closed;
    private int usersElsewhere;

    PipeHandle(Win32 win32, NamedPipeAddress address, long value) {
        this(win32, address, value, Runnable::run);
    }

    /** With one who does the closing, when its time has come. */
    PipeHandle(Win32 win32, NamedPipeAddress address, long value, Consumer<Runnable> closer) {
        this.win32 = win32;
        this.address = address;
        this.value = value;
        this.closer = closer;
    }

    long value() {
        return value;
    }

    NamedPipeAddress address() {
        return address;
    }

    /**
     * Joins the port of a loop.
     *
     * @param skipOnSuccess whether an operation that succeeds inline queues no packet: right for byte mode only
     */
    void join(IocpIoRegistration registration, boolean skipOnSuccess) throws NamedPipeException {
        if (joined) {
            throw new IllegalStateException(
                    address + ": a pipe handle stays with its first event loop's completion port and cannot be"
                            + " registered again");
        }
        require(registration.associate(value), "CreateIoCompletionPort");
        joined = true;
        if (skipOnSuccess) { // after joining: nobody says what becomes of modes that were set before
            require(
                    win32.SetFileCompletionNotificationModes(
                            value,
                            PipeConstants.FILE_SKIP_COMPLETION_PORT_ON_SUCCESS
                                    | PipeConstants.FILE_SKIP_SET_EVENT_ON_HANDLE),
                    "SetFileCompletionNotificationModes");
        }
    }

    /**
     * Asks for the end of the operation with that {@code OVERLAPPED}, or of all (0). Its completion still comes. If Windows
     * refuses that, the handle is closed: that ends them, too, and nobody cancels but to close the handle later.
     */
    void cancel(long overlapped) {
        if (isClosed()) {
            return;
        }
        int code = win32.CancelIoEx(value, overlapped);
        if (code != ERROR_SUCCESS && code != ERROR_NOT_FOUND) { // not found: it has ended, its packet is on the way
            logger.warn("Failed to cancel I/O; the handle is closed instead", failure(code, "CancelIoEx"));
            close();
        }
    }

    /** Whether it was closed: its number may stand for something else by now. */
    synchronized boolean isClosed() {
        return closed;
    }

    /**
     * Makes a call on whatever thread. If the channel closes meanwhile, the handle stays open for it: its number must not
     * stand for another pipe.
     *
     * @return the call's code; {@link io.npipe.win32.Win32Error#ERROR_INVALID_HANDLE} if it was closed before
     */
    int useElsewhere(LongToIntFunction call) {
        synchronized (this) {
            if (closed) {
                return ERROR_INVALID_HANDLE;
            }
            usersElsewhere++;
        }
        try {
            return call.applyAsInt(value);
        } finally {
            boolean isLast;
            synchronized (this) {
                isLast = --usersElsewhere == 0 && closed;
            }
            if (isLast) {
                closer.accept(this::closeNow);
            }
        }
    }

    void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            if (usersElsewhere > 0) {
                return;
            }
        }
        closer.accept(this::closeNow);
    }

    private void closeNow() {
        int code = win32.CloseHandle(value);
        if (code != ERROR_SUCCESS) {
            logger.warn("Failed to close a handle", failure(code, "CloseHandle"));
        }
    }

    private void require(int code, String call) throws NamedPipeException {
        if (code != ERROR_SUCCESS) {
            throw failure(code, call);
        }
    }

    NamedPipeException failure(int code, String call) {
        return new NamedPipeException(win32, code, call, address);
    }
}
