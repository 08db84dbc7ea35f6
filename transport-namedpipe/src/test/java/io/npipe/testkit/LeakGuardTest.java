/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.RepeatedTest;

class LeakGuardTest {

    @RepeatedTest(20)
    void aBufferThatNobodyReleasesIsReported() {
        leak();

        List<String> reports = LeakGuard.reports();
        assertEquals(1, reports.size(), reports::toString);
        assertTrue(reports.get(0).contains("LeakGuardTest"), reports.get(0));
    }

    private static void leak() {
        // Netty reports the same trace once only; the hint makes another one of it.
        PooledByteBufAllocator.DEFAULT.directBuffer(16).touch(UUID.randomUUID());
    }
}
