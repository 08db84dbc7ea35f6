/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Decides which of many wake-ups needs a kernel call: at most one for each sleep, none while the loop is awake.
 *
 * <pre>
 *   AWAKE ──trySleep──▶ ASLEEP ──request: post──▶ NOTIFIED
 *     ▲ └──request: no post──────────────────────▶ │
 *     └────────────────────── awake ◀──────────────┘
 * </pre>
 *
 * A request that comes while the loop is awake is remembered: the next sleep does not begin.
 */
final class Wakeup {

    private static final int AWAKE = 0;
    private static final int ASLEEP = 1;
    private static final int NOTIFIED = 2;

    private final AtomicInteger state = new AtomicInteger(AWAKE);

    /**
     * The loop is about to wait.
     *
     * @return false if somebody asked for a wake-up since {@link #awake()}: it must not wait
     */
    boolean trySleep() {
        return state.compareAndSet(AWAKE, ASLEEP);
    }

    /** The loop runs again, and will look at everything it has to do before it sleeps again. */
    void awake() {
        state.set(AWAKE);
    }

    /**
     * Somebody wants the loop to run. Any thread.
     *
     * @return true if the caller must post the packet that ends the wait
     */
    boolean request() {
        return state.get() != NOTIFIED && state.getAndSet(NOTIFIED) == ASLEEP;
    }
}
