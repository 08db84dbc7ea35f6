/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which requests need a packet. */
@Tag("any-jvm")
class WakeupTest {

    private final Wakeup wakeup = new Wakeup();

    @Test
    void oneOfManyRequestsDuringASleepPosts() {
        assertTrue(wakeup.trySleep());

        int posts = 0;
        for (int i = 0; i < 10; i++) {
            posts += wakeup.request() ? 1 : 0;
        }

        assertEquals(1, posts);
    }

    @Test
    void aRequestWhileAwakePostsNothingAndPreventsTheNextSleep() {
        assertFalse(wakeup.request());

        assertFalse(wakeup.trySleep());
        wakeup.awake();
        assertTrue(wakeup.trySleep());
    }

    @Test
    void everySleepMayBeEndedAnew() {
        for (int i = 0; i < 3; i++) {
            assertTrue(wakeup.trySleep());
            assertTrue(wakeup.request());
            wakeup.awake();
        }
    }
}
