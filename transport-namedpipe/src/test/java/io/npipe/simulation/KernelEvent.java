/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

/** An event. */
final class KernelEvent extends KernelObject {

    private final boolean manualReset;
    private boolean set;

    KernelEvent(boolean manualReset, boolean set) {
        this.manualReset = manualReset;
        this.set = set;
    }

    void set() {
        set = true;
    }

    void reset() {
        set = false;
    }

    boolean isSet() {
        return set;
    }

    /** A wait has seen it set. */
    void waited() {
        if (!manualReset) {
            set = false;
        }
    }

    @Override
    void closed() {
        // nothing depends on it
    }
}
