/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.NtStatus.STATUS_BUFFER_OVERFLOW;
import static io.npipe.win32.NtStatus.STATUS_SUCCESS;
import static io.npipe.win32.PipeConstants.FILE_READ_ATTRIBUTES;
import static io.npipe.win32.PipeConstants.FILE_WRITE_ATTRIBUTES;
import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_INBOUND;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_OUTBOUND;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_SERVER_END;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_BROKEN_PIPE;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_MORE_DATA;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import org.junit.jupiter.api.Test;

/** Pipes of the message type. */
abstract class MessageModeContract extends Win32Contract {

    private void readMessages(long handle) {
        NativeMemory mode = allocate(Integer.BYTES);
        mode.buffer().putInt(0, PIPE_READMODE_MESSAGE);
        assertEquals(ERROR_SUCCESS, win32.SetNamedPipeHandleState(handle, mode.address(), 0, 0));
    }

    @Test
    void messagesKeepTheirBoundaries() {
        long server = messageServer();
        long client = clientOf(server);
        writeNow(client, "one");
        writeNow(client, "two");

        assertEquals("one", readNow(server, 100));
        assertEquals("two", readNow(server, 100));
    }

    @Test
    void aByteReaderOfAMessagePipeReadsThrough() {
        long server = messageServer();
        long client = clientOf(server);
        writeNow(server, "one");
        writeNow(server, "two");

        assertEquals("onetwo", readNow(client, 100)); // a client reads bytes until told otherwise
    }

    @Test
    void eachEndHasAReadModeOfItsOwn() {
        long server = messageServer();
        long client = clientOf(server);
        NativeMemory state = allocate(Integer.BYTES);
        assertEquals(ERROR_SUCCESS, win32.GetNamedPipeHandleStateW(client, state.address(), 0));
        assertEquals(0, state.buffer().getInt(0) & PIPE_READMODE_MESSAGE);

        readMessages(client);

        assertEquals(ERROR_SUCCESS, win32.GetNamedPipeHandleStateW(client, state.address(), 0));
        assertEquals(PIPE_READMODE_MESSAGE, state.buffer().getInt(0) & PIPE_READMODE_MESSAGE);
    }

    @Test
    void bothEndsKnowTheType() {
        long server = messageServer();
        long client = clientOf(server);
        NativeMemory flags = allocate(Integer.BYTES);

        assertEquals(ERROR_SUCCESS, win32.GetNamedPipeInfo(server, flags.address(), 0, 0, 0));
        assertEquals(PIPE_SERVER_END | PIPE_TYPE_MESSAGE, flags.buffer().getInt(0));
        assertEquals(ERROR_SUCCESS, win32.GetNamedPipeInfo(client, flags.address(), 0, 0, 0));
        assertEquals(PIPE_TYPE_MESSAGE, flags.buffer().getInt(0));
    }

    @Test
    void aReadSmallerThanTheMessageReturnsDataAndSaysThereIsMore() {
        long server = messageServer();
        long client = clientOf(server);
        writeNow(client, "a long message");
        NativeMemory into = allocate(6);
        NativeMemory overlapped = overlapped();

        int code = read(server, into, 6, overlapped);

        assertTrue(code == ERROR_MORE_DATA || code == ERROR_IO_PENDING, () -> "" + code);
        assertEquals(6, Overlapped.bytesTransferred(overlapped.buffer(), 0));
        assertEquals("a long", textOf(into, 6));
        assertEquals(" message", readNow(server, 100));
    }

    @Test
    void withoutSkipOnSuccessEveryReadEndsInAPacket() {
        long server = messageServer();
        long client = clientOf(server);
        join(server, 7);
        writeNow(client, "twelve bytes");

        read(server, allocate(6), 6, overlapped()); // inline 234 on some systems, 997 on others
        Packet first = packet();
        assertEquals(STATUS_BUFFER_OVERFLOW, first.status());
        assertEquals(6, first.bytes());
        read(server, allocate(6), 6, overlapped());
        Packet second = packet();
        assertEquals(STATUS_SUCCESS, second.status());
        assertEquals(6, second.bytes());
    }

    @Test
    void aPendingReadSmallerThanTheMessage() {
        long server = messageServer();
        long client = clientOf(server);
        join(server, 7);
        NativeMemory overlapped = overlapped();
        assertEquals(ERROR_IO_PENDING, read(server, allocate(4), 4, overlapped));

        writeNow(client, "longer");

        assertEquals(new Packet(7, overlapped.address(), STATUS_BUFFER_OVERFLOW, 4), packet());
    }

    @Test
    void aMessageOfLengthZeroIsAMessage() {
        long server = messageServer();
        long client = clientOf(server);
        writeNow(client, "");
        writeNow(client, "after");

        assertEquals("", readNow(server, 10));
        assertEquals("after", readNow(server, 10));
    }

