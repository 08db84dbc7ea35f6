/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import java.util.Arrays;
import java.util.Locale;

/** How long calls took. */
final class Timing {

    private static final double NANOS_PER_MICRO = 1e3;

    private final long[] nanos;
    private int count;

    Timing(int calls) {
        nanos = new long[calls];
    }

    void add(long callNanos) {
        nanos[count++] = callNanos;
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
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%d calls, min %.1f us, median %.1f us, p99 %.1f us",
                count,
                at(sorted, 0),
                at(sorted, 50),
                at(sorted, 99));
    }

    /** The smallest that so many percent do not exceed. */
    private static double at(long[] sorted, int percent) {
        int rank = Math.max(1, (int) Math.ceil(percent / 100.0 * sorted.length));
        return sorted[rank - 1] / NANOS_PER_MICRO;
    }
}
