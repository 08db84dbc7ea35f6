/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import io.netty.util.concurrent.Ticker;
import io.npipe.win32.Win32;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/** A clock that stands still until told to move on, with the events that are due at its times. */
public final class VirtualTime implements Ticker {

    /** No time at all: later than every other. */
    public static final long NEVER = Long.MAX_VALUE;

    private final PriorityQueue<Due> agenda = new PriorityQueue<>();
    private long now;
    private long sequence;

    private record Due(long at, long sequence, Runnable event) implements Comparable<Due> {

        @Override
        public int compareTo(Due other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(sequence, other.sequence);
        }
    }

    /** Adds an event. */
    void after(long nanos, Runnable event) {
        agenda.add(new Due(now + nanos, sequence++, event));
    }

    /** When the next event is due, or {@link #NEVER}. */
    long nextEvent() {
        return agenda.isEmpty() ? NEVER : agenda.peek().at;
    }

    boolean isEventDue() {
        return nextEvent() <= now;
    }

    void runNextEvent() {
        agenda.remove().event.run();
    }

    /** When a wait of so many milliseconds that begins now is over; {@link #NEVER} for {@link Win32#INFINITE}. */
    long deadline(int millis) {
        return millis == Win32.INFINITE ? NEVER : now + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    void advanceTo(long nanos) {
        now = Math.max(now, nanos);
    }

    @Override
    public long initialNanoTime() {
        return 0;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
        throw new UnsupportedOperationException("nothing sleeps here");
    }
}
