/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.function.BooleanSupplier;

/** What happens while a call blocks, or just after it. */
interface Waiting {

    /**
     * Blocks the caller.
     *
     * @param millis how long at most, {@link io.npipe.win32.Win32#INFINITE} for ever
     * @return whether it is ready; else the time is over
     * @throws Parked if the caller is to come again when it is ready
     */
    boolean await(BooleanSupplier ready, int millis);

    /** A call is over: before the caller goes on, others may. */
    void called();

    /** Does not return to a thread that has ended in the middle of something: whatever it does on its way out, it does not. */
    default void requireLive() {}

    /** The thread that calls, as an identity. */
    Object caller();

    /** Whether the caller is an event loop. */
    boolean isEventLoop();
}
