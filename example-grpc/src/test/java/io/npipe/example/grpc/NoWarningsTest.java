/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What all the other tests rely on. */
@Tag("any-jvm")
class NoWarningsTest {

    private final NoWarnings guard = new NoWarnings();

    @BeforeEach
    void begin() {
        guard.beforeAll(null);
    }

    @AfterEach
    void end() {
        guard.afterAll(null); // and what was told is not told again
    }

    private void assertFails(String text) {
        AssertionError error = assertThrows(AssertionError.class, () -> guard.afterEach(null));
        assertTrue(error.getMessage().contains(text), error::getMessage);
    }

    @Test
    void aWarningOfGrpcFailsTheTest() {
        Logger.getLogger("io.grpc.Test").warning("of gRPC");
        assertFails("of gRPC");
    }

    @Test
    void aWarningOfNettyFailsTheTest() {
        InternalLoggerFactory.getInstance("io.netty.Test").warn("of {}", "Netty");
        assertFails("of {}");
    }

    @Test
    void soDoesOneFromBeforeTheTest() {
        Logger.getLogger("io.grpc.Test").warning("of a set-up");
        guard.beforeEach(null);
        assertFails("of a set-up");
    }

    @Test
    void soDoesOneAfterATestThatQuietedTheLog() {
        LogManager.getLogManager().getLogger("").setLevel(Level.SEVERE);
        guard.beforeEach(null);
        Logger.getLogger("io.grpc.Test").warning("of the next");
        assertFails("of the next");
    }

    @Test
    void whatIsLessDoesNot() {
        Logger.getLogger("io.grpc.Test").fine("of gRPC");
        InternalLoggerFactory.getInstance("io.netty.Test").info("of Netty");
        assertDoesNotThrow(() -> guard.afterEach(null));
    }
}
