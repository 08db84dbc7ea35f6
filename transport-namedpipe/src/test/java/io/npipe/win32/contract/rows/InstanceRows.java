/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import static io.npipe.win32.PipeConstants.FILE_FLAG_FIRST_PIPE_INSTANCE;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_INBOUND;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_OUTBOUND;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_BYTE;
import static io.npipe.win32.contract.rows.Row.likely;
import static io.npipe.win32.contract.rows.Row.sure;
import static io.npipe.win32.contract.rows.Stage.BYTES;
import static io.npipe.win32.contract.rows.Stage.MESSAGES;
import static io.npipe.win32.contract.rows.Stage.READ_WRITE;
import static io.npipe.win32.contract.rows.Stage.UNLIMITED;
import static io.npipe.win32.contract.rows.Stage.opened;

import java.util.List;

/** Instances: how many there are, when they are free, and which names there may be. */
final class InstanceRows {

    private static final int FIRST = FILE_FLAG_FIRST_PIPE_INSTANCE;

    static final List<Row> ALL = List.of(
            sure(
                    "01",
                    "one instance of at most one; the server has closed, its client has not",
                    "CreateNamedPipeW(INBOUND, FIRST_PIPE_INSTANCE, messages, at most 1)",
                    "ok",
                    s -> {
                        long server = s.create(PIPE_ACCESS_DUPLEX, BYTES, 1);
                        s.clientOf(server);
                        s.close(server);
                        return opened(s.create(PIPE_ACCESS_INBOUND | FIRST, MESSAGES, 1));
                    }),
            sure("03", "the client has closed, the server has not", "GetNamedPipeHandleStateW(server)", "0:1", s -> {
                long server = s.server(BYTES);
                s.close(s.clientOf(server));
                return s.state(server);
            }),
            likely("04", "the server has closed, its client has not", "CreateFileW", "2", s -> {
                long server = s.server(BYTES);
                s.clientOf(server);
                s.close(server);
                return opened(s.open(READ_WRITE));
            }),
            sure("36", "three instances, one client", "ConnectNamedPipe(third), (first)", "997 535", s -> {
                long first = s.server(BYTES);
                s.server(BYTES);
                long third = s.server(BYTES);
                s.client();
                return s.listen(third).code + " " + s.listen(first).code;
            }),
            sure(
                    "38",
                    "one instance, whose client has closed",
                    "CreateFileW; DisconnectNamedPipe, CreateFileW",
                    "231 231",
                    s -> {
                        long server = s.create(PIPE_ACCESS_DUPLEX, BYTES, 1);
                        s.close(s.clientOf(server));
                        String closing = opened(s.open(READ_WRITE));
                        s.disconnect(server);
                        return closing + " " + opened(s.open(READ_WRITE));
                    }),
            sure(
                    "49",
                    "an OUTBOUND pipe",
                    "CreateFileW(access 0), GetNamedPipeInfo of it, ConnectNamedPipe(server)",
                    "ok 0 535",
                    s -> {
                        long server = s.server(PIPE_ACCESS_OUTBOUND, BYTES);
                        long client = s.open(0);
                        return opened(client) + " " + (client > 0 ? s.info(client) : "-") + " " + s.listen(server).code;
                    }),
            sure("50", "a name with <>*?|\"/b: in it", "CreateNamedPipeW, CreateFileW", "ok ok", s -> {
                String odd = s.name + "a<>*?|\"/b:";
                return opened(s.create(odd, PIPE_ACCESS_DUPLEX, BYTES, 1, Stage.QUOTA, 0)) + " "
                        + opened(s.open(Stage.path(odd), READ_WRITE, 0));
            }),
            sure(
                    "51",
                    "nothing",
                    "CreateNamedPipeW(type byte, read mode message)",
                    "87",
                    s -> opened(s.create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE | PIPE_READMODE_MESSAGE, UNLIMITED))),
            sure(
                    "54",
                    "the client wrote and closed",
                    "DisconnectNamedPipe, ConnectNamedPipe, CreateFileW",
                    "0 997 ok",
                    s -> {
                        long server = s.server(BYTES);
                        long client = s.clientOf(server);
                        s.write(client, 10);
                        s.close(client);
                        return s.win32.DisconnectNamedPipe(server) + " " + s.listen(server).code + " "
                                + opened(s.open(READ_WRITE));
                    }),
            sure("58", "at most one instance, and it exists", "CreateNamedPipeW(another direction)", "231", s -> {
                s.create(PIPE_ACCESS_DUPLEX, BYTES, 1);
                return opened(s.create(PIPE_ACCESS_INBOUND, BYTES, 1));
            }),
            sure("59", "at most one instance, and it exists", "CreateNamedPipeW(FIRST_PIPE_INSTANCE)", "231", s -> {
                s.create(PIPE_ACCESS_DUPLEX, BYTES, 1);
                return opened(s.create(PIPE_ACCESS_DUPLEX | FIRST, BYTES, 1));
            }),
            sure(
                    "78",
                    "a pipe x",
                    "CreateFileW(x\\); CreateNamedPipeW(x\\); of both at most one: CreateNamedPipeW(x), CreateFileW(x\\)",
                    "2 ok 231 ok",
                    s -> {
                        s.create(PIPE_ACCESS_DUPLEX, BYTES, 1);
                        String other = s.name + "\\";
                        return opened(s.open(Stage.path(other), READ_WRITE, 0)) + " "
                                + opened(s.create(other, PIPE_ACCESS_DUPLEX, BYTES, 1, Stage.QUOTA, 0)) + " "
                                + opened(s.create(PIPE_ACCESS_DUPLEX, BYTES, 1)) + " "
                                + opened(s.open(Stage.path(other), READ_WRITE, 0));
                    }),
            likely("61", "a pipe x", "CreateNamedPipeW(x\\below), CreateFileW(x\\below)", "123 123", s -> {
                        s.server(BYTES);
                        String below = s.name + "\\below";
                        return opened(s.create(below, PIPE_ACCESS_DUPLEX, BYTES, 1, Stage.QUOTA, 0)) + " "
                                + opened(s.open(Stage.path(below), READ_WRITE, 0));
                    })
                    .onWine("ok ok"));

    private InstanceRows() {}
}
