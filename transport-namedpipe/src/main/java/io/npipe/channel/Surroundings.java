/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntUnaryOperator;

/**
 * What channels take from outside their event loop and the kernel. Tests that must be repeatable give them others.
 *
 * @param blockingCalls where calls that block run
 * @param jitter a random number from 0 to less than its argument
 * @param endThread what happens to a thread that must not go on
 */
record Surroundings(BlockingCalls blockingCalls, IntUnaryOperator jitter, ThreadEnd endThread) {

    /** Threads, and chance. */
    static final Surroundings DEFAULT = new Surroundings(
            BlockingCalls.ON_THREADS, bound -> ThreadLocalRandom.current().nextInt(bound), ThreadEnd.PARK);
}
