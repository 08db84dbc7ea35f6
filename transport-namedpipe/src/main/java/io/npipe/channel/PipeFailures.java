/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_BROKEN_PIPE;
import static io.npipe.win32.Win32Error.ERROR_FILE_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_INVALID_NAME;
import static io.npipe.win32.Win32Error.ERROR_INVALID_OWNER;
import static io.npipe.win32.Win32Error.ERROR_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_NO_DATA;
import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;
import static io.npipe.win32.Win32Error.ERROR_PIPE_NOT_CONNECTED;

import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.nio.channels.UnsupportedAddressTypeException;

/** Makes the exceptions that Netty's users expect from the codes that Windows answers. */
final class PipeFailures {

    /** Why a pipe could not be opened. */
    static ConnectException connect(Win32 win32, int code, NamedPipeAddress address, PipeAccess access) {
        String hint =
                switch (code) {
                    case ERROR_FILE_NOT_FOUND -> "; no server has created this pipe";
                    case ERROR_ACCESS_DENIED ->
                        "; opening it with ACCESS " + access + " was refused: either the pipe's security descriptor"
                                + " does not allow this user, or the pipe is one-way, the other way";
                    case ERROR_INVALID_NAME -> invalidName(address);
                    default -> "";
                };
        return causedBy(
                new ConnectException(message(win32, code, address) + hint),
                new NamedPipeException(win32, code, "CreateFileW", address));
    }

    /** Whether a call on an open handle failed with that code since the other end has closed it or has disconnected. */
    static boolean isOfAnEnd(int code) {
        return switch (code) {
            case ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_PIPE_NOT_CONNECTED, ERROR_NOT_FOUND -> true;
            default -> false;
        };
    }

    /** The server had ended the connection before it was set up. */
    static ConnectException endedAtOnce(NamedPipeAddress address, NamedPipeException cause) {
        return causedBy(
                new ConnectException(
                        address + ": the server took the connection and closed or disconnected it at once: "
                                + cause.getMessage()),
                cause);
    }

    /** Why a pipe could not be created. */
    static BindException bind(Win32 win32, int code, NamedPipeAddress address) {
        String hint =
                switch (code) {
                    case ERROR_ACCESS_DENIED -> "; another server has this pipe, or this user may not create it";
                    case ERROR_PIPE_BUSY -> "; another server has this pipe and its number of instances is used up";
                    case ERROR_INVALID_NAME -> invalidName(address);
                    case ERROR_INVALID_OWNER ->
                        "; Windows lets this process make its own user the owner of the pipe, or its TokenOwner, and"
                                + " others only with SeRestorePrivilege";
                    default -> "";
                };
        return causedBy(
                new BindException(message(win32, code, address) + hint),
                new NamedPipeException(win32, code, "CreateNamedPipeW", address));
    }

    /** Why a second instance could not be created, where the first one could. */
    static BindException furtherInstance(Win32 win32, NamedPipeAddress address, PipeSecurity security) {
        return causedBy(
                new BindException(message(win32, ERROR_ACCESS_DENIED, address) + "; " + security
                        + " does not let this user create further instances: grant it 0x1F01FF (FA), or set"
                        + " MAX_INSTANCES to 1"),
                new NamedPipeException(win32, ERROR_ACCESS_DENIED, "CreateNamedPipeW", address));
    }

    /** The pipe is not of whom it has to be. */
    static ConnectException owner(NamedPipeAddress address, String required, String requiredSid, String actualSid) {
        return new ConnectException(address + ": the pipe belongs to "
                + (actualSid == null ? "nobody" : actualSid)
                + ", and REQUIRED_SERVER_OWNER is " + required
                + (required.equalsIgnoreCase(requiredSid) ? "" : " (" + requiredSid + ")")
                + ": another program has taken the name, or the server runs as another user");
    }

    /** A backslash makes no directories, and yet what follows the name of an existing pipe is refused. */
    private static String invalidName(NamedPipeAddress address) {
        int firstPart = address.name().indexOf('\\');
        if (firstPart < 0) {
            return "; Windows does not accept this name";
        }
        int nameBegin = address.path().length() - address.name().length();
        return "; Windows accepts no name below that of an existing pipe, such as "
                + address.path().substring(0, nameBegin + firstPart);
    }

    /** The address is not that of a pipe. */
    static UnsupportedAddressTypeException addressType(SocketAddress given) {
        return new NotOfAPipe(given);
    }

    /** Names the type: the exception of the JDK takes no message. */
    private static final class NotOfAPipe extends UnsupportedAddressTypeException {

        private static final long serialVersionUID = 1;

        private final String message;

        NotOfAPipe(SocketAddress given) {
            message = "expected a NamedPipeAddress, such as NamedPipeAddress.of(\"echo\"), but was "
                    + given.getClass().getName() + ": " + given;
        }

        @Override
        public String getMessage() {
            return message;
        }
    }

    private static String message(Win32 win32, int code, NamedPipeAddress address) {
        return address + ": " + win32.errorText(code) + " (" + Win32Error.name(code) + ")";
    }

    private static <T extends IOException> T causedBy(T failure, NamedPipeException cause) {
        failure.initCause(cause);
        return failure;
    }

    private PipeFailures() {}
}
