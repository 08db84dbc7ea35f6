/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.logging.Logger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What all the other tests rely on. */
@Tag("any-jvm")
class NoWarningsTest {

    private final NoWarnings guard = new NoWarnings();

    private void assertFails(Runnable logging, String text) {
        guard.beforeEach(null);
        logging.run();
        AssertionError error = assertThrows(AssertionError.class, () -> guard.afterEach(null));
        assertTrue(error.getMessage().contains(text), error::getMessage);
    }

    @Test
    void aWarningOfGrpcFailsTheTest() {
        assertFails(() -> Logger.getLogger("io.grpc.Test").warning("of gRPC"), "of gRPC");
    }

    @Test
    void aWarningOfNettyFailsTheTest() {
        assertFails(() -> InternalLoggerFactory.getInstance("io.netty.Test").warn("of {}", "Netty"), "of {}");
    }

    @Test
    void whatIsLessDoesNot() {
        guard.beforeEach(null);
        Logger.getLogger("io.grpc.Test").fine("of gRPC");
        InternalLoggerFactory.getInstance("io.netty.Test").info("of Netty");
        assertDoesNotThrow(() -> guard.afterEach(null));
    }
}
