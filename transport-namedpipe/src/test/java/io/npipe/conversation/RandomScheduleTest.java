/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random conversations on the simulated kernel: as many as {@code -Dnpipe.schedules} says, from {@code -Dnpipe.firstSeed}
 * on, or the one that {@code -Dnpipe.seed} names.
 */
@Tag("any-jvm")
class RandomScheduleTest {

    @Test
    void everySchedule() {
        Long seed = Long.getLong("npipe.seed");
        long first = seed != null ? seed : Long.getLong("npipe.firstSeed", 1);
        long count = seed != null ? 1 : Long.getLong("npipe.schedules", 1000);
        for (long i = first; i < first + count; i++) {
            run(i);
        }
    }

    private static void run(long seed) {
        Conversation conversation = new Conversation(seed);
        try (conversation) {
            conversation.run();
        } catch (Throwable t) {
            throw new AssertionError(
                    "seed " + seed + " (-Dnpipe.seed=" + seed + "): " + t.getMessage() + "\n" + conversation + "\n"
                            + conversation.world().trace().tail(),
                    t);
        }
    }
}
