/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static io.npipe.win32.Win32Error.WAIT_TIMEOUT;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.OverlappedEntry;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A completion port with the packets of its last dequeue.
 *
 * <p>One thread dequeues and closes. Any thread may post, also while the port is being closed: a late post is refused,
 * and the handle is closed only when no thread is posting, since its value may be given out again at once.
 */
final class CompletionPort {

    private static final int CLOSED = 1 << 31;

    private final Win32 win32;
    private final int capacity;
    private final long handle;
    private final NativeMemory entries;
    private final NativeMemory removed;
    /** How many threads are posting, with the highest bit set once the port is closing. */
    private final AtomicInteger posters = new AtomicInteger();

    CompletionPort(Win32 win32, int capacity) {
        this.win32 = win32;
        this.capacity = capacity;
        handle = win32.CreateIoCompletionPort(PipeConstants.INVALID_HANDLE_VALUE, 0, 0, 1);
        if (handle < 0) {
            throw new IllegalStateException("CreateIoCompletionPort failed: " + describe((int) -handle));
        }
        entries = NativeMemory.allocate(capacity * OverlappedEntry.SIZE);
        removed = NativeMemory.allocate(Integer.BYTES);
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
                handle, entries.address(), capacity, removed.address(), timeoutMillis, 0);
        if (code == ERROR_SUCCESS) {
            return removed.buffer().getInt(0);
        }
        if (code == WAIT_TIMEOUT) {
            return 0;
        }
        throw new IllegalStateException("GetQueuedCompletionStatusEx failed: " + describe(code));
    }

    long key(int index) {
        return OverlappedEntry.completionKey(entries.buffer(), index);
    }

    long overlapped(int index) {
        return OverlappedEntry.overlapped(entries.buffer(), index);
    }

    int status(int index) {
        return OverlappedEntry.status(entries.buffer(), index);
    }

    int bytesTransferred(int index) {
        return OverlappedEntry.bytesTransferred(entries.buffer(), index);
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
        int code;
        try {
            code = win32.PostQueuedCompletionStatus(handle, value, key, 0);
        } finally {
            posters.decrementAndGet();
        }
        if (code != ERROR_SUCCESS) {
            throw new IllegalStateException("PostQueuedCompletionStatus failed: " + describe(code));
        }
        return true;
    }

    /** Closes the port, once. */
    void close() {
        posters.getAndUpdate(count -> count | CLOSED);
        while (posters.get() != CLOSED) {
            Thread.onSpinWait(); // bounded: a poster is inside one kernel call that does not wait
        }
        int code = win32.CloseHandle(handle);
        entries.free();
        removed.free();
        if (code != ERROR_SUCCESS) {
            throw new IllegalStateException("CloseHandle failed: " + describe(code));
        }
    }

    private String describe(int code) {
        return Win32Error.name(code) + " (" + code + "): " + win32.errorText(code);
    }
}
