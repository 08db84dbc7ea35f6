/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static io.npipe.win32.Win32Error.WAIT_TIMEOUT;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.npipe.iocp.IocpIoRegistration;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that waits for the events of up to {@value #MAX_SLOTS} listening instances and tells the boss's event loop,
 * through its completion port, which slot's event was set.
 *
 * <p>It never touches an instance. It owns the events: the last thing it does is to close them. It runs from {@link
 * #start} to {@link #stop()}.
 */
final class ListenWaiter implements Runnable {

    /** Events of one waiter: what one wait takes, less the one that ends it. */
    static final int MAX_SLOTS = PipeConstants.MAXIMUM_WAIT_OBJECTS - 1;

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(ListenWaiter.class);

    private static final int MANUAL_RESET = 1; // as ConnectNamedPipe asks for

    /** A pause before a call that failed is tried again: the thread must not end while slots listen. */
    private static final long RETRY_NANOS = 1_000_000;

    /** Of the call that stops the thread; a loop makes it, and must not pause. */
    private static final int MAX_RETRIES = 4;

    private final Win32 win32;
    private final IocpIoRegistration registration;
    private final int firstSlot;
    private final int slots;
    private final String name;

    /** The events of the slots, and behind them the one that ends the waiter. */
    private final NativeMemory events;

    private boolean started;

    /** For a thread that cannot wait. It is set when {@link #stop()} needs the events no more. */
    private volatile boolean stopped;

    /** The thread's: it has told of a call that fails, and of the next one it does not. */
    private boolean hasWarned;

    /**
     * Creates the events.
     *
     * @param firstSlot index of the first slot that it waits for
     * @param slots how many, at most {@link #MAX_SLOTS}
     */
    ListenWaiter(IocpIoRegistration registration, NamedPipeAddress address, int firstSlot, int slots)
            throws NamedPipeException {
        win32 = registration.win32();
        this.registration = registration;
        this.firstSlot = firstSlot;
        this.slots = slots;
        name = "listen-" + address.name() + "-" + firstSlot;
        events = NativeMemory.allocate((slots + 1) * Long.BYTES);
        for (int i = 0; i <= slots; i++) {
            long event = win32.CreateEventW(0, MANUAL_RESET, 0, 0);
            if (event < 0) {
                free(i);
                throw new NamedPipeException(win32, (int) -event, "CreateEventW", address);
            }
            events.buffer().putLong(i * Long.BYTES, event);
        }
    }

    /** The event of a slot, counted from this waiter's first. */
    long event(int index) {
        return events.buffer().getLong(index * Long.BYTES);
    }

    void start(BlockingCalls blockingCalls) {
        blockingCalls.execute(name, this);
        started = true;
    }

    /** Ends the waiter: its thread, if it has one, then closes the events. No slot listens any more. */
    void stop() {
        if (!started) {
            free(slots + 1);
            return;
        }
        int code = win32.SetEvent(event(slots));
        for (int left = MAX_RETRIES; code != ERROR_SUCCESS && left > 0; left--) {
            code = win32.SetEvent(event(slots));
        }
        if (code != ERROR_SUCCESS) {
            logger.error("SetEvent failed with {}: thread {} does not end", Win32Error.name(code), name);
        }
        stopped = true;
    }

    private void free(int created) {
        for (int i = 0; i < created; i++) {
            win32.CloseHandle(event(i));
        }
        events.free();
    }

    @Override
    public void run() {
        while (waitAndTell()) {
            // until stopped
        }
        free(slots + 1);
    }

    /** Returns false once stopped. */
    private boolean waitAndTell() {
        int first = 0;
        int timeout = Win32.INFINITE;
        for (; ; ) {
            // The rest is asked for again without waiting: a wait answers the lowest index only, and one busy slot must
            // not hide those behind it.
            int set = win32.WaitForMultipleObjects(
                    slots + 1 - first, events.address() + (long) first * Long.BYTES, 0, timeout);
            if (set == WAIT_TIMEOUT) {
                return true;
            }
            if (set < 0) {
                pauseAfter("WaitForMultipleObjects", -set); // no memory in the kernel: the slots still listen
                return !stopped;
            }
            int index = first + set;
            if (index == slots) {
                return false;
            }
            reset(index);
            registration.post(firstSlot + index);
            first = index + 1;
            timeout = 0;
        }
    }

    /**
     * Before the post: after it the boss may listen with this event again. An event that stays set would be told of twice,
     * and the instance be closed while the kernel has its memory.
     */
    private void reset(int index) {
        for (int code = win32.ResetEvent(event(index)); code != ERROR_SUCCESS; ) {
            pauseAfter("ResetEvent", code);
            code = win32.ResetEvent(event(index));
        }
    }

    private void pauseAfter(String call, int code) {
        if (!hasWarned) {
            hasWarned = true;
            logger.warn("{} failed with {}, and is tried again by thread {}", call, Win32Error.name(code), name);
        }
        LockSupport.parkNanos(RETRY_NANOS);
    }
}
