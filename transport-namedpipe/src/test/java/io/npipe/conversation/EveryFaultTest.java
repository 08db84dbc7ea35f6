/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.simulation.Faults;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.win32.Win32;
import java.lang.reflect.Method;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each call of a conversation fails once with each code that is plausible, and each allocation once. */
@Tag("any-jvm")
class EveryFaultTest {

    private static final int FIRST_SEED = 1;
    private static final int SEEDS = 8;

    /** A new function of the seam is not forgotten. */
    @Test
    void everyCallHasCodesToFailWith() {
        for (Method function : Win32.class.getMethods()) {
            int[] codes = Faults.PLAUSIBLE.get(Call.valueOf(function.getName()));
            assertTrue(codes != null && codes.length > 0, () -> function.getName() + " cannot fail");
        }
    }

    @Test
    void everyCallFails() {
        failEach(Faults::nth);
    }

    @Test
    void everyAllocationFails() {
        failEach(Faults::nthAllocation);
    }

    private static void failEach(LongFunction<Faults.Once> faults) {
        for (int seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            long index = 0;
            while (run(seed, index, faults.apply(index))) {
                index++;
            }
            assertTrue(index > 10, "only " + index + " calls could fail");
        }
    }

    /** Returns false if there was no call with that index. */
    private static boolean run(long seed, long index, Faults.Once fault) {
        Conversation conversation = Conversation.plain(seed, fault);
        try (conversation) {
            conversation.run();
            return fault.hasHappened();
        } catch (Throwable t) {
            throw Schedules.failed(conversation, "plain seed " + seed + ", fault " + index + ": " + fault, t);
        }
    }
}
