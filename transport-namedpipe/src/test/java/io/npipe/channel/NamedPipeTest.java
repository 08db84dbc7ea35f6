/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.iocp.IocpEventLoopGroup;
import io.npipe.iocp.IocpIoHandler;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Availability, on Windows and elsewhere: both JVMs of a Linux build run it. */
@Tag("any-jvm")
class NamedPipeTest {

    private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

    @Test
    void availableOnWindowsOnly() {
        assertEquals(WINDOWS, NamedPipe.isAvailable());
        if (WINDOWS) {
            assertNull(NamedPipe.unavailabilityCause());
            assertDoesNotThrow(NamedPipe::ensureAvailability);
        } else {
            assertNotNull(NamedPipe.unavailabilityCause());
            assertUnavailable(NamedPipe::ensureAvailability);
        }
    }

    @Test
    void constructorsSayWhyElsewhere() {
        if (WINDOWS) {
            assertDoesNotThrow(() -> new NamedPipeChannel().unsafe().closeForcibly());
            assertDoesNotThrow(() -> new NamedPipeServerChannel().unsafe().closeForcibly());
            assertNotNull(IocpIoHandler.newFactory());
        } else {
            assertUnavailable(NamedPipeChannel::new);
            assertUnavailable(NamedPipeServerChannel::new);
            assertUnavailable(IocpIoHandler::newFactory);
            assertUnavailable(IocpEventLoopGroup::new);
        }
    }

    private static void assertUnavailable(Executable attempt) {
        UnsatisfiedLinkError failure = assertThrows(UnsatisfiedLinkError.class, attempt);
        assertSame(NamedPipe.unavailabilityCause(), failure.getCause());
        assertTrue(failure.getMessage().contains("64-bit JVM on Windows"), failure.getMessage());
    }
}
