/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_OUTBOUND;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_BYTE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_BYTE;
import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_BAD_PIPE;
import static io.npipe.win32.Win32Error.ERROR_BROKEN_PIPE;
import static io.npipe.win32.Win32Error.ERROR_INVALID_FUNCTION;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_NO_DATA;
import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_PIPE_LISTENING;
import static io.npipe.win32.Win32Error.ERROR_PIPE_NOT_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.npipe.win32.NtStatus;
import io.npipe.win32.Overlapped;
import org.junit.jupiter.api.Test;

/** What calls answer while an instance listens, is connected, is closing and is disconnected. */
abstract class StateContract extends RowContract {

    private static final int ERROR_NOT_SUPPORTED = 50; // Wine's

    // ---- listening -------------------------------------------------------------------------------------------------

    @Test // rows 05 and 39
    void withoutAClientThereIsNothingToTransfer() {
        long server = byteServer();
        assertEquals(
                answers(ERROR_BAD_PIPE, ERROR_PIPE_LISTENING, ERROR_PIPE_LISTENING),
                answers(peek(server), read(server, 1).code, write(server, "x").code));

        assertEquals(ERROR_IO_PENDING, listen(server).code);
        assertEquals(
                answers(ERROR_BAD_PIPE, ERROR_PIPE_LISTENING, ERROR_PIPE_LISTENING),
                answers(peek(server), read(server, 1).code, write(server, "x").code));
    }

    @Test
    void withoutAClientTheServerIsAskedAndSet() {
        long server = byteServer();

        assertEquals(
                answers(ERROR_SUCCESS, ERROR_SUCCESS, ERROR_SUCCESS),
                answers(info(server), state(server), setMode(server, PIPE_READMODE_BYTE)));
    }

    @Test // row 62; npfs succeeds, and the instance does not listen any more
    void disconnectingWhileListeningEndsTheListening() {
        long server = byteServer();
        Transfer listen = listen(server);

        assertEquals(either(ERROR_SUCCESS, ERROR_PIPE_LISTENING), win32.DisconnectNamedPipe(server));
        assertEquals(either("" + ERROR_PIPE_NOT_CONNECTED, "pending"), listen.now());
        assertEquals(either(ERROR_PIPE_NOT_CONNECTED, ERROR_PIPE_LISTENING), read(server, 1).code);
        assertEquals(either(ERROR_PIPE_NOT_CONNECTED, ERROR_PIPE_LISTENING), win32.DisconnectNamedPipe(server));
        if (isWine()) {
            client();
        } else {
            assertEquals(-ERROR_PIPE_BUSY, open(GENERIC_WRITE));
            assertEquals(ERROR_IO_PENDING, listen(server).code);
            client();
        }
    }

    // ---- closing ---------------------------------------------------------------------------------------------------

    @Test
    void onceThePeerHasClosedNothingIsReadOrWritten() {
        for (boolean serverStays : new boolean[] {true, false}) {
            Pair pair = serverStays ? withoutClient(bytes()) : withoutServer(bytes());
            long end = serverStays ? pair.server() : pair.client();
            assertEquals(
                    answers(ERROR_BROKEN_PIPE, ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_SUCCESS, ERROR_SUCCESS),
                    answers(peek(end), read(end, 1).code, write(end, "x").code, info(end), state(end)));
            closeAll();
        }
    }

    @Test
    void onceThePeerHasClosedTheRestIsThere() {
        Pair pair = bytes();
        writeNow(pair.client(), "rest");
        close(pair.client());

        assertEquals(new Peeked("re", 4, -2), peek(pair.server(), 2));
        assertEquals(ERROR_NO_DATA, write(pair.server(), "x").code);
        assertEquals(ERROR_NO_DATA, listen(pair.server()).code);
        assertEquals("0:rest", read(pair.server(), 10).then());
        assertEquals(ERROR_BROKEN_PIPE, peek(pair.server()));
    }

    @Test // row 13
    void aClientStillKnowsTheProcessesOnceTheServerHasClosed() {
        long client = withoutServer(bytes()).client();

        assertEquals(
                answers(ERROR_SUCCESS, ERROR_SUCCESS, ERROR_SUCCESS, ERROR_SUCCESS),
                answers(clientProcess(client), serverProcess(client), clientSession(client), serverSession(client)));
    }

