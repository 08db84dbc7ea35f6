/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.NtStatus.STATUS_CANCELLED;
import static io.npipe.win32.NtStatus.STATUS_IO_TIMEOUT;
import static io.npipe.win32.NtStatus.STATUS_OBJECT_NAME_NOT_FOUND;
import static io.npipe.win32.NtStatus.STATUS_PENDING;
import static io.npipe.win32.NtStatus.STATUS_SUCCESS;
import static io.npipe.win32.PipeConstants.FILE_FLAG_OVERLAPPED;
import static io.npipe.win32.PipeConstants.FILE_READ_ATTRIBUTES;
import static io.npipe.win32.PipeConstants.FILE_SHARE_READ;
import static io.npipe.win32.PipeConstants.FILE_SHARE_WRITE;
import static io.npipe.win32.PipeConstants.FSCTL_PIPE_WAIT;
import static io.npipe.win32.PipeConstants.OPEN_EXISTING;
import static io.npipe.win32.PipeConstants.SYNCHRONIZE;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.win32.FilePipeWaitForBuffer;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.NtStatus;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** FSCTL_PIPE_WAIT through a completion port. */
abstract class InstanceWaitContract extends Win32Contract {

    private static final int STATUS_HANDLES_CLOSED = 0x8000000A; // Wine's

    private long root;

    @BeforeEach
    void openRoot() {
        root = tracked(win32.CreateFileW(
                wide("\\\\.\\pipe\\").address(),
                FILE_READ_ATTRIBUTES | SYNCHRONIZE,
                FILE_SHARE_READ | FILE_SHARE_WRITE,
                0,
                OPEN_EXISTING,
                FILE_FLAG_OVERLAPPED,
                0));
        join(root, 9);
    }

    private String name() {
        return path.substring("\\\\.\\pipe\\".length());
    }

    private int await(NativeMemory overlapped, long timeoutMillis) {
        String name = name();
        NativeMemory input = FilePipeWaitForBuffer.allocate(name, timeoutMillis);
        int status = win32.NtFsControlFile(
                root,
                0,
                0,
                overlapped.address(),
                overlapped.address(),
                FSCTL_PIPE_WAIT,
                input.address(),
                FilePipeWaitForBuffer.size(name),
                0,
                0);
        input.free(); // the input is copied during the call
        return status;
    }

    @Test
    void aFreeInstanceIsToldAtOnce() {
        byteServer();
        NativeMemory overlapped = overlapped();

        int status = await(overlapped, SOON);

        assertTrue(NtStatus.isSuccess(status), () -> Integer.toHexString(status));
        assertEquals(new Packet(9, overlapped.address(), STATUS_SUCCESS, 0), packet());
    }

    @Test
    void aMissingNameIsToldInlineWithoutPacket() {
        assertEquals(STATUS_OBJECT_NAME_NOT_FOUND, await(overlapped(), SOON));
        assertNoPacket();
    }

    @Test
    void withoutAContextThereIsNoPacket() {
        byteServer();
        client();
        NativeMemory input = FilePipeWaitForBuffer.allocate(name(), 50);

        int status = win32.NtFsControlFile(
                root,
                0,
                0,
                0,
                overlapped().address(),
                FSCTL_PIPE_WAIT,
                input.address(),
                FilePipeWaitForBuffer.size(name()),
                0,
                0);
        input.free();

        assertEquals(STATUS_PENDING, status);
        assertEquals(List.of(), dequeueAll(200));
    }

    @Test
    void aBusyPipeTimesOut() {
        byteServer();
        client();
        NativeMemory overlapped = overlapped();

        assertEquals(STATUS_PENDING, await(overlapped, 50));

        assertEquals(STATUS_IO_TIMEOUT, packet().status());
    }

    @Test
    void aNewInstanceEndsTheWaitOfAll() {
        byteServer();
        client();
        assertEquals(STATUS_PENDING, await(overlapped(), SOON));
        assertEquals(STATUS_PENDING, await(overlapped(), SOON));
        assertNoPacket();

        byteServer();

        for (Packet packet : packets(2)) {
            assertEquals(STATUS_SUCCESS, packet.status());
        }
    }

    @Test
    void theEndOfTheNameEndsTheWait() {
        long server = byteServer();
        long client = client();
        assertEquals(STATUS_PENDING, await(overlapped(), SOON));

        close(client);
        close(server);

        assertEquals(isWine() ? STATUS_HANDLES_CLOSED : STATUS_OBJECT_NAME_NOT_FOUND, packet().status());
    }

    @Test // row 66
    void anInstanceThatListensAgainEndsTheWait() {
        long server = byteServer();
        close(client());
        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(server));
        assertEquals(STATUS_PENDING, await(overlapped(), SOON));
        assertNoPacket();

        assertEquals(ERROR_IO_PENDING, connect(server));

        assertEquals(STATUS_SUCCESS, packet().status());
    }

    @Test // whatever clients hold
    void theEndOfTheLastServerEndsTheWait() {
        long server = byteServer();
        client();
        assertEquals(STATUS_PENDING, await(overlapped(), 500));

        close(server);

        assertEquals(isWine() ? STATUS_IO_TIMEOUT : STATUS_OBJECT_NAME_NOT_FOUND, packet().status());
        assertEquals(STATUS_OBJECT_NAME_NOT_FOUND, await(overlapped(), 50));
    }

    @Test
    void theEndOfTheLastClientEndsTheWaitOnWine() {
        long server = byteServer();
        long client = client();
        assertEquals(STATUS_PENDING, await(overlapped(), 500));

        close(server);
        close(client);

        assertEquals(isWine() ? STATUS_HANDLES_CLOSED : STATUS_OBJECT_NAME_NOT_FOUND, packet().status());
    }

    @Test
    void theEndOfAnInstanceDoesNotEndTheWait() {
        long server = byteServer();
        client();
        byteServer();
        client();
        assertEquals(STATUS_PENDING, await(overlapped(), 50));

        close(server);

        assertEquals(STATUS_IO_TIMEOUT, packet().status());
    }

    @Test
    void withoutATimeoutThePipesOwnCounts() {
        tracked(win32.CreateNamedPipeW(wide(path).address(), 3, 0, 1, 0, 0, 60, 0));
        client();
        NativeMemory input = FilePipeWaitForBuffer.allocate(name(), SOON);
        input.buffer().put(12, (byte) 0);
        NativeMemory overlapped = overlapped();

        int status = win32.NtFsControlFile(
                root,
                0,
                0,
                overlapped.address(),
                overlapped.address(),
                FSCTL_PIPE_WAIT,
                input.address(),
                FilePipeWaitForBuffer.size(name()),
                0,
                0);
        input.free();

        assertEquals(STATUS_PENDING, status);
        assertEquals(STATUS_IO_TIMEOUT, packet().status());
    }

    @Test
    void cancellingEndsTheWait() {
        byteServer();
        client();
        // Wine takes the cancellation of a wait, but ends it at its timeout only.
        assertEquals(STATUS_PENDING, await(overlapped(), isWine() ? 500 : SOON));

        assertEquals(ERROR_SUCCESS, win32.CancelIoEx(root, 0));

        assertEquals(isWine() ? STATUS_IO_TIMEOUT : STATUS_CANCELLED, packet().status());
    }
}
