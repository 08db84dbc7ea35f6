/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import static io.npipe.win32.PipeConstants.FILE_SKIP_COMPLETION_PORT_ON_SUCCESS;
import static io.npipe.win32.PipeConstants.FILE_SKIP_SET_EVENT_ON_HANDLE;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.contract.rows.Row.likely;
import static io.npipe.win32.contract.rows.Row.open;
import static io.npipe.win32.contract.rows.Row.sure;
import static io.npipe.win32.contract.rows.Stage.BYTES;
import static io.npipe.win32.contract.rows.Stage.MESSAGES;
import static io.npipe.win32.contract.rows.Stage.UNLIMITED;

import io.npipe.win32.NativeMemory;
import java.util.ArrayList;
import java.util.List;

/** Reads and writes: when they end, and with what. */
final class TransferRows {

    private static final int SKIP = FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE;

    static final List<Row> ALL = concat(
            List.of(
                    sure(
                            "14",
                            "messages",
                            "the client writes 5000, and 0",
                            "997 0:0",
                            s -> writesOfNothing(s, MESSAGES)),
                    sure("15", "bytes", "the client writes 5000, and 0", "997 0:0", s -> writesOfNothing(s, BYTES)),
                    sure(
                            "16",
                            "bytes",
                            "writes of 3000, 4096, 1; a read of 3000, the second and third write; a read of 1, the third",
                            "0:3000 997 997; 0:3000 0:4096 997; 0:1 0:1",
                            s -> {
                                long server = s.server(BYTES);
                                long client = s.clientOf(server);
                                Stage.Operation first = s.write(client, 3000);
                                Stage.Operation second = s.write(client, 4096);
                                Stage.Operation third = s.write(client, 1);
                                String before = first.outcome() + " " + second.outcome() + " " + third.outcome();
                                String then =
                                        s.read(server, 3000).outcome() + " " + second.outcome() + " " + third.outcome();
                                return before + "; " + then + "; "
                                        + s.read(server, 1).outcome() + " " + third.outcome();
                            }),
                    sure(
                            "17",
                            "bytes; reads of 0 and 1000 pend",
                            "the peer writes 1, the reads",
                            "0:0 0:1",
                            s -> twoReads(s, BYTES, 1000, 1)),
                    sure(
                            "18",
                            "messages; reads of 0 and 1000 pend",
                            "the peer writes 1, the reads",
                            "234:0 0:1",
                            s -> twoReads(s, MESSAGES, 1000, 1)),
                    sure(
                            "19",
                            "messages; reads of 0 and 1 pend",
                            "the peer writes 0, the reads",
                            "0:0 997",
                            s -> twoReads(s, MESSAGES, 1, 0)),
                    sure(
                            "20",
                            "bytes; reads of 0 and 1 pend",
                            "the peer writes 0, the reads",
                            "997 997",
                            s -> twoReads(s, BYTES, 1, 0)),
                    sure(
                            "55",
                            "bytes; a read of 1000 pends",
                            "the peer writes 4000, the read, PeekNamedPipe",
                            "0:4000 0:1000 0:3000",
                            s -> longWrite(s, BYTES, Stage.QUOTA, 1000, 4000)),
                    sure(
                            "56",
                            "messages; a read of 1000 pends",
                            "the peer writes 4000, the read, PeekNamedPipe",
                            "0:4000 234:1000 0:3000",
                            s -> longWrite(s, MESSAGES, Stage.QUOTA, 1000, 4000)),
                    sure(
                            "57",
                            "bytes, a quota of 512; a read of 1 pends",
                            "the peer writes 513, the read, PeekNamedPipe",
                            "0:513 0:1 0:512",
                            s -> longWrite(s, BYTES, 512, 1, 513))),
            List.of(
                    sure(
                            "26",
                            "bytes; writes of 6000 and 1 pend",
                            "CancelIoEx(first), the first, PeekNamedPipe, a read of 1000, the second",
                            "0 995 0:1 0:1 0:1",
                            s -> cancelledWrite(s, BYTES, 0)),
                    sure(
                            "27",
                            "bytes; writes of 6000 and 1 pend; 10 were read",
                            "CancelIoEx(first), the first, PeekNamedPipe, a read of 1000, the second",
                            "0:10 0 995 0:1 0:1 0:1",
                            s -> cancelledWrite(s, BYTES, 10)),
                    sure(
                            "28",
                            "messages; writes of 6000 and 1 pend; 10 were read",
                            "CancelIoEx(first), the first, PeekNamedPipe, a read of 1000, the second",
                            "234:10 0 995 0:1 0:1 0:1",
                            s -> cancelledWrite(s, MESSAGES, 10)),
                    sure("30", "a read pends", "CancelIoEx twice", "0 1168", s -> {
                        long server = s.server(BYTES);
                        s.clientOf(server);
                        Stage.Operation read = s.read(server, 10);
                        return s.cancel(read) + " " + s.cancel(read);
                    }),
                    sure("68", "a message of 9", "PeekNamedPipe(5): code, read, in all", "0 5 9", s -> {
                        long server = s.server(MESSAGES);
                        s.write(s.clientOf(server), 9);
                        NativeMemory counts = s.allocate(2 * Integer.BYTES);
                        int code = s.win32.PeekNamedPipe(
                                server,
                                s.allocate(5).address(),
                                5,
                                counts.address(),
                                counts.address() + Integer.BYTES,
                                0);
                        return code + " " + counts.buffer().getInt(0) + " "
                                + counts.buffer().getInt(Integer.BYTES);
                    })),
            List.of(
                    sure(
                            "21",
                            "messages, read as bytes; the server wrote 0",
                            "ReadFile(1000)",
                            "0:0",
                            s -> byteReads(s, List.of(0), 1000)),
                    sure(
                            "22",
                            "messages, read as bytes; the server wrote 5, 0",
                            "ReadFile(5), (100)",
                            "0:5 0:0",
                            s -> byteReads(s, List.of(5, 0), 5, 100)),
                    likely(
                                    "23",
                                    "messages, read as bytes; the server wrote 5, 0",
                                    "ReadFile(100) twice",
                                    "0:5 997",
                                    s -> byteReads(s, List.of(5, 0), 100, 100))
                            .onWine("0:5 0:0"),
                    likely(
                            "24",
                            "messages, read as bytes; the server wrote 0, 5",
                            "ReadFile(100) twice",
                            "0:5 997",
                            s -> byteReads(s, List.of(0, 5), 100, 100)),
                    likely(
                                    "25",
                                    "messages, read as bytes; the server wrote 0, 0",
                                    "ReadFile(100) twice",
                                    "0:0 997",
                                    s -> byteReads(s, List.of(0, 0), 100, 100))
                            .onWine("0:0 0:0")),
            List.of(
                    sure(
                            "32",
                            "messages; the server wrote 12 and closed; the client reads bytes",
                            "ReadFile(0), PeekNamedPipe, ReadFile(32), (0), PeekNamedPipe, WriteFile(1), SetNamedPipeHandleState(MESSAGE)",
                            "0:0 0:12 0:12 109 109 232 0",
                            s -> {
                                long server = s.server(MESSAGES);
                                long client = s.clientOf(server);
                                s.write(server, 12);
                                s.close(server);
                                return s.read(client, 0).outcome() + " " + s.peek(client) + " "
                                        + s.read(client, 32).outcome() + " "
                                        + s.read(client, 0).outcome() + " " + s.peek(client) + " "
                                        + s.write(client, 1).outcome() + " "
                                        + s.setReadMode(client, PIPE_READMODE_MESSAGE);
                            }),
                    sure(
                            "33",
                            "messages, read as bytes; the server wrote 0 and closed",
                            "ReadFile(32) twice",
                            "0:0 109",
                            s -> {
                                long server = s.server(MESSAGES);
                                long client = s.clientOf(server);
                                s.write(server, 0);
                                s.close(server);
                                return s.read(client, 32).outcome() + " "
                                        + s.read(client, 32).outcome();
                            }),
                    sure("34", "messages; the client wrote 0 and closed", "ReadFile(32) twice", "0:0 109", s -> {
                        long server = s.server(MESSAGES);
                        long client = s.clientOf(server);
                        s.write(client, 0);
                        s.close(client);
                        return s.read(server, 32).outcome() + " "
                                + s.read(server, 32).outcome();
                    }),
                    sure(
                            "35",
                            "messages; the client wrote 12 and closed",
                            "ReadFile(0), PeekNamedPipe",
                            "234:0 0:12",
                            s -> {
                                long server = s.server(MESSAGES);
                                long client = s.clientOf(server);
                                s.write(client, 12);
                                s.close(client);
                                return s.read(server, 0).outcome() + " " + s.peek(server);
                            })),
            List.of(
                    sure(
                            "43",
                            "messages, no port; 5 bytes are there",
                            "ReadFile(1), Internal, InternalHigh",
                            "234 80000005 1",
                            s -> {
                                long server = s.server(MESSAGES);
                                s.write(s.clientOf(server), 5);
                                Stage.Operation read = s.read(server, 1);
                                return read.code + " "
                                        + Stage.hex(read.overlapped.buffer().getInt(0)) + " "
                                        + read.overlapped.buffer().getInt(Long.BYTES);
                            }),
                    sure(
                                    "44",
                                    "messages, in a port, skip on success; 5 bytes are there",
                                    "ReadFile(1), the packet",
                                    "997 80000005:1",
                                    s -> {
                                        long server = s.server(MESSAGES);
                                        s.write(s.clientOf(server), 5);
                                        long port = s.port();
                                        s.join(server, port);
                                        s.win32.SetFileCompletionNotificationModes(server, SKIP);
                                        int code = s.read(server, 1).code;
                                        return code + " " + s.packet(port);
                                    })
                            .onWine("234 none"),
                    open(
                            "45",
                            "SetFileCompletionNotificationModes(3) before CreateIoCompletionPort",
                            "its code, WriteFile(1), the packet",
                            List.of("0 0:1 none", "0 0:1 0:1", "87 0:1 0:1"),
                            s -> {
                                long server = s.server(BYTES);
                                s.clientOf(server);
                                int code = s.win32.SetFileCompletionNotificationModes(server, SKIP);
                                long port = s.port();
                                s.join(server, port);
                                return code + " " + s.write(server, 1).outcome() + " " + s.packet(port);
                            })));

