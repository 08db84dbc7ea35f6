/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.PipeConstants.FILE_FLAG_FIRST_PIPE_INSTANCE;
import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_INBOUND;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_OUTBOUND;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_BYTE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_BROKEN_PIPE;
import static io.npipe.win32.Win32Error.ERROR_FILENAME_EXCED_RANGE;
import static io.npipe.win32.Win32Error.ERROR_FILE_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_INVALID_NAME;
import static io.npipe.win32.Win32Error.ERROR_INVALID_PARAMETER;
import static io.npipe.win32.Win32Error.ERROR_IO_INCOMPLETE;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_NO_DATA;
import static io.npipe.win32.Win32Error.ERROR_OPERATION_ABORTED;
import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static io.npipe.win32.Win32Error.WAIT_TIMEOUT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import org.junit.jupiter.api.Test;

/** Creating, opening, listening: the first rows of the table of codes. */
abstract class ConnectContract extends Win32Contract {

    private static final int READ_WRITE = GENERIC_READ | GENERIC_WRITE;

    @Test
    void openingWhatDoesNotExist() {
        assertEquals(-ERROR_FILE_NOT_FOUND, open(READ_WRITE));
    }

    @Test
    void openingWhatIsBusy() {
        byteServer();
        client();

        assertEquals(-ERROR_PIPE_BUSY, open(READ_WRITE));
    }

    @Test
    void openingAgainstTheDirection() {
        tracked(create(PIPE_ACCESS_INBOUND, PIPE_TYPE_BYTE, UNLIMITED, QUOTA));

        assertEquals(-ERROR_ACCESS_DENIED, open(READ_WRITE));
        assertEquals(-ERROR_ACCESS_DENIED, open(GENERIC_READ));
        tracked(open(GENERIC_WRITE));
    }

    @Test
    void creatingBeyondTheLimit() {
        tracked(create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1, QUOTA));

