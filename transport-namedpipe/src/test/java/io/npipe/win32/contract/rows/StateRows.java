/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import static io.npipe.win32.PipeConstants.FILE_FLAG_OVERLAPPED;
import static io.npipe.win32.PipeConstants.FILE_READ_ATTRIBUTES;
import static io.npipe.win32.PipeConstants.FILE_SKIP_COMPLETION_PORT_ON_SUCCESS;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_INBOUND;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.SYNCHRONIZE;
import static io.npipe.win32.contract.rows.Row.likely;
import static io.npipe.win32.contract.rows.Row.sure;
import static io.npipe.win32.contract.rows.Stage.BYTES;
import static io.npipe.win32.contract.rows.Stage.MESSAGES;

import java.util.List;

/** What each call answers in each state: listening, connected, closing, disconnected. */
final class StateRows {

    static final List<Row> ALL = List.of(
            sure("05", "no client yet", "PeekNamedPipe(server)", "230", s -> s.peek(s.server(BYTES))),
            sure("06", "the server has disconnected", "PeekNamedPipe(server), (client)", "230 233", s -> {
                long server = s.server(BYTES);
                long client = s.clientOf(server);
                s.disconnect(server);
                return s.peek(server) + " " + s.peek(client);
            }),
            likely("08", "connected", "DisconnectNamedPipe(client)", "1", s -> {
                        long client = s.clientOf(s.server(BYTES));
                        return "" + s.win32.DisconnectNamedPipe(client);
                    })
                    .onWine("50"),
            sure(
                    "09",
                    "the server has disconnected",
                    "GetNamedPipeInfo(client), GetNamedPipeHandleStateW(client), SetNamedPipeHandleState(client)",
                    "233 233 233",
                    s -> {
                        long server = s.server(BYTES);
                        long client = s.clientOf(server);
                        s.disconnect(server);
                        return s.info(client) + " " + s.state(client) + " " + s.setReadMode(client, 0);
                    }),
            sure(
                            "11",
                            "the server has disconnected",
                            "GetNamedPipeClientProcessId and GetNamedPipeServerProcessId of the server's end, of the client's",
                            "1168 0 233 233",
                            s -> {
                                long server = s.server(BYTES);
                                long client = s.clientOf(server);
                                s.disconnect(server);
                                return s.process(s.win32::GetNamedPipeClientProcessId, server) + " "
                                        + s.process(s.win32::GetNamedPipeServerProcessId, server) + " "
                                        + s.process(s.win32::GetNamedPipeClientProcessId, client) + " "
                                        + s.process(s.win32::GetNamedPipeServerProcessId, client);
                            })
                    .onWine("0 0 0 0"),
            sure(
                    "13",
                    "the server has closed",
                    "GetNamedPipeClientProcessId(client), GetNamedPipeServerProcessId(client)",
                    "0 0",
                    s -> {
                        long server = s.server(BYTES);
                        long client = s.clientOf(server);
                        s.close(server);
                        return s.process(s.win32::GetNamedPipeClientProcessId, client) + " "
                                + s.process(s.win32::GetNamedPipeServerProcessId, client);
                    }),
            sure("39", "no client yet", "WriteFile(server)", "536", s -> s.write(s.server(BYTES), 5)
                    .outcome()),
            sure("40", "the client is there; the event is set", "ConnectNamedPipe", "535, not set", s -> {
                long server = s.server(BYTES);
                s.client();
                Stage.Operation listen = s.new Operation(server);
                s.win32.SetEvent(listen.event);
                listen.code = s.win32.ConnectNamedPipe(server, listen.overlapped.address());
                return listen.code + (s.isSet(listen.event) ? ", set" : ", not set");
            }),
            sure("41", "ConnectNamedPipe pends", "CloseHandle(server)", "997, set", s -> {
                long server = s.server(BYTES);
                Stage.Operation listen = s.listen(server);
                s.close(server);
                return listen.code + (s.isSet(listen.event) ? ", set" : ", not set");
            }),
            sure(
                    "42",
                    "disconnected; InternalHigh is 0xDEADBEEF",
                    "ReadFile(server), Internal, InternalHigh",
                    "233 103 DEADBEEF",
                    s -> {
                        long server = s.server(BYTES);
                        s.clientOf(server);
                        s.disconnect(server);
                        Stage.Operation read = s.new Operation(server);
                        read.overlapped.buffer().putLong(Long.BYTES, 0xDEADBEEFL);
                        read.code =
                                s.win32.ReadFile(server, s.allocate(10).address(), 10, 0, read.overlapped.address());
                        return read.code + " "
                                + Stage.hex(read.overlapped.buffer().getInt(0)) + " "
                                + Stage.hex(read.overlapped.buffer().getInt(Long.BYTES));
                    }),
            sure(
                    "46",
                    "the server of an INBOUND pipe of messages",
                    "SetNamedPipeHandleState(BYTE), (MESSAGE)",
                    "5 5",
                    s -> {
                        long server = s.server(PIPE_ACCESS_INBOUND, MESSAGES);
                        return s.setReadMode(server, 0) + " " + s.setReadMode(server, PIPE_READMODE_MESSAGE);
                    }),
            sure(
                    "47",
                    "the server of an INBOUND pipe of bytes",
                    "SetNamedPipeHandleState(MESSAGE)",
                    "5",
                    s -> "" + s.setReadMode(s.server(PIPE_ACCESS_INBOUND, BYTES), PIPE_READMODE_MESSAGE)),
            sure("53", "disconnected, then the server closed", "ReadFile(client), WriteFile(client)", "233 233", s -> {
                long server = s.server(BYTES);
                long client = s.clientOf(server);
                s.disconnect(server);
                s.close(server);
                return s.read(client, 10).outcome() + " " + s.write(client, 10).outcome();
            }),
            likely("62", "ConnectNamedPipe pends", "DisconnectNamedPipe, the listening", "0 233", s -> {
                        long server = s.server(BYTES);
                        Stage.Operation listen = s.listen(server);
                        int code = s.win32.DisconnectNamedPipe(server);
                        return code + " " + listen.outcome();
                    })
                    .onWine("536 997"),
            sure("65", "\\\\.\\pipe is open, without the last backslash", "FSCTL_PIPE_WAIT", "C00000AF", s -> {
                        s.server(BYTES);
                        long root = s.open("\\\\.\\pipe", FILE_READ_ATTRIBUTES | SYNCHRONIZE, FILE_FLAG_OVERLAPPED);
                        return root < 0 ? "not opened: " + -root : Stage.hex(s.awaitInstance(root).status);
                    })
                    .onWine("0"),
            likely(
                            "79",
                            "an instance is free; \\\\.\\pipe\\ is in a port, skip on success",
                            "FSCTL_PIPE_WAIT, the packet",
                            "103 0:0",
                            s -> {
                                s.server(BYTES);
                                long root = s.open(Stage.path(""), FILE_READ_ATTRIBUTES | SYNCHRONIZE, 0);
                                long port = s.port();
                                s.join(root, port);
                                s.win32.SetFileCompletionNotificationModes(root, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS);
                                Stage.Operation wait = s.awaitInstance(root, true);
                                return Stage.hex(wait.status) + " " + s.packet(port);
                            })
                    .onWine("0 none"),
            sure("66", "one instance, disconnected", "FSCTL_PIPE_WAIT, ConnectNamedPipe, the wait", "103 997 0", s -> {
                long server = s.create(PIPE_ACCESS_DUPLEX, BYTES, 1);
                s.clientOf(server);
                s.disconnect(server);
                long root = s.open(Stage.path(""), FILE_READ_ATTRIBUTES | SYNCHRONIZE, 0);
                Stage.Operation wait = s.awaitInstance(root);
                int code = s.listen(server).code;
                return Stage.hex(wait.status) + " " + code + " " + s.waited(wait);
            }));

    private StateRows() {}
}
