/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_BYTE;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_BYTE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_MORE_DATA;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static io.npipe.win32.Win32Error.WAIT_TIMEOUT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A contract whose tests are rows: some state of a pipe, a few calls, and what each answers. Answers are compared as lists
 * of codes, so that a row that is wrong shows all of them. Where Wine differs, {@link #either} names both.
 *
 * <p>The numbers in comments count the rows of the table that these tests began with. Those without one come from where
 * the table comes from: Wine's conformance tests of named pipes, which pass on Windows, and ReactOS' named pipe file
 * system.
 */
abstract class RowContract extends Win32Contract {

    static List<Integer> answers(int... codes) {
        return Arrays.stream(codes).boxed().toList();
    }

    /** What this kernel has to answer. */
    final <T> T either(T windows, T wine) {
        return isWine() ? wine : windows;
    }

    // ---- pipes -----------------------------------------------------------------------------------------------------

    /** Two ends that are connected. */
    record Pair(long server, long client) {}

    /** What a pipe carries, and how both ends read it. */
    enum Shape {
        BYTES(PIPE_TYPE_BYTE, PIPE_READMODE_BYTE),
        MESSAGES_READ_AS_BYTES(PIPE_TYPE_MESSAGE, PIPE_READMODE_BYTE),
        MESSAGES(PIPE_TYPE_MESSAGE, PIPE_READMODE_MESSAGE);

        final int type;
        final int readMode;

        Shape(int type, int readMode) {
            this.type = type;
            this.readMode = readMode;
        }
    }

    Pair pairOf(Shape shape, int quota) {
        long server = tracked(create(PIPE_ACCESS_DUPLEX, shape.type | shape.readMode, UNLIMITED, quota));
        long client = clientOf(server);
        assertEquals(ERROR_SUCCESS, setMode(client, shape.readMode));
        return new Pair(server, client);
    }

    Pair pairOf(Shape shape) {
        return pairOf(shape, QUOTA);
    }

    Pair bytes() {
        return pairOf(Shape.BYTES);
    }

    Pair bytes(int quota) {
        return pairOf(Shape.BYTES, quota);
    }

    /** Of message type; the server reads messages, the client bytes. */
    Pair messages() {
        return messages(QUOTA);
    }

    Pair messages(int quota) {
        long server = tracked(create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, UNLIMITED, quota));
        return new Pair(server, clientOf(server));
    }

    /** Of message type; both read bytes. */
    Pair messagesReadAsBytes() {
        return pairOf(Shape.MESSAGES_READ_AS_BYTES);
    }

    /** One direction of a connected pipe. */
    record Flow(long writer, long reader, Shape shape) {

        boolean messageType() {
            return shape.type == PIPE_TYPE_MESSAGE;
        }

        boolean messageRead() {
            return shape.readMode == PIPE_READMODE_MESSAGE;
        }

        /** What a read answers that is smaller than what was written at once. */
        int more() {
            return messageRead() ? ERROR_MORE_DATA : ERROR_SUCCESS;
        }
    }

    /** In both directions of each. */
    void inEveryShape(Consumer<Flow> row) {
        for (Shape shape : Shape.values()) {
            Pair pair = pairOf(shape);
            row.accept(new Flow(pair.server, pair.client, shape));
            closeAll();
            pair = pairOf(shape);
            row.accept(new Flow(pair.client, pair.server, shape));
            closeAll();
        }
    }

    Pair disconnected(Pair pair) {
        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(pair.server));
        return pair;
    }

    Pair withoutServer(Pair pair) {
        close(pair.server);
        return pair;
    }

    Pair withoutClient(Pair pair) {
        close(pair.client);
        return pair;
    }

    // ---- questions -------------------------------------------------------------------------------------------------

    private final NativeMemory results = allocate(4 * Integer.BYTES);

    /** The n-th result of the last call. */
    int result(int n) {
        return results.buffer().getInt(n * Integer.BYTES);
    }

    void result(int n, int value) {
        results.buffer().putInt(n * Integer.BYTES, value);
    }

    long resultAddress(int n) {
        return results.address() + (long) n * Integer.BYTES;
    }

    int info(long handle) {
        return win32.GetNamedPipeInfo(handle, resultAddress(0), resultAddress(1), resultAddress(2), resultAddress(3));
    }

    /** Results: state, instances. */
    int state(long handle) {
        return win32.GetNamedPipeHandleStateW(handle, resultAddress(0), resultAddress(1));
    }

    int setMode(long handle, int mode) {
        results.buffer().putInt(0, mode);
        return win32.SetNamedPipeHandleState(handle, results.address(), 0, 0);
    }

    void readMessages(long handle) {
        assertEquals(ERROR_SUCCESS, setMode(handle, PIPE_READMODE_MESSAGE));
    }

    int clientProcess(long handle) {
        return win32.GetNamedPipeClientProcessId(handle, resultAddress(0));
    }

    int clientSession(long handle) {
        return win32.GetNamedPipeClientSessionId(handle, resultAddress(0));
    }

    int serverProcess(long handle) {
        return win32.GetNamedPipeServerProcessId(handle, resultAddress(0));
    }

    int serverSession(long handle) {
        return win32.GetNamedPipeServerSessionId(handle, resultAddress(0));
    }

    int peek(long handle) {
        return win32.PeekNamedPipe(handle, 0, 0, resultAddress(0), resultAddress(1), resultAddress(2));
    }

    /** What a peek with a buffer shows: the bytes, how many there are, and how many more the message has. */
    record Peeked(String text, int total, int left) {}

    Peeked peek(long handle, int length) {
        NativeMemory into = allocate(Math.max(1, length));
        assertEquals(
                ERROR_SUCCESS,
                win32.PeekNamedPipe(
                        handle, into.address(), length, resultAddress(0), resultAddress(1), resultAddress(2)));
        return new Peeked(textOf(into, result(0)), result(1), result(2));
    }

    int total(long handle) {
        assertEquals(ERROR_SUCCESS, peek(handle));
        return result(1);
    }

    // ---- operations ------------------------------------------------------------------------------------------------

    /** An operation with an event, and what its call answered. */
    final class Transfer {

        final NativeMemory overlapped = overlapped();
        private final NativeMemory buffer;
        private final NativeMemory event = allocate(Long.BYTES);
        private final long handle;
        private final boolean reads;
        int code;

        private Transfer(long handle, NativeMemory buffer, boolean reads) {
            this.handle = handle;
            this.buffer = buffer;
            this.reads = reads;
            long set = tracked(win32.CreateEventW(0, 1, 0, 0));
            event.buffer().putLong(0, set);
            Overlapped.event(overlapped.buffer(), 0, set);
        }

        long event() {
            return event.buffer().getLong(0);
        }

        boolean isEventSet() {
            return win32.WaitForMultipleObjects(1, event.address(), 0, 0) != WAIT_TIMEOUT;
        }

        /**
         * How it stands: {@code code} if that is an error, {@code pending}, or {@code code:count}, of a read {@code
         * code:text}.
         */
        String now() {
            if (code == ERROR_IO_PENDING && !isEventSet()) {
                return "pending";
            }
            if (code != ERROR_IO_PENDING && code != ERROR_SUCCESS && !hasData(code)) {
                return "" + code;
            }
            NativeMemory count = allocate(Integer.BYTES);
            int result = code;
            if (code == ERROR_IO_PENDING) {
                result = win32.GetOverlappedResult(handle, overlapped.address(), count.address(), 0);
                if (result != ERROR_SUCCESS && !hasData(result)) {
                    return "" + result;
                }
            }
            int bytes = Overlapped.bytesTransferred(overlapped.buffer(), 0);
            return result + ":" + (reads ? textOf(buffer, bytes) : "" + bytes);
        }

        /** Waits for its end, which must come. */
        String then() {
            if (code == ERROR_IO_PENDING) {
                assertEquals(0, win32.WaitForMultipleObjects(1, event.address(), 0, SOON));
            }
            return now();
        }

        int cancel() {
            return win32.CancelIoEx(handle, overlapped.address());
        }
    }

    private static boolean hasData(int code) {
        return code == ERROR_MORE_DATA;
    }

    Transfer read(long handle, int length) {
        Transfer read = new Transfer(handle, allocate(Math.max(1, length)), true);
        read.code = win32.ReadFile(handle, read.buffer.address(), length, 0, read.overlapped.address());
        return read;
    }

    Transfer write(long handle, String text) {
        Transfer write = new Transfer(handle, text(text), false);
        write.code = win32.WriteFile(handle, write.buffer.address(), text.length(), 0, write.overlapped.address());
        return write;
    }

    Transfer listen(long server) {
        Transfer listen = new Transfer(server, allocate(1), true);
        listen.code = win32.ConnectNamedPipe(server, listen.overlapped.address());
        return listen;
    }

    /** A text of a length. */
    static String text(int length) {
        return "0123456789".repeat(length / 10 + 1).substring(0, length);
    }
}
