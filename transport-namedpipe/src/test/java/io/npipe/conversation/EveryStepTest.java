/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.simulation.Faults;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each way to interfere with a conversation, after each of its steps. */
@Tag("any-jvm")
class EveryStepTest {

    private static final int FIRST_SEED = 1;
    private static final int SEEDS = 4;

    @ParameterizedTest
    @EnumSource
    void interfereAfter(Conversation.Interference interference) {
        for (int seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            long step = 0;
            while (run(seed, step, interference)) {
                step++;
            }
            assertTrue(step > 20, "the conversation was over after " + step + " steps");
        }
    }

    private static boolean run(long seed, long step, Conversation.Interference interference) {
        Conversation conversation = Conversation.plain(seed, Faults.NONE);
        try (conversation) {
            return conversation.run(step, interference);
        } catch (Throwable t) {
            throw Schedules.failed(conversation, "plain seed " + seed + ", " + interference + " after step " + step, t);
        }
    }
}