    @Test
    void aServerStillKnowsTheProcessesOnceTheClientHasClosed() {
        long server = withoutClient(bytes()).server();

        assertEquals(
                answers(ERROR_SUCCESS, ERROR_SUCCESS, ERROR_SUCCESS, ERROR_SUCCESS),
                answers(clientProcess(server), serverProcess(server), clientSession(server), serverSession(server)));
    }

    // ---- disconnected ----------------------------------------------------------------------------------------------

    @Test // row 06
    void peekingAfterADisconnect() {
        Pair pair = disconnected(bytes());

        assertEquals(
                answers(ERROR_BAD_PIPE, ERROR_PIPE_NOT_CONNECTED), answers(peek(pair.server()), peek(pair.client())));
    }

    @Test // row 53
    void readingAndWritingAfterADisconnectAndAlsoOnceTheServerHasClosed() {
        Pair pair = disconnected(bytes());
        for (long end : new long[] {pair.server(), pair.client()}) {
            assertEquals(
                    answers(ERROR_PIPE_NOT_CONNECTED, ERROR_PIPE_NOT_CONNECTED),
                    answers(read(end, 1).code, write(end, "x").code));
        }
        close(pair.server());

        assertEquals(
                answers(ERROR_PIPE_NOT_CONNECTED, ERROR_PIPE_NOT_CONNECTED, ERROR_PIPE_NOT_CONNECTED),
                answers(read(pair.client(), 1).code, write(pair.client(), "x").code, peek(pair.client())));
    }

    @Test // row 09
    void aDisconnectedClientIsNotAsked() {
        Pair pair = disconnected(bytes());

        assertEquals(
                answers(ERROR_PIPE_NOT_CONNECTED, ERROR_PIPE_NOT_CONNECTED, ERROR_PIPE_NOT_CONNECTED),
                answers(info(pair.client()), state(pair.client()), setMode(pair.client(), PIPE_READMODE_BYTE)));
        assertEquals(
                answers(ERROR_SUCCESS, ERROR_SUCCESS, ERROR_SUCCESS),
                answers(info(pair.server()), state(pair.server()), setMode(pair.server(), PIPE_READMODE_BYTE)));
    }

    @Test // row 11; Wine still tells all of them
    void afterADisconnectTheServerKnowsNoClient() {
        Pair pair = disconnected(bytes());

        assertEquals(
                either(
                        answers(ERROR_NOT_FOUND, ERROR_SUCCESS, ERROR_PIPE_NOT_CONNECTED, ERROR_PIPE_NOT_CONNECTED),
                        answers(ERROR_SUCCESS, ERROR_SUCCESS, ERROR_SUCCESS, ERROR_SUCCESS)),
                answers(
                        clientProcess(pair.server()),
                        serverProcess(pair.server()),
                        clientProcess(pair.client()),
                        serverProcess(pair.client())));
        assertEquals(
                either(
                        answers(ERROR_NOT_FOUND, ERROR_SUCCESS, ERROR_PIPE_NOT_CONNECTED, ERROR_PIPE_NOT_CONNECTED),
                        answers(ERROR_SUCCESS, ERROR_SUCCESS, ERROR_SUCCESS, ERROR_SUCCESS)),
                answers(
                        clientSession(pair.server()),
                        serverSession(pair.server()),
                        clientSession(pair.client()),
                        serverSession(pair.client())));
    }

    @Test
    void beforeTheFirstClientTheServerKnowsNone() {
        long server = byteServer();

        assertEquals(
                either(answers(ERROR_NOT_FOUND, ERROR_SUCCESS), answers(ERROR_SUCCESS, ERROR_SUCCESS)),
                answers(clientProcess(server), serverProcess(server)));
    }

