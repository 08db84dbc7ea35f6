/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random conversations on the simulated kernel: as many as {@code -Dnpipe.schedules} says, from {@code -Dnpipe.firstSeed}
 * on, or only the one that {@code -Dnpipe.seed} names.
 */
@Tag("any-jvm")
class RandomScheduleTest {

    private static final long DEFAULT_SCHEDULES = 1000;

    @Test
    void everySchedule() {
        Long seed = Long.getLong("npipe.seed");
        long first = seed != null ? seed : Long.getLong("npipe.firstSeed", 1);
        long count = seed != null ? 1 : Long.getLong("npipe.schedules", DEFAULT_SCHEDULES);
        for (long i = first; i < first + count; i++) {
            Schedules.run(i);
        }
    }
}
