/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import io.npipe.win32.NtStatus;
import io.npipe.win32.Win32Error;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which error code each status means. */
final class NtStatusTable {

    static final int STATUS_INSUFFICIENT_RESOURCES = 0xC000009A;
    static final int STATUS_ACCESS_DENIED = 0xC0000022;
    static final int STATUS_INVALID_HANDLE = 0xC0000008;
    static final int STATUS_INVALID_PARAMETER = 0xC000000D;
    static final int STATUS_NOT_SUPPORTED = 0xC00000BB;
    static final int STATUS_ILLEGAL_FUNCTION = 0xC00000AF;
    private static final int STATUS_INSTANCE_NOT_AVAILABLE = 0xC00000AB;
    private static final int STATUS_PIPE_NOT_AVAILABLE = 0xC00000AC;
    private static final int STATUS_INVALID_PIPE_STATE = 0xC00000AD;
    private static final int STATUS_PIPE_BUSY = 0xC00000AE;
    private static final int STATUS_PIPE_CONNECTED = 0xC00000B2;
    private static final int STATUS_PIPE_LISTENING = 0xC00000B3;
    private static final int STATUS_PIPE_EMPTY = 0xC00000D9;
    private static final int ERROR_NOT_SUPPORTED = 50;
    private static final int ERROR_MR_MID_NOT_FOUND = 317;

    /** In the order in which a status is looked for that means a code. */
    private static final Map<Integer, Integer> CODES = new LinkedHashMap<>();

    static {
        CODES.put(NtStatus.STATUS_SUCCESS, Win32Error.ERROR_SUCCESS);
        CODES.put(NtStatus.STATUS_PENDING, Win32Error.ERROR_IO_PENDING);
        CODES.put(NtStatus.STATUS_BUFFER_OVERFLOW, Win32Error.ERROR_MORE_DATA);
        CODES.put(NtStatus.STATUS_OBJECT_NAME_NOT_FOUND, Win32Error.ERROR_FILE_NOT_FOUND);
        CODES.put(NtStatus.STATUS_IO_TIMEOUT, Win32Error.ERROR_SEM_TIMEOUT);
        CODES.put(NtStatus.STATUS_PIPE_DISCONNECTED, Win32Error.ERROR_PIPE_NOT_CONNECTED);
        CODES.put(NtStatus.STATUS_PIPE_BROKEN, Win32Error.ERROR_BROKEN_PIPE);
        CODES.put(NtStatus.STATUS_PIPE_CLOSING, Win32Error.ERROR_NO_DATA);
        CODES.put(STATUS_PIPE_EMPTY, Win32Error.ERROR_NO_DATA);
        CODES.put(STATUS_PIPE_CONNECTED, Win32Error.ERROR_PIPE_CONNECTED);
        CODES.put(STATUS_PIPE_LISTENING, Win32Error.ERROR_PIPE_LISTENING);
        CODES.put(STATUS_INVALID_PIPE_STATE, Win32Error.ERROR_BAD_PIPE);
        CODES.put(STATUS_PIPE_NOT_AVAILABLE, Win32Error.ERROR_PIPE_BUSY);
        CODES.put(STATUS_INSTANCE_NOT_AVAILABLE, Win32Error.ERROR_PIPE_BUSY);
        CODES.put(STATUS_PIPE_BUSY, Win32Error.ERROR_PIPE_BUSY);
        CODES.put(STATUS_ILLEGAL_FUNCTION, Win32Error.ERROR_INVALID_FUNCTION);
        CODES.put(NtStatus.STATUS_CANCELLED, Win32Error.ERROR_OPERATION_ABORTED);
        CODES.put(STATUS_INSUFFICIENT_RESOURCES, Win32Error.ERROR_NO_SYSTEM_RESOURCES);
        CODES.put(STATUS_ACCESS_DENIED, Win32Error.ERROR_ACCESS_DENIED);
        CODES.put(STATUS_INVALID_HANDLE, Win32Error.ERROR_INVALID_HANDLE);
        CODES.put(STATUS_INVALID_PARAMETER, Win32Error.ERROR_INVALID_PARAMETER);
        CODES.put(STATUS_NOT_SUPPORTED, ERROR_NOT_SUPPORTED);
    }

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
