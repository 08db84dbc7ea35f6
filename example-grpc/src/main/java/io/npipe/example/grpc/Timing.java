/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.npipe.example.common.Latencies;
import org.HdrHistogram.Histogram;

/** How long calls took. */
final class Timing {

    private static final int SIGNIFICANT_DIGITS = 3;

    private final Histogram nanos = new Histogram(SIGNIFICANT_DIGITS);

    void add(long callNanos) {
        nanos.recordValue(callNanos);
    }

    private void time(Runnable call) {
        long start = System.nanoTime();
        call.run();
        add(System.nanoTime() - start);
    }

    /** Of two ways, call by call, each first in turn, so that neither has a warmer machine than the other. */
    static void inTurn(int calls, Runnable one, Timing ofOne, Runnable other, Timing ofOther) {
        for (int i = 0; i < calls; i++) {
            if (i % 2 == 0) {
                ofOne.time(one);
                ofOther.time(other);
            } else {
                ofOther.time(other);
                ofOne.time(one);
            }
        }
    }

    /** Of one way. */
    static void alone(int calls, Runnable one, Timing ofOne) {
        for (int i = 0; i < calls; i++) {
            ofOne.time(one);
        }
    }

    /** Such as {@code 1000 calls, min 801.0 us, median 1002.3 us, p99 2003.9 us}. */
    @Override
    public String toString() {
        return nanos.getTotalCount() + " calls, " + Latencies.text(nanos);
    }
}
