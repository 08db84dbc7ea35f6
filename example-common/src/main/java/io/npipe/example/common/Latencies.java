/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.common;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/** How long something took, in words. */
public final class Latencies {

    private static final double NANOS_PER_MICRO = 1e3;

    /**
     * Tells the figures.
     *
     * @param nanos nanoseconds; not empty
     * @return such as {@code min 801.0 us, median 1002.3 us, p99 2003.9 us}
     */
    public static String text(Histogram nanos) {
        return String.format(
                Locale.ROOT,
                "min %.1f us, median %.1f us, p99 %.1f us",
                nanos.getMinValue() / NANOS_PER_MICRO,
                nanos.getValueAtPercentile(50) / NANOS_PER_MICRO,
                nanos.getValueAtPercentile(99) / NANOS_PER_MICRO);
    }

    private Latencies() {}
}