    @Test
    void aPendingReadOfBytesIsShownAMessageOfLengthZero() {
        long server = messageServer();
        long client = clientOf(server);
        join(client, 7);
        assertEquals(ERROR_IO_PENDING, read(client, allocate(10), 10, overlapped()));

        writeNow(server, "");

        Packet packet = packet();
        assertEquals(STATUS_SUCCESS, packet.status());
        assertEquals(0, packet.bytes());
    }

    @Test
    void aPendingReadOfNothingSaysThatThereIsMore() {
        long server = messageServer();
        long client = clientOf(server);
        join(server, 7);
        assertEquals(ERROR_IO_PENDING, read(server, allocate(1), 0, overlapped()));

        writeNow(client, "data");

        Packet packet = packet();
        assertEquals(STATUS_BUFFER_OVERFLOW, packet.status());
        assertEquals(0, packet.bytes());
    }

    @Test
    void peekTellsWhatIsLeftOfTheMessage() {
        long server = messageServer();
        long client = clientOf(server);
        writeNow(client, "first");
        writeNow(client, "second");
        NativeMemory into = allocate(2);
        NativeMemory counts = allocate(3 * Integer.BYTES);

        assertEquals(
                ERROR_SUCCESS,
                win32.PeekNamedPipe(
                        server,
                        into.address(),
                        2,
                        counts.address(),
                        counts.address() + Integer.BYTES,
                        counts.address() + 2 * Integer.BYTES));

        assertEquals(2, counts.buffer().getInt(0));
        assertEquals(11, counts.buffer().getInt(Integer.BYTES));
        assertEquals(3, counts.buffer().getInt(2 * Integer.BYTES));
    }

    @Test
    void aMessageBeyondTheQuotaPendsAndIsReadInParts() {
        long server = messageServer();
        long client = clientOf(server);
        join(client, 7);
        String message = "0123456789".repeat(QUOTA / 10 + 100);
        assertEquals(ERROR_IO_PENDING, write(client, message, overlapped()));

        NativeMemory into = allocate(QUOTA);
        NativeMemory overlapped = overlapped();
        int code = read(server, into, QUOTA, overlapped);
        assertTrue(code == ERROR_MORE_DATA || code == ERROR_IO_PENDING, () -> "" + code);
        assertEquals(message.substring(0, QUOTA), textOf(into, QUOTA));

        assertEquals(message.length(), packet().bytes());
        assertEquals(message.substring(QUOTA), readNow(server, 2 * QUOTA));
    }

    @Test
    void messagesOfAClientThatHasGoneKeepTheirBoundaries() {
        long server = messageServer();
        long client = clientOf(server);
        writeNow(client, "one");
        writeNow(client, "two");
        close(client);

        assertEquals("one", readNow(server, 100));
        assertEquals("two", readNow(server, 100));
        assertEquals(ERROR_BROKEN_PIPE, read(server, allocate(1), 1, overlapped()));
    }

    @Test
    void aServerMayReadAMessageTypeAsBytes() {
        long server = tracked(create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, UNLIMITED, QUOTA));
        long client = clientOf(server);
        writeNow(client, "ab");
        writeNow(client, "cd");
        assertEquals("abcd", readNow(server, 10));
    }

    /** Both are rights beside those to read and write. */
    @Test
    void askingAndSettingNeedTheRightToAttributes() {
        NativeMemory flags = allocate(Integer.BYTES);
        long outbound = tracked(create(PIPE_ACCESS_OUTBOUND, PIPE_TYPE_MESSAGE, UNLIMITED, QUOTA));
        assertEquals(ERROR_ACCESS_DENIED, win32.GetNamedPipeInfo(outbound, flags.address(), 0, 0, 0));
        long reader = tracked(open(GENERIC_READ | FILE_WRITE_ATTRIBUTES));
        assertEquals(ERROR_SUCCESS, win32.GetNamedPipeInfo(reader, flags.address(), 0, 0, 0));
        readMessages(reader);
        close(reader);
        close(outbound);

        tracked(create(PIPE_ACCESS_INBOUND, PIPE_TYPE_MESSAGE, UNLIMITED, QUOTA));
        long writer = tracked(open(GENERIC_WRITE | FILE_READ_ATTRIBUTES));
        assertEquals(ERROR_SUCCESS, win32.GetNamedPipeInfo(writer, flags.address(), 0, 0, 0));
    }

    @Test
    void settingWithoutThatRightIsRefused() {
        tracked(create(PIPE_ACCESS_OUTBOUND, PIPE_TYPE_MESSAGE, UNLIMITED, QUOTA));
        long reader = tracked(open(GENERIC_READ));
        NativeMemory mode = allocate(Integer.BYTES);
        mode.buffer().putInt(0, PIPE_READMODE_MESSAGE);
        int expected = isWine() ? ERROR_SUCCESS : ERROR_ACCESS_DENIED;
        assertEquals(expected, win32.SetNamedPipeHandleState(reader, mode.address(), 0, 0));
    }
}
