/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How long calls took, and in which order they were made. */
@Tag("any-jvm")
class TimingTest {

    @Test
    void timingsAreRankedByTheNearestRank() {
        Timing timing = new Timing();
        for (int i = 200; i >= 1; i--) {
            timing.add(i * 1000L);
        }
        assertEquals("200 calls, min 1.0 us, median 100.0 us, p99 198.0 us", timing.toString());
    }

    @Test
    void eachWayIsTheFirstInTurn() {
        List<String> made = new ArrayList<>();
        Timing.inTurn(3, () -> made.add("one"), new Timing(), () -> made.add("other"), new Timing());
        assertEquals(List.of("one", "other", "other", "one", "one", "other"), made);
    }
}
