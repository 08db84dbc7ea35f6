/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.common;

/** How long the examples wait for what must come. Also a machine that is very busy or slow keeps it: it only ends a hang. */
public final class Patience {

    /** Of a call's deadline, a process's start and end, and each other wait. */
    public static final int SECONDS = 600;

    private Patience() {}
}
