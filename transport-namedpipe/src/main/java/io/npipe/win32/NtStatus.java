/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

/** The {@code NTSTATUS} values that packets of pipe operations carry. */
public final class NtStatus {

    /** Done. */
    public static final int STATUS_SUCCESS = 0x00000000;
    /** Under way; a packet will come. */
    public static final int STATUS_PENDING = 0x00000103;
    /** Data, and more of the same message is left ({@code ERROR_MORE_DATA}). */
    public static final int STATUS_BUFFER_OVERFLOW = 0x80000005;
    /** The name does not exist (any more). */
    public static final int STATUS_OBJECT_NAME_NOT_FOUND = 0xC0000034;
    /** A wait for an instance expired. */
    public static final int STATUS_IO_TIMEOUT = 0xC00000B5;
    /** The server disconnected the pipe. */
    public static final int STATUS_PIPE_DISCONNECTED = 0xC00000B0;
    /** The peer closed its end, and all it wrote has been read. */
    public static final int STATUS_PIPE_BROKEN = 0xC000014B;
    /** The peer is closing its end. */
    public static final int STATUS_PIPE_CLOSING = 0xC00000B1;
    /** Cancelled. */
    public static final int STATUS_CANCELLED = 0xC0000120;

    /**
     * Tells whether a status is a success or information, after which a completion packet comes.
     *
     * @param status {@code NTSTATUS}
     * @return what {@code NT_SUCCESS} answers
     */
    public static boolean isSuccess(int status) {
        return status >= 0;
    }

    private NtStatus() {}
}
