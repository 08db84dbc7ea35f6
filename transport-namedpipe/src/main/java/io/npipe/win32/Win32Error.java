/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

/** The error codes that pipe calls answer, by their names in {@code winerror.h}. */
public final class Win32Error {

    /** Done. */
    public static final int ERROR_SUCCESS = 0;

    /** Not for this end of a pipe. */
    public static final int ERROR_INVALID_FUNCTION = 1;

    /** No pipe of that name exists. */
    public static final int ERROR_FILE_NOT_FOUND = 2;

    /** The security descriptor, or the direction of the pipe, does not allow it; or the name is taken. */
    public static final int ERROR_ACCESS_DENIED = 5;

    /** Not a handle, or one of another kind. */
    public static final int ERROR_INVALID_HANDLE = 6;

    /** Memory ran out. */
    public static final int ERROR_NOT_ENOUGH_MEMORY = 8;

    /** The host of a remote name was not found. */
    public static final int ERROR_BAD_NETPATH = 53;

    /** An argument is out of its range. */
    public static final int ERROR_INVALID_PARAMETER = 87;

    /** The peer has closed its end and all it wrote has been read. */
    public static final int ERROR_BROKEN_PIPE = 109;

    /** A wait for an instance expired. */
    public static final int ERROR_SEM_TIMEOUT = 121;

    /** Not the name of a pipe. */
    public static final int ERROR_INVALID_NAME = 123;

    /** The path is too long. */
    public static final int ERROR_FILENAME_EXCED_RANGE = 206;

    /** The state of the pipe does not allow it. */
    public static final int ERROR_BAD_PIPE = 230;

    /** All instances of the pipe are in use. */
    public static final int ERROR_PIPE_BUSY = 231;

    /** The peer is closing or has closed its end. */
    public static final int ERROR_NO_DATA = 232;

    /** The server has disconnected the pipe. */
    public static final int ERROR_PIPE_NOT_CONNECTED = 233;

    /** Data, and more of the same message is left. */
    public static final int ERROR_MORE_DATA = 234;

    /** The wait expired. */
    public static final int WAIT_TIMEOUT = 258;

    /** A client has connected already. */
    public static final int ERROR_PIPE_CONNECTED = 535;

    /** No client has connected yet. */
    public static final int ERROR_PIPE_LISTENING = 536;

    /** The operation was cancelled. */
    public static final int ERROR_OPERATION_ABORTED = 995;

    /** The operation is still under way. */
    public static final int ERROR_IO_INCOMPLETE = 996;

    /** The operation is under way; its completion will come. */
    public static final int ERROR_IO_PENDING = 997;

    /** The thread does not impersonate anybody. */
    public static final int ERROR_NO_TOKEN = 1008;

    /** Nothing to cancel. */
    public static final int ERROR_NOT_FOUND = 1168;

    /** This user cannot make that SID the owner. */
    public static final int ERROR_INVALID_OWNER = 1307;

    /** No such account, or no account with that SID. */
    public static final int ERROR_NONE_MAPPED = 1332;

    /** Not an access control list. */
    public static final int ERROR_INVALID_ACL = 1336;

    /** The client does not allow that much. */
    public static final int ERROR_BAD_IMPERSONATION_LEVEL = 1346;

    /** The client does not say who it is. */
    public static final int ERROR_CANT_OPEN_ANONYMOUS = 1347;

    /** The client's identity is not known before the first read. */
    public static final int ERROR_CANNOT_IMPERSONATE = 1368;

    /** The kernel's memory for pipes ran out. */
    public static final int ERROR_NO_SYSTEM_RESOURCES = 1450;

    /** The process's quota of kernel memory ran out. */
    public static final int ERROR_NOT_ENOUGH_QUOTA = 1816;

    /**
     * Tells the name of a code.
     *
     * @param code error code
     * @return its name in {@code winerror.h}, or {@code "error <code>"} for one that pipe calls are not known to answer
     */
    public static String name(int code) {
        return switch (code) {
            case ERROR_SUCCESS -> "ERROR_SUCCESS";
            case ERROR_INVALID_FUNCTION -> "ERROR_INVALID_FUNCTION";
            case ERROR_FILE_NOT_FOUND -> "ERROR_FILE_NOT_FOUND";
            case ERROR_ACCESS_DENIED -> "ERROR_ACCESS_DENIED";
            case ERROR_INVALID_HANDLE -> "ERROR_INVALID_HANDLE";
            case ERROR_NOT_ENOUGH_MEMORY -> "ERROR_NOT_ENOUGH_MEMORY";
            case ERROR_BAD_NETPATH -> "ERROR_BAD_NETPATH";
            case ERROR_INVALID_PARAMETER -> "ERROR_INVALID_PARAMETER";
            case ERROR_BROKEN_PIPE -> "ERROR_BROKEN_PIPE";
            case ERROR_SEM_TIMEOUT -> "ERROR_SEM_TIMEOUT";
            case ERROR_INVALID_NAME -> "ERROR_INVALID_NAME";
            case ERROR_FILENAME_EXCED_RANGE -> "ERROR_FILENAME_EXCED_RANGE";
            case ERROR_BAD_PIPE -> "ERROR_BAD_PIPE";
            case ERROR_PIPE_BUSY -> "ERROR_PIPE_BUSY";
            case ERROR_NO_DATA -> "ERROR_NO_DATA";
            case ERROR_PIPE_NOT_CONNECTED -> "ERROR_PIPE_NOT_CONNECTED";
            case ERROR_MORE_DATA -> "ERROR_MORE_DATA";
            case WAIT_TIMEOUT -> "WAIT_TIMEOUT";
            case ERROR_PIPE_CONNECTED -> "ERROR_PIPE_CONNECTED";
            case ERROR_PIPE_LISTENING -> "ERROR_PIPE_LISTENING";
            case ERROR_OPERATION_ABORTED -> "ERROR_OPERATION_ABORTED";
            case ERROR_IO_INCOMPLETE -> "ERROR_IO_INCOMPLETE";
            case ERROR_IO_PENDING -> "ERROR_IO_PENDING";
            case ERROR_NO_TOKEN -> "ERROR_NO_TOKEN";
            case ERROR_NOT_FOUND -> "ERROR_NOT_FOUND";
            case ERROR_INVALID_OWNER -> "ERROR_INVALID_OWNER";
            case ERROR_NONE_MAPPED -> "ERROR_NONE_MAPPED";
            case ERROR_INVALID_ACL -> "ERROR_INVALID_ACL";
            case ERROR_BAD_IMPERSONATION_LEVEL -> "ERROR_BAD_IMPERSONATION_LEVEL";
            case ERROR_CANT_OPEN_ANONYMOUS -> "ERROR_CANT_OPEN_ANONYMOUS";
            case ERROR_CANNOT_IMPERSONATE -> "ERROR_CANNOT_IMPERSONATE";
            case ERROR_NO_SYSTEM_RESOURCES -> "ERROR_NO_SYSTEM_RESOURCES";
            case ERROR_NOT_ENOUGH_QUOTA -> "ERROR_NOT_ENOUGH_QUOTA";
            default -> "error " + Integer.toUnsignedString(code);
        };
    }

    private Win32Error() {}
}
