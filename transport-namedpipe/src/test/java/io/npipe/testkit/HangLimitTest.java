/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("any-jvm")
class HangLimitTest {

    @Test
    void whatHangsIsInterruptedAndFails() {
        AssertionError failure = assertThrows(
                AssertionError.class,
                () -> HangLimit.proceed(
                        () -> {
                            new CountDownLatch(1).await();
                            return null;
                        },
                        10,
                        TimeUnit.MILLISECONDS));
        assertInstanceOf(InterruptedException.class, failure.getCause());
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void whatSwallowsItsInterruptionFails() {
        AtomicBoolean came = new AtomicBoolean();
        assertThrows(
                AssertionError.class,
                () -> HangLimit.proceed(
                        () -> {
                            while (!Thread.currentThread().isInterrupted()) {
                                Thread.onSpinWait();
                            }
                            came.set(true);
                            return null;
                        },
                        10,
                        TimeUnit.MILLISECONDS));
        assertEquals(true, came.get());
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void whatEndsReturnsOrThrowsWhatItDid() throws Throwable {
        assertEquals(7, HangLimit.<Integer>proceed(() -> 7, 1, TimeUnit.DAYS));
        Exception thrown = new Exception("planted");
        assertSame(
                thrown,
                assertThrows(
                        Exception.class,
                        () -> HangLimit.proceed(
                                () -> {
                                    throw thrown;
                                },
                                1,
                                TimeUnit.DAYS)));
    }

    /** Such as Netty's tests have. */
    @Test
    @Timeout(value = 1, unit = TimeUnit.NANOSECONDS)
    void timeoutsOfJUnitAreSwitchedOff() throws Exception {
        TimeUnit.MILLISECONDS.sleep(1);
    }
}
