/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.PipeConstants.FILE_FLAG_OVERLAPPED;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.win32.NtStatus;
import io.npipe.win32.SecurityDescriptor;
import io.npipe.win32.Win32Error;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Statuses, texts, security descriptors. */
abstract class ColdPathContract extends Win32Contract {

    @Test
    void statusesTranslateToTheCodesOfTheTable() {
        Map.of(
                        NtStatus.STATUS_SUCCESS, Win32Error.ERROR_SUCCESS,
                        NtStatus.STATUS_BUFFER_OVERFLOW, Win32Error.ERROR_MORE_DATA,
                        NtStatus.STATUS_PIPE_BROKEN, Win32Error.ERROR_BROKEN_PIPE,
                        NtStatus.STATUS_PIPE_CLOSING, Win32Error.ERROR_NO_DATA,
                        NtStatus.STATUS_PIPE_DISCONNECTED, Win32Error.ERROR_PIPE_NOT_CONNECTED,
                        NtStatus.STATUS_CANCELLED, Win32Error.ERROR_OPERATION_ABORTED,
                        NtStatus.STATUS_OBJECT_NAME_NOT_FOUND, Win32Error.ERROR_FILE_NOT_FOUND,
                        NtStatus.STATUS_IO_TIMEOUT, Win32Error.ERROR_SEM_TIMEOUT)
                .forEach((status, code) ->
                        assertEquals(code, win32.RtlNtStatusToDosError(status), () -> Integer.toHexString(status)));
    }

    @Test
    void codesHaveTexts() {
        for (int code : new int[] {2, 5, 109, 231, 232}) {
            assertFalse(win32.errorText(code).isBlank());
            assertFalse(win32.errorText(code).contains("\n"));
        }
        assertTrue(win32.errorText(0x2FFFFFFF).contains("" + 0x2FFFFFFF));
    }

    @Test
    void theUserHasASid() {
        assertTrue(win32.currentUserSid().startsWith("S-1-5-"), win32.currentUserSid());
    }

    @Test
    void aDescriptorForTheCurrentUserGoesWithAPipe() throws IOException {
        SecurityDescriptor security = SecurityDescriptor.ofSddl(win32, "D:P(A;;FA;;;" + win32.currentUserSid() + ")");
        tracked(win32.CreateNamedPipeW(
                wide(path).address(),
                PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED,
                0,
                1,
                0,
                0,
                0,
                security.attributesAddress()));
        security.free();

        client(); // this user may
    }

    @Test
    void whatIsNoDescriptorIsQuoted() {
        IOException refused = assertThrows(IOException.class, () -> SecurityDescriptor.ofSddl(win32, "D:(nonsense)"));
        assertTrue(refused.getMessage().contains("D:(nonsense)"), refused.getMessage());
    }
}
