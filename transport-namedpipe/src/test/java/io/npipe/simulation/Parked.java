/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.function.BooleanSupplier;

/** Leaves a call that blocks, up to the scheduler, which makes the call again when there is something to answer. */
final class Parked extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient BooleanSupplier ready;
    private final long until;

    Parked(BooleanSupplier ready, long until) {
        super(null, null, false, false);
        this.ready = ready;
        this.until = until;
    }

    boolean isReady() {
        return ready.getAsBoolean();
    }

    /** When the wait ends anyway, in nanoseconds of virtual time. */
    long until() {
        return until;
    }
}
