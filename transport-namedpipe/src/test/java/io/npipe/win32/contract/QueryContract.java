/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.PipeConstants.FILE_READ_ATTRIBUTES;
import static io.npipe.win32.PipeConstants.FILE_WRITE_ATTRIBUTES;
import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_INBOUND;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_OUTBOUND;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_BYTE;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_SERVER_END;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_BYTE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_INVALID_PARAMETER;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What a pipe, an end and its data are asked, and which rights that needs. */
abstract class QueryContract extends RowContract {

    private static final int ERROR_INSUFFICIENT_BUFFER = 122;
    private static final int ERROR_INVALID_USER_BUFFER = 1784; // Wine's

    private long server(int openMode, int pipeMode) {
        return tracked(create(openMode, pipeMode, UNLIMITED, QUOTA));
    }

    // ---- the pipe and its ends -------------------------------------------------------------------------------------

    @Test
    void bothEndsTellThePipeAsItWasCreated() {
        long server = tracked(createWithQuotas(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 100, 200));
        long client = clientOf(server);

        assertEquals(ERROR_SUCCESS, info(server));
        assertEquals(
                answers(PIPE_SERVER_END | PIPE_TYPE_MESSAGE, 100, 200, either(UNLIMITED, -1)),
                answers(result(0), result(1), result(2), result(3)));
        assertEquals(ERROR_SUCCESS, info(client));
        assertEquals(
                answers(PIPE_TYPE_MESSAGE, 100, 200, either(UNLIMITED, -1)),
                answers(result(0), result(1), result(2), result(3)));
    }

    @Test // row 03
    void instancesAreThoseWithAServer() {
        long first = byteServer();
        assertEquals(answers(ERROR_SUCCESS, 0, 1), answers(state(first), result(0), result(1)));
        long second = byteServer();
        assertEquals(answers(ERROR_SUCCESS, 0, 2), answers(state(first), result(0), result(1)));

        long client = client();
        close(client);
        assertEquals(answers(ERROR_SUCCESS, 0, 2), answers(state(first), result(0), result(1)));
        client = client();
        close(second);
        assertEquals(answers(ERROR_SUCCESS, 0, 1), answers(state(client), result(0), result(1)));
        close(first);
        assertEquals(answers(ERROR_SUCCESS, 0, 0), answers(state(client), result(0), result(1)));
    }

