/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

/** Something that does one step after the other: an event loop or a thread. */
abstract class Actor {

    private final String name;
    private Parked parked;
    private boolean ended;

    Actor(String name) {
        this.name = name;
    }

    /** Does a step. Leaving it through {@link Parked} is fine. */
    abstract void turn();

    /** Whether the call that it makes now may leave through {@link Parked}. */
    abstract boolean mayPark();

    abstract boolean isEventLoop();

    /** It has ended and does nothing any more. */
    abstract boolean isDone();

    final String name() {
        return name;
    }

    /** Makes a step, and remembers what it waits for. */
    final void go() {
        try {
            parked = null;
            turn();
        } catch (Parked wait) {
            parked = wait;
        }
    }

    /** It does nothing any more, in the middle of something. */
    final void end() {
        ended = true;
    }

    final boolean isEnded() {
        return ended;
    }

    final boolean isParked() {
        return parked != null;
    }

    final boolean isRunnable(long now) {
        return !ended && !isDone() && (parked == null || parked.isReady() || now >= parked.until());
    }

    /** When it runs anyway, or {@link VirtualTime#NEVER}. */
    final long wakesAt() {
        return ended || isDone() || parked == null ? VirtualTime.NEVER : parked.until();
    }
}
