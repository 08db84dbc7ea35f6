/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.NtStatus.STATUS_CANCELLED;
import static io.npipe.win32.NtStatus.STATUS_PIPE_BROKEN;
import static io.npipe.win32.NtStatus.STATUS_PIPE_DISCONNECTED;
import static io.npipe.win32.NtStatus.STATUS_SUCCESS;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_INBOUND;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_BYTE;
import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_BROKEN_PIPE;
import static io.npipe.win32.Win32Error.ERROR_INVALID_PARAMETER;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_NO_DATA;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_PIPE_LISTENING;
import static io.npipe.win32.Win32Error.ERROR_PIPE_NOT_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.npipe.win32.NativeMemory;
import org.junit.jupiter.api.Test;

/** Reading, writing, closing and disconnecting a byte pipe. */
abstract class ByteModeContract extends Win32Contract {

    private static final String MORE_THAN_THE_QUOTA = "0123456789".repeat(QUOTA / 10 + 100);

    @Test
    void readingWhileListening() {
        long server = byteServer();

        assertEquals(ERROR_PIPE_LISTENING, read(server, allocate(1), 1, overlapped()));
    }

    @Test
    void readingAndWritingAfterDisconnect() {
        long server = byteServer();
        long client = clientOf(server);
        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(server));

        assertEquals(ERROR_PIPE_NOT_CONNECTED, read(client, allocate(1), 1, overlapped()));
        assertEquals(ERROR_PIPE_NOT_CONNECTED, write(client, "x", overlapped()));
        assertEquals(ERROR_PIPE_NOT_CONNECTED, read(server, allocate(1), 1, overlapped()));
    }

    @Test
    void whatWasWrittenBeforeTheCloseIsReadAndThenTheEnd() {
        long server = byteServer();
        long client = clientOf(server);
        writeNow(server, "last words");
        close(server);

        assertEquals("last", readNow(client, 4));
        assertEquals(" words", readNow(client, 100));
        assertEquals(ERROR_BROKEN_PIPE, read(client, allocate(1), 1, overlapped()));
        assertEquals(ERROR_BROKEN_PIPE, read(client, allocate(1), 1, overlapped()));
    }

    @Test
    void disconnectDiscardsWhatWasNotRead() {
        long server = byteServer();
        long client = clientOf(server);
        writeNow(server, "never seen");

        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(server));

        assertEquals(ERROR_PIPE_NOT_CONNECTED, read(client, allocate(10), 10, overlapped()));
    }

    @Test
    void writingToAClosedPeer() {
        long server = byteServer();
        close(clientOf(server));

        assertEquals(ERROR_NO_DATA, write(server, "x", overlapped()));
    }

    @Test
    void aPendingReadGetsWhatIsWritten() {
        long server = byteServer();
        long client = clientOf(server);
        join(server, 7);
        NativeMemory into = allocate(100);
        NativeMemory overlapped = overlapped();
        assertEquals(ERROR_IO_PENDING, read(server, into, 100, overlapped));
        assertNoPacket();

        writeNow(client, "hello");

        assertEquals(new Packet(7, overlapped.address(), STATUS_SUCCESS, 5), packet());
        assertEquals("hello", textOf(into, 5));
    }

    @Test
    void aPendingReadEndsWhenThePeerCloses() {
        long server = byteServer();
        long client = clientOf(server);
        join(server, 7);
        NativeMemory overlapped = overlapped();
        assertEquals(ERROR_IO_PENDING, read(server, allocate(10), 10, overlapped));

        close(client);

        assertEquals(new Packet(7, overlapped.address(), STATUS_PIPE_BROKEN, 0), packet());
    }

    @Test
    void aPendingReadEndsWhenTheServerDisconnects() {
        long server = byteServer();
        long client = clientOf(server);
        join(client, 7);
        NativeMemory overlapped = overlapped();
        assertEquals(ERROR_IO_PENDING, read(client, allocate(10), 10, overlapped));

        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(server));

        assertEquals(new Packet(7, overlapped.address(), STATUS_PIPE_DISCONNECTED, 0), packet());
    }

    @Test
    void aCancelledReadEndsWithItsPacketAndTakesNothing() {
        long server = byteServer();
        long client = clientOf(server);
        join(server, 7);
        NativeMemory overlapped = overlapped();
        assertEquals(ERROR_IO_PENDING, read(server, allocate(10), 10, overlapped));

        assertEquals(ERROR_SUCCESS, win32.CancelIoEx(server, overlapped.address()));

        assertEquals(new Packet(7, overlapped.address(), STATUS_CANCELLED, 0), packet());
        writeNow(client, "kept");
        assertEquals("kept", readNow(server, 10));
    }

    @Test
    void cancellingAllOperationsOfAHandle() {
        long server = byteServer();
        clientOf(server);
        join(server, 7);
        assertEquals(ERROR_IO_PENDING, read(server, allocate(10), 10, overlapped()));
        assertEquals(ERROR_IO_PENDING, write(server, MORE_THAN_THE_QUOTA, overlapped()));

        assertEquals(ERROR_SUCCESS, win32.CancelIoEx(server, 0));

        for (Packet packet : packets(2)) {
            assertEquals(STATUS_CANCELLED, packet.status());
        }
    }

    @Test
    void cancellingNothing() {
        long server = byteServer();
        clientOf(server);

        assertEquals(isWine() ? ERROR_SUCCESS : ERROR_NOT_FOUND, win32.CancelIoEx(server, 0));
        assertEquals(ERROR_NOT_FOUND, win32.CancelIoEx(server, overlapped().address()));
    }

    @Test
    void aWriteBeyondTheQuotaPendsIsReadableAtOnceAndEndsWhenTheRestFits() {
        long server = byteServer();
        long client = clientOf(server);
        join(client, 7);
        NativeMemory overlapped = overlapped();
        assertEquals(ERROR_IO_PENDING, write(client, MORE_THAN_THE_QUOTA, overlapped));
        assertNoPacket();

        int tooMuch = MORE_THAN_THE_QUOTA.length() - QUOTA;
        assertEquals(MORE_THAN_THE_QUOTA.substring(0, tooMuch - 1), readNow(server, tooMuch - 1));
        assertNoPacket();
        assertEquals(1, readNow(server, 1).length());

        assertEquals(new Packet(7, overlapped.address(), STATUS_SUCCESS, MORE_THAN_THE_QUOTA.length()), packet());
        assertEquals(QUOTA, readNow(server, 2 * QUOTA).length());
    }

    @Test
    void withoutQuotaAWriteEndsWhenItIsRead() {
        long server = tracked(create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, UNLIMITED, 0));
        long client = clientOf(server);
        join(client, 7);
        assertEquals(ERROR_IO_PENDING, write(client, "x", overlapped()));
        assertNoPacket();

        assertEquals("x", readNow(server, 10));

        assertEquals(1, packet().bytes());
    }

    @Test
    void aPendingWriteEndsWhenThePeerCloses() {
        long server = byteServer();
        long client = clientOf(server);
        join(server, 7);
        assertEquals(ERROR_IO_PENDING, write(server, MORE_THAN_THE_QUOTA, overlapped()));

        close(client);

        assertEquals(STATUS_PIPE_BROKEN, packet().status());
    }

    @Test
    void aPendingWriteEndsWhenTheServerDisconnects() {
        long server = byteServer();
        long client = clientOf(server);
        join(client, 7);
        assertEquals(ERROR_IO_PENDING, write(client, MORE_THAN_THE_QUOTA, overlapped()));

        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(server));

        assertEquals(STATUS_PIPE_DISCONNECTED, packet().status());
    }

    @Test
    void aCancelledWriteTakesItsUnreadRestBack() {
        long server = byteServer();
        long client = clientOf(server);
        join(client, 7);
        NativeMemory overlapped = overlapped();
        assertEquals(ERROR_IO_PENDING, write(client, MORE_THAN_THE_QUOTA, overlapped));
        assertEquals("0123456789", readNow(server, 10));

        assertEquals(ERROR_SUCCESS, win32.CancelIoEx(client, overlapped.address()));
        assertEquals(STATUS_CANCELLED, packet().status());

        writeNow(server, "to check that the pipe lives");
        writeNowWithPacket(client, "next");
        assertEquals("next", readNow(server, 10));
    }

    private void writeNowWithPacket(long client, String text) {
        NativeMemory overlapped = overlapped();
        write(client, text, overlapped);
        assertEquals(new Packet(7, overlapped.address(), STATUS_SUCCESS, text.length()), packet());
    }

    @Test
    void theServersEndAfterDisconnect() {
        long server = byteServer();
        clientOf(server);
        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(server));

        assertEquals(ERROR_PIPE_NOT_CONNECTED, write(server, "x", overlapped()));
        assertEquals(ERROR_PIPE_NOT_CONNECTED, win32.DisconnectNamedPipe(server));
    }

    @Test
    void anInstanceThatWasDisconnectedListensAgain() {
        long server = byteServer();
        long before = clientOf(server);
        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(server));
        assertEquals(ERROR_IO_PENDING, connect(server));

        long after = client();
        writeNow(after, "of the next");

        assertEquals("of the next", readNow(server, 100));
        assertEquals(ERROR_PIPE_NOT_CONNECTED, write(before, "x", overlapped()));
    }

    @Test
    void writesOneAfterTheOtherKeepTheirOrder() {
        long server = byteServer();
        long client = clientOf(server);
        writeNow(client, "one ");
        writeNow(client, "two ");
        writeNow(client, "three");

        assertEquals("one two three", readNow(server, 100));
    }

    @Test
    void bothDirectionsAreIndependent() {
        long server = byteServer();
        long client = clientOf(server);
        writeNow(client, "to the server");
        writeNow(server, "to the client");

        assertEquals("to the client", readNow(client, 100));
        assertEquals("to the server", readNow(server, 100));
    }

    @Test
    void oneDirectionRefusesTheOther() {
        long server = tracked(create(PIPE_ACCESS_INBOUND, PIPE_TYPE_BYTE, UNLIMITED, QUOTA));
        long client = tracked(open(GENERIC_WRITE));
        assertEquals(ERROR_PIPE_CONNECTED, connect(server));
        writeNow(client, "this way");

        assertEquals("this way", readNow(server, 100));
        assertEquals(ERROR_ACCESS_DENIED, write(server, "x", overlapped()));
        assertEquals(ERROR_ACCESS_DENIED, read(client, allocate(1), 1, overlapped()));
    }

    @Test
    void whatAClientWroteBeforeItsEndIsReadByAReadThatWaits() {
        long server = byteServer();
        long client = clientOf(server);
        join(server, 7);
        assertEquals(ERROR_IO_PENDING, read(server, allocate(100), 100, overlapped()));
        writeNow(client, "first ");
        assertEquals(6, packet().bytes());
        writeNow(client, "last");
        close(client);

        assertEquals(ERROR_SUCCESS, read(server, allocate(100), 100, overlapped()));
        assertEquals(4, packet().bytes());
        assertEquals(ERROR_BROKEN_PIPE, read(server, allocate(100), 100, overlapped()));
    }

    @Test
    void writingNothingIsNothing() {
        long server = byteServer();
        long client = clientOf(server);
        join(server, 7);
        assertEquals(ERROR_IO_PENDING, read(server, allocate(10), 10, overlapped()));

        writeNow(client, "");

        assertNoPacket();
    }

    @Test
    void aPendingReadOfNothingEndsWhenDataArrivesAndTakesNone() {
        long server = byteServer();
        long client = clientOf(server);
        join(server, 7);
        assertEquals(ERROR_IO_PENDING, read(server, allocate(1), 0, overlapped()));

        writeNow(client, "data");

        assertEquals(0, packet().bytes());
        assertEquals("data", readNow(server, 10));
    }

    @Test
    void peekTellsAndTakesNothing() {
        long server = byteServer();
        long client = clientOf(server);
        writeNow(client, "peeked");
        NativeMemory into = allocate(3);
        NativeMemory counts = allocate(2 * Integer.BYTES);

        assertEquals(
                ERROR_SUCCESS,
                win32.PeekNamedPipe(server, into.address(), 3, counts.address(), counts.address() + Integer.BYTES, 0));

        assertEquals("pee", textOf(into, 3));
        assertEquals(3, counts.buffer().getInt(0));
        assertEquals(6, counts.buffer().getInt(Integer.BYTES));
        assertEquals("peeked", readNow(server, 10));
    }

    @Test
    void messageReadModeOnAByteType() {
        long server = byteServer();
        NativeMemory mode = allocate(Integer.BYTES);
        mode.buffer().putInt(0, PIPE_READMODE_MESSAGE);

        assertEquals(ERROR_INVALID_PARAMETER, win32.SetNamedPipeHandleState(server, mode.address(), 0, 0));
    }

    @Test
    void flushReturnsOnceAllIsRead() {
        long server = byteServer();
        long client = clientOf(server);
        writeNow(client, "read");
        assertEquals("read", readNow(server, 10));

        assertEquals(ERROR_SUCCESS, win32.FlushFileBuffers(client));
    }
}
