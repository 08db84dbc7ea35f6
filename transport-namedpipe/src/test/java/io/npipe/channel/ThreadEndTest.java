/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_CANNOT_IMPERSONATE;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.simulation.LoneKernel;
import io.npipe.testkit.ObservedWin32;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A thread acts as itself again after an impersonation, or does nothing any more. */
@Tag("any-jvm")
class ThreadEndTest {

    private final List<Integer> ended = new ArrayList<>();
    private final ThreadEnd recording = (code, tellFirst) -> {
        tellFirst.run();
        ended.add(code);
    };
    private int reverts;

    private ObservedWin32 reverting(int code, Error error) {
        return new ObservedWin32(new LoneKernel(false).kernel()) {
            @Override
            public int RevertToSelf() {
                reverts++;
                if (error != null) {
                    throw error;
                }
                return code;
            }
        };
    }

    @Test
    void anImpersonationIsEnded() {
        recording.unlessReverted(reverting(ERROR_SUCCESS, null), ERROR_SUCCESS, () -> {});
        assertEquals(1, reverts);
        assertEquals(List.of(), ended);
    }

    @Test
    void whereThereIsNoneNothingIsEnded() {
        recording.unlessReverted(reverting(ERROR_ACCESS_DENIED, null), ERROR_CANNOT_IMPERSONATE, () -> {});
        assertEquals(0, reverts);
        assertEquals(List.of(), ended);
    }

    @Test
    void whereTheCallDidNotReturnThereMayBeOne() {
        recording.unlessReverted(reverting(ERROR_SUCCESS, null), ThreadEnd.NOT_CALLED, () -> {});
        assertEquals(1, reverts);
    }

    @Test
    void anImpersonationThatCannotBeEndedEndsTheThread() {
        List<String> told = new ArrayList<>();
        recording.unlessReverted(reverting(ERROR_ACCESS_DENIED, null), ERROR_SUCCESS, () -> told.add("those who wait"));
        assertEquals(List.of(ERROR_ACCESS_DENIED), ended);
        assertEquals(List.of("those who wait"), told);
    }

    @Test
    void soDoesOneWhoseEndIsNotKnown() {
        Error error = new LinkageError();
        assertThrows(LinkageError.class, () -> recording.unlessReverted(reverting(0, error), ERROR_SUCCESS, () -> {}));
        assertEquals(List.of(ThreadEnd.NOT_CALLED), ended);
    }

    @Test
    void aThreadParksAlsoIfNobodyCanBeTold() {
        Thread thread = new Thread(() -> ThreadEnd.PARK.because(ERROR_ACCESS_DENIED, () -> {
            throw new LinkageError("no words");
        }));
        thread.setDaemon(true);
        thread.start();
        while (thread.getState() != Thread.State.WAITING) {
            assertTrue(thread.isAlive());
            Thread.onSpinWait();
        }
    }
}
