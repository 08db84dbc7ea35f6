/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.PipeConstants.FILE_FLAG_OVERLAPPED;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.PipeLab;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Win32;
import java.net.BindException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the kernel says of a pipe of another server, where it silently ignores what a later instance asks for. */
@Tag("any-jvm")
class PipeStateTest {

    private final Win32 win32 = Kernels.win32();
    private final NamedPipeAddress address = PipeLab.freshAddress();
    private final PipeHandle first = create(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 5);

    /** It asks for another type and another limit, and is created all the same. */
    private final PipeHandle later = create(0, 7);

    private PipeHandle create(int mode, int maxInstances) {
        NativeMemory path = NativeMemory.ofWideString(address.path());
        long handle = win32.CreateNamedPipeW(
                path.address(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, mode, maxInstances, 0, 0, 0, 0);
        path.free();
        assertTrue(handle > 0, () -> "CreateNamedPipeW: " + -handle);
        return new PipeHandle(win32, address, handle);
    }

    @AfterEach
    void closeBoth() {
        first.close();
        later.close();
    }

    @Test
    void theTypeAndTheLimitAreThoseOfTheFirstInstance() throws Exception {
        PipeState state = new PipeState(win32, later);
        assertEquals(PipeMode.MESSAGE, state.type());
        state.require(PipeMode.MESSAGE, 5);
    }

    @Test
    void anotherTypeOrLimitIsDetectedAndNamed() {
        PipeState state = new PipeState(win32, later);
        for (BindException refusal : new BindException[] {
            assertThrows(BindException.class, () -> state.require(PipeMode.BYTE, 5)),
            assertThrows(BindException.class, () -> state.require(PipeMode.MESSAGE, 7))
        }) {
            assertTrue(refusal.getMessage().contains("type MESSAGE and a maximum of 5"), refusal.getMessage());
        }
    }

    /** Windows refuses what is to be the first instance; Wine 8 does not, and there the difference is seen. */
    @Test
    void aServerDoesNotJoinThem() {
        try (PipeLab lab = new PipeLab()) {
            Throwable refusal =
                    lab.server(Inbox::new).bind(address).awaitUninterruptibly().cause();
            assertInstanceOf(BindException.class, refusal);
            assertTrue(refusal.getMessage().contains("another server has this pipe"), refusal.getMessage());
        }
    }
}
