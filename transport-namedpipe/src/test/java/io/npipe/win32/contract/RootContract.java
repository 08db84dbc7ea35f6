/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.NtStatus.STATUS_OBJECT_NAME_NOT_FOUND;
import static io.npipe.win32.NtStatus.STATUS_SUCCESS;
import static io.npipe.win32.PipeConstants.FILE_FLAG_OVERLAPPED;
import static io.npipe.win32.PipeConstants.FILE_SHARE_READ;
import static io.npipe.win32.PipeConstants.FILE_SHARE_WRITE;
import static io.npipe.win32.PipeConstants.FSCTL_PIPE_WAIT;
import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static io.npipe.win32.PipeConstants.OPEN_EXISTING;
import static io.npipe.win32.Win32Error.ERROR_INVALID_FUNCTION;
import static io.npipe.win32.Win32Error.ERROR_INVALID_PARAMETER;
import static io.npipe.win32.Win32Error.ERROR_PIPE_NOT_CONNECTED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.npipe.win32.FilePipeWaitForBuffer;
import io.npipe.win32.NativeMemory;
import org.junit.jupiter.api.Test;

/** The named pipe file system itself, {@code \\.\pipe}, and its root directory, {@code \\.\pipe\}. */
abstract class RootContract extends RowContract {

    private static final int STATUS_ILLEGAL_FUNCTION = 0xC00000AF;
    private static final int STATUS_NOT_SUPPORTED = 0xC00000BB; // Wine's

    private static final String FILE_SYSTEM = "\\\\.\\pipe";
    private static final String ROOT = "\\\\.\\pipe\\";

    private long opened(String name) {
        return tracked(win32.CreateFileW(
                wide(name).address(),
                GENERIC_READ | GENERIC_WRITE,
                FILE_SHARE_READ | FILE_SHARE_WRITE,
                0,
                OPEN_EXISTING,
                FILE_FLAG_OVERLAPPED,
                0));
    }

    private int await(long handle, int millis) {
        String name = path.substring(ROOT.length());
        NativeMemory input = FilePipeWaitForBuffer.allocate(name, millis);
        NativeMemory overlapped = overlapped();
        int status = win32.NtFsControlFile(
                handle,
                0,
                0,
                overlapped.address(),
                overlapped.address(),
                FSCTL_PIPE_WAIT,
                input.address(),
                FilePipeWaitForBuffer.size(name),
                0,
                0);
        input.free();
        return status;
    }

    @Test // row 65
    void onlyTheRootWaitsForPipes() {
        long fileSystem = opened(FILE_SYSTEM);
        long root = opened(ROOT);
        assertEquals(
                answers(either(STATUS_ILLEGAL_FUNCTION, STATUS_OBJECT_NAME_NOT_FOUND), STATUS_OBJECT_NAME_NOT_FOUND),
                answers(await(fileSystem, SOON), await(root, SOON)));
        long server = byteServer();

        assertEquals(
                answers(either(STATUS_ILLEGAL_FUNCTION, STATUS_SUCCESS), STATUS_SUCCESS),
                answers(await(fileSystem, SOON), await(root, SOON)));
        assertEquals(either(STATUS_ILLEGAL_FUNCTION, STATUS_NOT_SUPPORTED), await(server, SOON));
    }

    @Test
    void neitherIsAPipe() {
        for (String name : new String[] {FILE_SYSTEM, ROOT}) {
            long handle = opened(name);
            assertEquals(
                    either(
                            answers(
                                    ERROR_INVALID_PARAMETER,
                                    ERROR_INVALID_PARAMETER,
                                    ERROR_INVALID_PARAMETER,
                                    ERROR_INVALID_FUNCTION,
                                    ERROR_PIPE_NOT_CONNECTED,
                                    ERROR_INVALID_FUNCTION,
                                    ERROR_INVALID_PARAMETER,
                                    ERROR_INVALID_PARAMETER),
                            answers(6, 6, 50, 50, 50, 50, 50, 50)),
                    answers(
                            read(handle, 1).code,
                            write(handle, "x").code,
                            peek(handle),
                            listen(handle).code,
                            win32.DisconnectNamedPipe(handle),
                            win32.ImpersonateNamedPipeClient(handle),
                            clientProcess(handle),
                            serverProcess(handle)));
            assertEquals(
                    either(
                            answers(ERROR_INVALID_PARAMETER, ERROR_INVALID_PARAMETER, ERROR_INVALID_PARAMETER),
                            answers(ERROR_INVALID_FUNCTION, ERROR_INVALID_FUNCTION, 6)),
                    answers(info(handle), state(handle), setMode(handle, 0)));
        }
    }
}