        assertEquals(-ERROR_PIPE_BUSY, create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1, QUOTA));
    }

    @Test
    void creatingWhatIsNoPipe() {
        assertEquals(-ERROR_INVALID_NAME, win32.CreateNamedPipeW(wide("C:\\x").address(), 3, 0, 1, 0, 0, 0, 0));
    }

    @Test
    void creatingWithAPathThatIsTooLong() {
        String name = "\\\\.\\pipe\\" + "x".repeat(256);
        assertEquals(
                -ERROR_FILENAME_EXCED_RANGE, win32.CreateNamedPipeW(wide(name).address(), 3, 0, 1, 0, 0, 0, 0));
    }

    @Test
    void creatingWithAMaximumAbove255() {
        long server = create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 256, QUOTA);

        if (isWine()) {
            tracked(server); // taken for unlimited there
        } else {
            assertEquals(-ERROR_INVALID_PARAMETER, server);
        }
    }

    @Test
    void theFirstInstanceOfATakenName() {
        byteServer();

        long second = create(PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE, PIPE_TYPE_BYTE, UNLIMITED, QUOTA);

        if (isWine()) {
            tracked(second); // not enforced there
        } else {
            assertEquals(-ERROR_ACCESS_DENIED, second);
        }
    }

    @Test
    void aLaterInstanceWithAnotherDirection() {
        byteServer();

        assertEquals(-ERROR_ACCESS_DENIED, create(PIPE_ACCESS_OUTBOUND, PIPE_TYPE_BYTE, UNLIMITED, QUOTA));
    }

    @Test
    void aLaterInstanceWithAnotherTypeOrMaximumIsOfTheFirstOnes() {
        tracked(create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 7, QUOTA));
        long later = tracked(create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 9, QUOTA));

        NativeMemory info = allocate(2 * Integer.BYTES);
        assertEquals(
                ERROR_SUCCESS, win32.GetNamedPipeInfo(later, info.address(), 0, 0, info.address() + Integer.BYTES));

        assertEquals(0, info.buffer().getInt(0) & PIPE_TYPE_MESSAGE);
        assertEquals(7, info.buffer().getInt(Integer.BYTES));
    }

    @Test
    void quotasAreExact() {
        for (int quota : new int[] {0, 1, 4095, 4097, 1_000_000}) {
            long server = tracked(create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, UNLIMITED, quota));
            NativeMemory info = allocate(2 * Integer.BYTES);
            assertEquals(
                    ERROR_SUCCESS,
                    win32.GetNamedPipeInfo(server, 0, info.address(), info.address() + Integer.BYTES, 0));
            assertEquals(quota, info.buffer().getInt(0));
            assertEquals(quota, info.buffer().getInt(Integer.BYTES));
            close(server);
        }
    }

    @Test
    void listeningPendsAndTheEventIsSetWhenAClientComes() {
        long server = byteServer();
        Listen listen = new Listen();
        assertEquals(ERROR_IO_PENDING, win32.ConnectNamedPipe(server, listen.overlapped.address()));
        assertEquals(WAIT_TIMEOUT, listen.await(0));
        assertEquals(ERROR_IO_INCOMPLETE, listen.result(server));

        client();

        assertEquals(0, listen.await(SOON));
        assertEquals(ERROR_SUCCESS, listen.result(server));
    }

    @Test
    void aCancelledListenSetsTheEvent() {
        long server = byteServer();
        Listen listen = new Listen();
        assertEquals(ERROR_IO_PENDING, win32.ConnectNamedPipe(server, listen.overlapped.address()));

        assertEquals(ERROR_SUCCESS, win32.CancelIoEx(server, listen.overlapped.address()));

        assertEquals(0, listen.await(SOON));
        assertEquals(ERROR_OPERATION_ABORTED, listen.result(server));
    }

    @Test
    void aClientThatIsThereAlreadyIsToldInlineAndSetsNoEvent() {
        long server = byteServer();
        client();
        Listen listen = new Listen();

        assertEquals(ERROR_PIPE_CONNECTED, win32.ConnectNamedPipe(server, listen.overlapped.address()));
        assertEquals(WAIT_TIMEOUT, listen.await(0));
    }

    @Test
    void aClientThatHasGoneIsToldInlineAndItsBytesAreThere() {
        long server = byteServer();
        long client = client();
        writeNow(client, "left behind");
        close(client);
        Listen listen = new Listen();

        assertEquals(ERROR_NO_DATA, win32.ConnectNamedPipe(server, listen.overlapped.address()));
        assertEquals(WAIT_TIMEOUT, listen.await(0));
        assertEquals("left behind", readNow(server, 100));
        assertEquals(ERROR_BROKEN_PIPE, read(server, allocate(1), 1, overlapped()));
    }

    @Test
    void theLowestSetEventIsAnsweredAndStaysSetUntilReset() {
        NativeMemory events = allocate(3 * Long.BYTES);
        for (int i = 0; i < 3; i++) {
            events.buffer().putLong(i * Long.BYTES, tracked(win32.CreateEventW(0, 1, 0, 0)));
        }
        assertEquals(WAIT_TIMEOUT, win32.WaitForMultipleObjects(3, events.address(), 0, 0));
        assertEquals(ERROR_SUCCESS, win32.SetEvent(events.buffer().getLong(2 * Long.BYTES)));
        assertEquals(ERROR_SUCCESS, win32.SetEvent(events.buffer().getLong(Long.BYTES)));

        assertEquals(1, win32.WaitForMultipleObjects(3, events.address(), 0, SOON));
        assertEquals(1, win32.WaitForMultipleObjects(3, events.address(), 0, SOON));
        assertEquals(ERROR_SUCCESS, win32.ResetEvent(events.buffer().getLong(Long.BYTES)));
        assertEquals(2, win32.WaitForMultipleObjects(3, events.address(), 0, SOON));
    }

    /** An {@code OVERLAPPED} with an event. */
    private final class Listen {

        final NativeMemory overlapped = overlapped();
        final NativeMemory event = allocate(Long.BYTES);

        Listen() {
            long handle = tracked(win32.CreateEventW(0, 1, 0, 0));
            event.buffer().putLong(0, handle);
            Overlapped.event(overlapped.buffer(), 0, handle);
        }

        int await(int millis) {
            return win32.WaitForMultipleObjects(1, event.address(), 0, millis);
        }

        int result(long server) {
            return win32.GetOverlappedResult(
                    server, overlapped.address(), allocate(Integer.BYTES).address(), 0);
        }
    }
}
