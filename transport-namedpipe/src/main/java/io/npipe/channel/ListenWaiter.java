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
import java.util.List;

/**
 * A thread that waits for the events of up to {@value #MAX_SLOTS} listening instances and tells the boss's event loop,
 * through its completion port, which slot's event was set.
 *
 * <p>It never touches an instance. It owns the events: the last thing it does is to close them. It runs from {@link
 * #start()} to {@link #stop()}.
 */
final class ListenWaiter implements Runnable {

    /** Events of one waiter: what one wait takes, less the one that ends it. */
    static final int MAX_SLOTS = PipeConstants.MAXIMUM_WAIT_OBJECTS - 1;

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(ListenWaiter.class);

    private final Win32 win32;
    private final IocpIoRegistration registration;
    private final int firstSlot;
    private final int count;
    private final NativeMemory handles;
    private final long stopEvent;
    private final Thread thread;

    /** The events of the slots, and behind them the event that ends the waiter. */
    ListenWaiter(
            IocpIoRegistration registration, NamedPipeAddress address, int firstSlot, List<Long> events, long stop) {
        win32 = registration.win32();
        this.registration = registration;
        this.firstSlot = firstSlot;
        count = events.size();
        handles = NativeMemory.allocate((count + 1) * Long.BYTES);
        for (int i = 0; i < count; i++) {
            handles.buffer().putLong(i * Long.BYTES, events.get(i));
        }
        handles.buffer().putLong(count * Long.BYTES, stop);
        stopEvent = stop;
        thread = new Thread(this, "npipe-listen-" + address.name() + "-" + firstSlot);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Instead of {@link #start()}: frees its memory. Whoever made the events closes them. */
    void discard() {
        handles.free();
    }

    /** Ends the thread, which then closes the events and frees its memory. No slot listens any more. */
    void stop() {
        int code = win32.SetEvent(stopEvent);
        if (code != ERROR_SUCCESS) {
            logger.error("SetEvent failed with {}: thread {} does not end", Win32Error.name(code), thread);
        }
    }

    @Override
    public void run() {
        while (waitAndTell()) {
            // until stopped
        }
        for (int i = 0; i <= count; i++) {
            win32.CloseHandle(event(i));
        }
        handles.free();
    }

    /** Returns false once stopped. */
    private boolean waitAndTell() {
        int first = 0;
        int timeout = Win32.INFINITE;
        for (; ; ) {
            // The rest is asked for again without waiting: a wait answers the lowest index only, and one busy slot must
            // not hide those behind it.
            int set = win32.WaitForMultipleObjects(
                    count + 1 - first, handles.address() + (long) first * Long.BYTES, 0, timeout);
            if (set == WAIT_TIMEOUT) {
                return true;
            }
            if (set < 0) {
                logger.error("WaitForMultipleObjects failed with {}: {} ends", Win32Error.name(-set), thread);
                return false;
            }
            int index = first + set;
            if (index == count) {
                return false;
            }
            win32.ResetEvent(event(index)); // before the post: after it the boss may listen with this event again
            registration.post(firstSlot + index);
            first = index + 1;
            timeout = 0;
        }
    }

    private long event(int index) {
        return handles.buffer().getLong(index * Long.BYTES);
    }
}
