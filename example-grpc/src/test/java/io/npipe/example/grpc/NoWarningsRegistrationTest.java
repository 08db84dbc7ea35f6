/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.logging.LogManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A class that does not speak of {@link NoWarnings} is watched all the same. */
@Tag("any-jvm")
class NoWarningsRegistrationTest {

    @Test
    void everyClassIsWatched() {
        assertTrue(Arrays.stream(LogManager.getLogManager().getLogger("").getHandlers())
                .anyMatch(handler -> handler.getClass().getEnclosingClass() == NoWarnings.class));
    }
}
