/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_INVALID_HANDLE;
import static io.npipe.win32.Win32Error.ERROR_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.npipe.simulation.LoneKernel;
import io.npipe.testkit.LogWatch;
import io.npipe.testkit.ObservedWin32;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a handle says when calls fail that do not. */
@Tag("any-jvm")
class PipeHandleTest {

    private final List<String> calls = new ArrayList<>();
    private int code = ERROR_INVALID_HANDLE;
    private final PipeHandle handle = new PipeHandle(
            new ObservedWin32(new LoneKernel(false).kernel()) {
                @Override
                public int CancelIoEx(long file, long overlapped) {
                    calls.add("CancelIoEx");
                    return code;
                }

                @Override
                public int CloseHandle(long object) {
                    calls.add("CloseHandle");
                    return code;
                }
            },
            NamedPipeAddress.of("x"),
            4711);

    @Test
    void failuresAreLoggedAndAHandleIsClosedOnce() {
        try (LogWatch log = LogWatch.begin()) {
            handle.cancel(0);
            handle.close();
            handle.close();
            assertEquals(List.of("CancelIoEx", "CloseHandle"), calls);
            assertEquals(2, log.problems().size());
            for (int i = 0; i < 2; i++) {
                String problem = log.problems().get(i);
                assertTrue(problem.contains(calls.get(i)) && problem.contains("ERROR_INVALID_HANDLE"), problem);
            }
        }
    }

    @Test
    void whatIsUsedElsewhereIsClosedAfterwards() {
        code = ERROR_SUCCESS;
        int answer = handle.useElsewhere(value -> {
            assertEquals(4711, value);
            handle.useElsewhere(same -> {
                handle.close();
                return ERROR_SUCCESS;
            });
            assertEquals(List.of(), calls, "another one still uses it");
            return 42;
        });
        assertEquals(42, answer);
        assertEquals(List.of("CloseHandle"), calls);
        assertEquals(ERROR_INVALID_HANDLE, handle.useElsewhere(value -> fail("it is closed")));
        handle.close();
        assertEquals(List.of("CloseHandle"), calls);
    }

    @Test
    void useElsewhereDoesNotCloseIt() {
        code = ERROR_SUCCESS;
        assertEquals(42, handle.useElsewhere(value -> 42));
        assertEquals(List.of(), calls);
        handle.close();
        assertEquals(List.of("CloseHandle"), calls);
    }

    /** It has ended meanwhile: its packet is on the way. */
    @Test
    void anOperationThatIsNotFoundIsNoFailure() {
        code = ERROR_NOT_FOUND;
        try (LogWatch log = LogWatch.begin()) {
            handle.cancel(0);
            assertEquals(List.of(), log.problems());
        }
    }
}