    @Test // row 54
    void anInstanceWhoseClientHasGoneListensAgainOnceItIsDisconnected() {
        Pair pair = bytes();
        writeNow(pair.client(), "gone");
        close(pair.client());

        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(pair.server()));
        assertEquals(ERROR_PIPE_NOT_CONNECTED, win32.DisconnectNamedPipe(pair.server()));
        Transfer listen = listen(pair.server());
        assertEquals(ERROR_IO_PENDING, listen.code);
        long next = client();
        assertEquals("0:", listen.then());
        assertEquals(ERROR_PIPE_CONNECTED, listen(pair.server()).code);
        assertEquals(0, total(pair.server()));
        writeNow(next, "next");
        assertEquals("0:next", read(pair.server(), 10).then());
    }

    @Test // row 42
    void aCallThatIsRefusedSaysNothingInTheOverlapped() {
        Pair pair = disconnected(bytes());
        for (long end : new long[] {pair.server(), pair.client()}) {
            for (boolean reads : new boolean[] {true, false}) {
                var overlapped = overlapped();
                overlapped.buffer().putLong(Long.BYTES, 0xdeadbeefL);
                assertEquals(
                        ERROR_PIPE_NOT_CONNECTED,
                        reads ? read(end, allocate(1), 1, overlapped) : write(end, "x", overlapped));
                assertEquals(NtStatus.STATUS_PENDING, overlapped.buffer().getLong(0));
                assertEquals(0xdeadbeefL, overlapped.buffer().getLong(Long.BYTES));
            }
        }
    }

    @Test
    void aCallThatIsRefusedResetsItsEvent() {
        Pair pair = disconnected(bytes());
        Transfer read = read(pair.server(), 1);
        assertEquals(ERROR_SUCCESS, win32.SetEvent(read.event()));

        assertEquals(
                ERROR_PIPE_NOT_CONNECTED,
                win32.ReadFile(pair.server(), allocate(1).address(), 1, 0, read.overlapped.address()));
        assertEquals(false, read.isEventSet());
        assertEquals(ERROR_SUCCESS, win32.SetEvent(read.event()));
        assertEquals(
                ERROR_PIPE_NOT_CONNECTED,
                win32.WriteFile(pair.server(), allocate(1).address(), 1, 0, read.overlapped.address()));
        assertEquals(false, read.isEventSet());
    }

    @Test
    void aCallWithoutTheRightLeavesItsEvent() {
        byteServer();
        long client = tracked(open(GENERIC_WRITE));
        Transfer read = read(client, 1);
        assertEquals(ERROR_ACCESS_DENIED, read.code);
        assertEquals(ERROR_SUCCESS, win32.SetEvent(read.event()));

        assertEquals(
                ERROR_ACCESS_DENIED, win32.ReadFile(client, allocate(1).address(), 1, 0, read.overlapped.address()));
        assertEquals(true, read.isEventSet());
    }

    @Test
    void anEventWhoseHandleIsOddKeepsThePacketAway() {
        Pair pair = bytes();
        join(pair.client(), 7);
        Transfer write = write(pair.client(), "x");
        assertEquals("0:1", write.then());
        assertEquals(1, packet().bytes());
        Overlapped.event(write.overlapped.buffer(), 0, write.event() | 1);

        assertEquals(
                ERROR_SUCCESS, win32.WriteFile(pair.client(), allocate(1).address(), 1, 0, write.overlapped.address()));
        assertEquals(true, write.isEventSet());
        assertNoPacket();
    }

    // ---- the wrong end ---------------------------------------------------------------------------------------------

    @Test // row 08
    void aClientNeitherListensNorDisconnects() {
        Pair pair = bytes();

        assertEquals(
                answers(ERROR_INVALID_FUNCTION, either(ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED)),
                answers(listen(pair.client()).code, win32.DisconnectNamedPipe(pair.client())));
    }

    @Test
    void aDisconnectedClientNeitherListensNorDisconnects() {
        Pair pair = disconnected(bytes());

        assertEquals(
                either(
                        answers(ERROR_INVALID_FUNCTION, ERROR_PIPE_NOT_CONNECTED, ERROR_INVALID_FUNCTION),
                        answers(ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED, ERROR_NOT_SUPPORTED)),
                answers(
                        listen(pair.client()).code,
                        win32.DisconnectNamedPipe(pair.client()),
                        win32.ImpersonateNamedPipeClient(pair.client())));
    }

    // ---- rights ----------------------------------------------------------------------------------------------------

    @Test // row 49
    void whoeverOpensWithoutRightsMayStillAsk() {
        long server = tracked(create(PIPE_ACCESS_OUTBOUND, PIPE_TYPE_BYTE, UNLIMITED, QUOTA));
        long client = tracked(open(0));

        assertEquals(
                answers(ERROR_SUCCESS, ERROR_SUCCESS, ERROR_PIPE_CONNECTED),
                answers(info(client), state(client), listen(server).code));
    }

    @Test
    void whoeverOpensToWriteMayAsk() {
        byteServer();

        assertEquals(ERROR_SUCCESS, info(tracked(open(GENERIC_WRITE))));
    }
}