    @Test
    void theServersReadModeIsItsOwn() {
        long server = server(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
        assertEquals(answers(ERROR_SUCCESS, PIPE_READMODE_MESSAGE), answers(state(server), result(0)));
        assertEquals(ERROR_SUCCESS, setMode(server, PIPE_READMODE_BYTE));
        long client = client();
        assertEquals(ERROR_SUCCESS, setMode(client, PIPE_READMODE_MESSAGE));

        assertEquals(answers(ERROR_SUCCESS, 0), answers(state(server), result(0)));
        assertEquals(answers(ERROR_SUCCESS, PIPE_READMODE_MESSAGE), answers(state(client), result(0)));
    }

    @Test
    void messagesAreNotReadFromBytes() {
        Pair pair = bytes();

        assertEquals(
                answers(ERROR_INVALID_PARAMETER, ERROR_INVALID_PARAMETER, ERROR_SUCCESS, ERROR_SUCCESS),
                answers(
                        setMode(pair.server(), PIPE_READMODE_MESSAGE),
                        setMode(pair.client(), PIPE_READMODE_MESSAGE),
                        setMode(pair.server(), PIPE_READMODE_BYTE),
                        setMode(pair.client(), PIPE_READMODE_BYTE)));
    }

    // ---- rights ----------------------------------------------------------------------------------------------------

    @Test // rows 46 and 47: the right is looked at before the argument
    void aServerThatOnlyReadsMayNotSetItsMode() {
        long messages = server(PIPE_ACCESS_INBOUND, PIPE_TYPE_MESSAGE);
        assertEquals(
                answers(ERROR_ACCESS_DENIED, ERROR_ACCESS_DENIED, ERROR_SUCCESS, ERROR_SUCCESS),
                answers(
                        setMode(messages, PIPE_READMODE_BYTE),
                        setMode(messages, PIPE_READMODE_MESSAGE),
                        info(messages),
                        state(messages)));
        close(messages);

        long bytes = server(PIPE_ACCESS_INBOUND, PIPE_TYPE_BYTE);
        assertEquals(ERROR_ACCESS_DENIED, setMode(bytes, PIPE_READMODE_MESSAGE));
    }

    @Test
    void aServerThatOnlyWritesMayNotAsk() {
        long server = server(PIPE_ACCESS_OUTBOUND, PIPE_TYPE_BYTE);

        assertEquals(
                answers(ERROR_ACCESS_DENIED, either(ERROR_ACCESS_DENIED, ERROR_ACCESS_DENIED), ERROR_SUCCESS),
                answers(info(server), state(server), setMode(server, PIPE_READMODE_BYTE)));
    }

    @Test // Wine lets every client set its mode
    void aClientThatOnlyReadsMayAskButNotSet() {
        server(PIPE_ACCESS_OUTBOUND, PIPE_TYPE_BYTE);
        long client = tracked(open(GENERIC_READ));

        assertEquals(
                answers(ERROR_SUCCESS, ERROR_SUCCESS, either(ERROR_ACCESS_DENIED, ERROR_SUCCESS)),
                answers(info(client), state(client), setMode(client, PIPE_READMODE_BYTE)));
    }

    @Test
    void withoutTheRightToReadNothingIsReadOrPeeked() {
        byteServer();
        for (int access : new int[] {GENERIC_WRITE, FILE_READ_ATTRIBUTES, 0}) {
            long client = tracked(open(access));
            assertEquals(
                    answers(ERROR_ACCESS_DENIED, ERROR_ACCESS_DENIED), answers(read(client, 1).code, peek(client)));
            closeAll();
            byteServer();
        }
    }

    @Test
    void withoutTheRightToWriteNothingIsWritten() {
        byteServer();
        for (int access : new int[] {GENERIC_READ, FILE_WRITE_ATTRIBUTES, 0}) {
            long client = tracked(open(access));
            assertEquals(
                    answers(ERROR_ACCESS_DENIED, ERROR_ACCESS_DENIED),
                    answers(write(client, "x").code, write(client, "").code));
            closeAll();
            byteServer();
        }
    }

    @Test
    void everyDirectionAndEveryAccess() {
        for (int direction : new int[] {PIPE_ACCESS_INBOUND, PIPE_ACCESS_OUTBOUND, PIPE_ACCESS_DUPLEX}) {
            for (int access : new int[] {0, GENERIC_READ, GENERIC_WRITE, GENERIC_READ | GENERIC_WRITE}) {
                boolean reads = access != 0 && access != GENERIC_WRITE;
                boolean writes = access != 0 && access != GENERIC_READ;
                long server = server(direction, PIPE_TYPE_BYTE);
                long client = open(access);

                if ((reads && direction == PIPE_ACCESS_INBOUND) || (writes && direction == PIPE_ACCESS_OUTBOUND)) {
                    assertEquals(-ERROR_ACCESS_DENIED, client, direction + " " + access);
                } else {
                    assertEquals(ERROR_SUCCESS, info(tracked(client)));
                    assertEquals(ERROR_PIPE_CONNECTED, listen(server).code);
                }
                closeAll();
            }
        }
    }

    // ---- peeks -----------------------------------------------------------------------------------------------------

    @Test // row 68; a peek shows a message, whatever the read mode
    void aPeekShowsAMessageAtMost() {
        inEveryShape(flow -> {
            assertEquals(new Peeked("", 0, 0), peek(flow.reader(), 100));
            write(flow.writer(), text(9));
            write(flow.writer(), "next");

            if (flow.messageType()) {
                assertEquals(new Peeked("01234", 13, 4), peek(flow.reader(), 5));
                assertEquals(new Peeked(text(9), 13, 0), peek(flow.reader(), 100));
                assertEquals(answers(ERROR_SUCCESS, 13, 9), answers(peek(flow.reader()), result(1), result(2)));
                read(flow.reader(), 4);
                assertEquals(new Peeked("4", 9, 4), peek(flow.reader(), 1));
            } else {
                assertEquals(new Peeked("01234", 13, -5), peek(flow.reader(), 5));
                assertEquals(new Peeked(text(9) + "next", 13, -13), peek(flow.reader(), 100));
                assertEquals(answers(ERROR_SUCCESS, 13, 0), answers(peek(flow.reader()), result(1), result(2)));
            }
        });
    }

    @Test
    void aPeekShowsNothingOfAMessageOfNoLength() {
        Pair pair = messages();
        write(pair.client(), "");
        assertEquals(new Peeked("", 0, 0), peek(pair.server(), 100));
        write(pair.client(), "hello");

        assertEquals(new Peeked("", 5, 0), peek(pair.server(), 100));
    }

    @Test
    void aPeekWithoutABufferCountsAsWithOne() {
        Pair pair = messages();
        write(pair.client(), "hello");

        int code = win32.PeekNamedPipe(pair.server(), 0, 3, resultAddress(0), resultAddress(1), resultAddress(2));

        assertEquals(answers(ERROR_SUCCESS, 3, 5, 2), answers(code, result(0), result(1), result(2)));
    }

    @Test
    void aPeekThatFailsTellsNothing() {
        long server = withoutClient(bytes()).server();
        result(1, 0xdeadbeef);

        peek(server);

        assertEquals(0xdeadbeef, result(1));
    }

    // ---- processes -------------------------------------------------------------------------------------------------

    @Test
    void withoutRoomForTheAnswerThereIsNone() {
        Pair pair = bytes();

        assertEquals(
                either(
                        answers(ERROR_INSUFFICIENT_BUFFER, ERROR_INSUFFICIENT_BUFFER, ERROR_INSUFFICIENT_BUFFER),
                        answers(ERROR_INVALID_USER_BUFFER, ERROR_INVALID_USER_BUFFER, ERROR_SUCCESS)),
                answers(
                        win32.GetNamedPipeClientProcessId(pair.server(), 0),
                        win32.GetNamedPipeServerProcessId(pair.server(), 0),
                        win32.GetNamedPipeServerSessionId(pair.server(), 0)));
    }

    @Test
    void bothEndsNameTheSameProcesses() {
        Pair pair = bytes();
        assertEquals(ERROR_SUCCESS, clientProcess(pair.server()));
        int process = result(0);

        assertEquals(answers(ERROR_SUCCESS, process), answers(clientProcess(pair.client()), result(0)));
        assertEquals(answers(ERROR_SUCCESS, process), answers(serverProcess(pair.client()), result(0)));
        assertEquals(answers(ERROR_SUCCESS, process), answers(serverProcess(pair.server()), result(0)));
    }

    // ---- flushing --------------------------------------------------------------------------------------------------

    @Test
    void withNothingToReadAFlushReturnsInEveryState() {
        long listening = byteServer();
        assertEquals(ERROR_SUCCESS, win32.FlushFileBuffers(listening));
        closeAll();

        Pair pair = bytes();
        assertEquals(
                answers(ERROR_SUCCESS, ERROR_SUCCESS),
                answers(win32.FlushFileBuffers(pair.server()), win32.FlushFileBuffers(pair.client())));
        disconnected(pair);
        assertEquals(
                answers(ERROR_SUCCESS, 233),
                answers(win32.FlushFileBuffers(pair.server()), win32.FlushFileBuffers(pair.client())));
        closeAll();

        long server = withoutClient(bytes()).server();
        assertEquals(ERROR_SUCCESS, win32.FlushFileBuffers(server));
    }

    @Test
    void whoDoesNotWriteMayNotFlush() {
        byteServer();
        long client = tracked(open(GENERIC_READ));

        assertEquals(either(ERROR_ACCESS_DENIED, ERROR_SUCCESS), win32.FlushFileBuffers(client));
    }
}
