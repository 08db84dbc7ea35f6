/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import io.npipe.win32.NtStatus;
import io.npipe.win32.Win32Error;
import java.util.Map;

/** Which error code each status means. */
final class NtStatusTable {

    static final int STATUS_INSUFFICIENT_RESOURCES = 0xC000009A;
    static final int STATUS_ACCESS_DENIED = 0xC0000022;
    private static final int ERROR_MR_MID_NOT_FOUND = 317;

    private static final Map<Integer, Integer> CODES = Map.ofEntries(
            Map.entry(NtStatus.STATUS_SUCCESS, Win32Error.ERROR_SUCCESS),
            Map.entry(NtStatus.STATUS_PENDING, Win32Error.ERROR_IO_PENDING),
            Map.entry(NtStatus.STATUS_BUFFER_OVERFLOW, Win32Error.ERROR_MORE_DATA),
            Map.entry(NtStatus.STATUS_OBJECT_NAME_NOT_FOUND, Win32Error.ERROR_FILE_NOT_FOUND),
            Map.entry(NtStatus.STATUS_IO_TIMEOUT, Win32Error.ERROR_SEM_TIMEOUT),
            Map.entry(NtStatus.STATUS_PIPE_DISCONNECTED, Win32Error.ERROR_PIPE_NOT_CONNECTED),
            Map.entry(NtStatus.STATUS_PIPE_BROKEN, Win32Error.ERROR_BROKEN_PIPE),
            Map.entry(NtStatus.STATUS_PIPE_CLOSING, Win32Error.ERROR_NO_DATA),
            Map.entry(NtStatus.STATUS_CANCELLED, Win32Error.ERROR_OPERATION_ABORTED),
            Map.entry(STATUS_INSUFFICIENT_RESOURCES, Win32Error.ERROR_NO_SYSTEM_RESOURCES),
            Map.entry(STATUS_ACCESS_DENIED, Win32Error.ERROR_ACCESS_DENIED));

    static int codeOf(int status) {
        return CODES.getOrDefault(status, ERROR_MR_MID_NOT_FOUND);
    }

    /** A status that means the code. */
    static int statusOf(int code) {
        return CODES.entrySet().stream()
                .filter(entry -> entry.getValue() == code)
                .mapToInt(Map.Entry::getKey)
                .findFirst()
                .orElse(STATUS_INSUFFICIENT_RESOURCES);
    }

    private NtStatusTable() {}
}