    @SafeVarargs
    private static List<Row> concat(List<Row>... parts) {
        List<Row> all = new ArrayList<>();
        for (List<Row> part : parts) {
            all.addAll(part);
        }
        return List.copyOf(all);
    }

    private static String writesOfNothing(Stage s, int mode) {
        long client = s.clientOf(s.server(mode));
        return s.write(client, 5000).outcome() + " " + s.write(client, 0).outcome();
    }

    private static String twoReads(Stage s, int mode, int secondLength, int written) {
        long server = s.server(mode);
        long client = s.clientOf(server);
        Stage.Operation first = s.read(server, 0);
        Stage.Operation second = s.read(server, secondLength);
        Stage.require(first.code == 997 && second.code == 997, "the reads do not pend");
        s.write(client, written);
        return first.outcome() + " " + second.outcome();
    }

    private static String longWrite(Stage s, int mode, int quota, int readLength, int written) {
        long server = s.create(s.name, PIPE_ACCESS_DUPLEX, mode, UNLIMITED, quota, 0);
        long client = s.clientOf(server);
        Stage.Operation read = s.read(server, readLength);
        Stage.Operation write = s.write(client, written);
        return (write.code == 997 ? "not at once: " : "") + write.outcome() + " " + read.outcome() + " "
                + s.peek(server);
    }

    private static String cancelledWrite(Stage s, int mode, int readBefore) {
        long server = s.server(mode);
        long client = s.clientOf(server);
        Stage.Operation first = s.write(client, 6000);
        Stage.Operation second = s.write(client, 1);
        Stage.require(first.code == 997 && second.code == 997, "the writes do not pend");
        String before = readBefore == 0 ? "" : s.read(server, readBefore).outcome() + " ";
        int code = s.cancel(first);
        return before + code + " " + first.outcome() + " " + s.peek(server) + " "
                + s.read(server, 1000).outcome() + " " + second.outcome();
    }

    /** The pipe is of messages, and its client reads bytes. */
    private static String byteReads(Stage s, List<Integer> written, int... lengths) {
        long server = s.server(PIPE_TYPE_MESSAGE);
        long client = s.clientOf(server);
        written.forEach(length -> s.write(server, length));
        List<String> outcomes = new ArrayList<>();
        for (int length : lengths) {
            outcomes.add(s.read(client, length).outcome());
        }
        return String.join(" ", outcomes);
    }

    private TransferRows() {}
}
