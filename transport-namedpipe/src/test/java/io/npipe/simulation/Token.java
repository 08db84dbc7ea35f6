/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

/** What a thread impersonates with. */
final class Token extends KernelObject {

    static final int ANONYMOUS = 0;
    static final int IDENTIFICATION = 1;
    static final int IMPERSONATION = 2;

    private final SimulatedProcess client;
    private final int level;

    Token(SimulatedProcess client, int level) {
        this.client = client;
        this.level = level;
    }

    SimulatedProcess client() {
        return client;
    }

    /** {@code SECURITY_IMPERSONATION_LEVEL}. */
    int level() {
        return level;
    }

    @Override
    void closed() {
        // it goes with its last handle
    }
}
