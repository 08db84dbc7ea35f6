/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import static io.npipe.win32.Win32Error.ERROR_NOT_ENOUGH_MEMORY;
import static io.npipe.win32.Win32Error.ERROR_NOT_ENOUGH_QUOTA;
import static io.npipe.win32.Win32Error.ERROR_NO_SYSTEM_RESOURCES;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static io.npipe.win32.Win32Error.WAIT_TIMEOUT;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.OverlappedEntry;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A completion port with the packets of its last dequeue.
 *
 * <p>One thread dequeues and closes. Any thread may post, also while the port is being closed: a late post is refused,
 * and the handle is closed only when no thread is posting, since its value may be given out again at once.
 */
final class CompletionPort {

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(CompletionPort.class);

    private static final int CLOSED = 1 << 31;

    private static final long RETRY_NANOS = 100_000;

    private final Win32 win32;
    private final int capacity;
    private final long handle;

    /** The entries of the last dequeue, and behind them how many they are. */
    private final NativeMemory dequeued;

    private final int removedOffset;

    /** How many threads are posting, with the highest bit set once the port is closing. */
    private final AtomicInteger posters = new AtomicInteger();

    CompletionPort(Win32 win32, int capacity) {
        this.win32 = win32;
        this.capacity = capacity;
        dequeued = NativeMemory.allocate(capacity * OverlappedEntry.SIZE + Integer.BYTES);
        removedOffset = capacity * OverlappedEntry.SIZE;
        handle = win32.CreateIoCompletionPort(PipeConstants.INVALID_HANDLE_VALUE, 0, 0, 1);
        if (handle < 0) {
            dequeued.free();
            throw new IllegalStateException("CreateIoCompletionPort failed: " + describe((int) -handle));
        }
    }

    /**
     * Joins a handle to the port, for the handle's life.
     *
     * @return error code
     */
    int associate(long fileHandle, long key) {
        long result = win32.CreateIoCompletionPort(fileHandle, handle, key, 0);
        return result < 0 ? (int) -result : ERROR_SUCCESS;
    }

    /**
     * Takes packets; the accessors below tell about them until the next call.
     *
     * @param timeoutMillis how long to wait for the first, {@link Win32#INFINITE} for ever
     * @return how many
     */
    int dequeue(int timeoutMillis) {
        int code = win32.GetQueuedCompletionStatusEx(
                handle, dequeued.address(), capacity, dequeued.address() + removedOffset, timeoutMillis, 0);
        if (code == ERROR_SUCCESS) {
            return dequeued.buffer().getInt(removedOffset);
        }
        if (code == WAIT_TIMEOUT) {
            return 0;
        }
        if (isShortOfMemory(code)) { // for many entries it needs some; a loop must not end for that
            logger.warn("GetQueuedCompletionStatusEx failed, and is tried again: {}", describe(code));
            LockSupport.parkNanos(RETRY_NANOS);
            return 0;
        }
        throw new IllegalStateException("GetQueuedCompletionStatusEx failed: " + describe(code));
    }

    long key(int index) {
        return OverlappedEntry.completionKey(dequeued.buffer(), index);
    }

    long overlapped(int index) {
        return OverlappedEntry.overlapped(dequeued.buffer(), index);
    }

    int status(int index) {
        return OverlappedEntry.status(dequeued.buffer(), index);
    }

    int bytesTransferred(int index) {
        return OverlappedEntry.bytesTransferred(dequeued.buffer(), index);
    }

    /**
     * Puts a packet without {@code OVERLAPPED} into the port. Any thread.
     *
     * @return false if the port is closed already
     */
    boolean post(long key, int value) {
        int before;
        do {
            before = posters.get();
            if ((before & CLOSED) != 0) {
                return false;
            }
        } while (!posters.compareAndSet(before, before + 1));
        try {
            int code = win32.PostQueuedCompletionStatus(handle, value, key, 0);
            return code == ERROR_SUCCESS || postOnceThereIsMemory(key, value, code);
        } finally {
            posters.decrementAndGet();
        }
    }

    /**
     * The kernel has no memory for a packet. Whoever posts must not go on without it: a loop would not wake, or wait for
     * an event that never comes; and a task whose {@code execute} throws is in the loop's queue all the same.
     *
     * @return false if the port is being closed meanwhile
     */
    private boolean postOnceThereIsMemory(long key, int value, int firstCode) {
        logger.warn("PostQueuedCompletionStatus failed, and is tried again: {}", describe(firstCode));
        int code = firstCode;
        while (code != ERROR_SUCCESS) {
            if (!isShortOfMemory(code)) {
                throw new IllegalStateException("PostQueuedCompletionStatus failed: " + describe(code));
            }
            if ((posters.get() & CLOSED) != 0) {
                return false;
            }
            LockSupport.parkNanos(RETRY_NANOS);
            code = win32.PostQueuedCompletionStatus(handle, value, key, 0);
        }
        return true;
    }

    private static boolean isShortOfMemory(int code) {
        return code == ERROR_NO_SYSTEM_RESOURCES || code == ERROR_NOT_ENOUGH_MEMORY || code == ERROR_NOT_ENOUGH_QUOTA;
    }

    /** Closes the port, once. */
    void close() {
        posters.getAndUpdate(count -> count | CLOSED);
        while (posters.get() != CLOSED) {
            Thread.onSpinWait(); // a poster is inside a kernel call that does not wait
        }
        int code = win32.CloseHandle(handle);
        dequeued.free();
        if (code != ERROR_SUCCESS) { // what the loop has left to do goes on all the same
            logger.warn("CloseHandle of a completion port failed: {}", describe(code));
        }
    }

    private String describe(int code) {
        return Win32Error.name(code) + " (" + code + "): " + win32.errorText(code);
    }
}
