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
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_BYTE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_FILE_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_INVALID_HANDLE;
import static io.npipe.win32.Win32Error.ERROR_INVALID_NAME;
import static io.npipe.win32.Win32Error.ERROR_INVALID_PARAMETER;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Names and their instances: how many there may be, which one a client gets, and when a name is free again. */
abstract class InstanceContract extends RowContract {

    private static final int ERROR_PATH_NOT_FOUND = 3;
    private static final int READ_WRITE = GENERIC_READ | GENERIC_WRITE;

    private long server(int maxInstances) {
        return tracked(create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, maxInstances, QUOTA));
    }

    // ---- creating --------------------------------------------------------------------------------------------------

    @Test // rows 58 and 59: the limit is looked at before what is asked for
    void beyondTheLimitNothingElseMatters() {
        server(1);

        assertEquals(
                answers(-ERROR_PIPE_BUSY, -ERROR_PIPE_BUSY, -ERROR_PIPE_BUSY),
                answers(
                        (int) create(PIPE_ACCESS_OUTBOUND, PIPE_TYPE_BYTE, 1, QUOTA),
                        (int) create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, UNLIMITED, QUOTA),
                        (int) create(PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE, PIPE_TYPE_BYTE, 1, QUOTA)));
    }

    @Test // row 51
    void messagesAreNotReadFromBytesByAServerEither() {
        assertEquals(
                -ERROR_INVALID_PARAMETER,
                create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE | PIPE_READMODE_MESSAGE, UNLIMITED, QUOTA));
    }

    @Test
    void whatIsNoNameAndNoNumber() {
        assertEquals(
                either(
                        answers(-ERROR_PATH_NOT_FOUND, -ERROR_INVALID_NAME, -ERROR_INVALID_NAME),
                        answers(-ERROR_PATH_NOT_FOUND, -ERROR_INVALID_HANDLE, -ERROR_INVALID_HANDLE)),
                answers(
                        (int) win32.CreateNamedPipeW(0, 3, 0, 1, 0, 0, 0, 0),
                        (int) win32.CreateNamedPipeW(wide("\\\\.\\pipe\\").address(), 3, 0, 1, 0, 0, 0, 0),
                        (int) win32.CreateNamedPipeW(wide("\\\\.\\pipe").address(), 3, 0, 1, 0, 0, 0, 0)));
        assertEquals(-ERROR_INVALID_PARAMETER, create(0, PIPE_TYPE_BYTE, 1, QUOTA));
        byteServer();
        assertEquals(either(-ERROR_ACCESS_DENIED, -ERROR_INVALID_PARAMETER), (int)
                create(0, PIPE_TYPE_BYTE, UNLIMITED, QUOTA));
    }

    @Test
    void noInstanceAtAll() {
        long server = create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 0, QUOTA);

        if (isWine()) { // it makes one, and none beside it
            assertEquals(answers(ERROR_SUCCESS, 0), answers(info(tracked(server)), result(3)));
            assertEquals(-ERROR_PIPE_BUSY, create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, UNLIMITED, QUOTA));
        } else {
            assertEquals(-ERROR_INVALID_PARAMETER, server);
        }
    }

    @Test
    void aSlashIsABackslash() {
        tracked(win32.CreateNamedPipeW(wide(path + "/x").address(), 3, 0, 1, 0, 0, 0, 0));

        tracked(win32.CreateFileW(wide(path + "\\x").address(), READ_WRITE, 0, 0, 3, 0, 0));
    }

    @Test
    void anInstanceHasItsOwnQuotas() {
        tracked(createWithQuotas(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1024, 1024));
        long later = tracked(createWithQuotas(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 102, 24));

        assertEquals(
                either(answers(ERROR_SUCCESS, 102, 24), answers(ERROR_SUCCESS, 1024, 1024)),
                answers(info(later), result(1), result(2)));
    }

    @Test // row 50
    void aNameHasAnyCharacters() {
        String name = path + "a<>*?|\"/b:";
        long server = tracked(win32.CreateNamedPipeW(wide(name).address(), 3, 0, 1, 0, 0, 0, 0));
        long client = tracked(win32.CreateFileW(wide(name).address(), READ_WRITE, 0, 0, 3, 0, 0));

        assertEquals(answers(ERROR_SUCCESS, ERROR_SUCCESS), answers(info(server), info(client)));
    }

    // ---- the end of a name -----------------------------------------------------------------------------------------

    @Test // rows 01 and 04
    void aNameIsFreeOnceItsLastServerHasClosedWhateverClientsHold() {
        long server = server(1);
        long client = clientOf(server);
        close(server);

        assertEquals(-ERROR_FILE_NOT_FOUND, open(READ_WRITE));
        long next = tracked(create(PIPE_ACCESS_INBOUND | FILE_FLAG_FIRST_PIPE_INSTANCE, PIPE_TYPE_MESSAGE, 1, QUOTA));
        assertEquals(answers(ERROR_SUCCESS, PIPE_TYPE_MESSAGE | 1, 1), answers(info(next), result(0), result(3)));
        assertEquals(answers(ERROR_SUCCESS, 1), answers(state(next), result(1)));
        assertEquals(answers(ERROR_SUCCESS, either(PIPE_TYPE_BYTE, 0)), answers(info(client), result(0)));
        assertEquals(answers(ERROR_SUCCESS, either(0, 0)), answers(state(client), result(1)));
        assertEquals(-ERROR_PIPE_BUSY, create(PIPE_ACCESS_INBOUND, PIPE_TYPE_MESSAGE, 1, QUOTA));
        tracked(open(GENERIC_WRITE));
    }

    @Test
    void anInstanceIsFreeOnceItsServerHasClosed() {
        long first = server(2);
        server(2);
        long client = client();
        assertEquals(-ERROR_PIPE_BUSY, create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 2, QUOTA));
        close(first);

        server(2);
        assertEquals(answers(ERROR_SUCCESS, 2), answers(state(client), result(1)));
        assertEquals(-ERROR_PIPE_BUSY, create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 2, QUOTA));
    }

    // ---- connecting ------------------------------------------------------------------------------------------------

    @Test // row 38
    void anInstanceServesAgainOnlyOnceItListens() {
        Pair pair = bytes();
        assertEquals(-ERROR_PIPE_BUSY, open(READ_WRITE));
        close(pair.client());
        assertEquals(-ERROR_PIPE_BUSY, open(READ_WRITE));
        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(pair.server()));
        assertEquals(-ERROR_PIPE_BUSY, open(READ_WRITE));

        assertEquals(ERROR_IO_PENDING, listen(pair.server()).code);
        client();
    }

    @Test // row 36
    void clientsGetTheInstanceThatHasListenedLongest() {
        long[] servers = {server(4), server(4), server(4), server(4)};
        client();
        assertEquals(
                answers(ERROR_IO_PENDING, ERROR_PIPE_CONNECTED),
                answers(listen(servers[2]).code, listen(servers[0]).code));
        client();
        assertEquals(
                answers(ERROR_IO_PENDING, ERROR_PIPE_CONNECTED),
                answers(listen(servers[2]).code, listen(servers[1]).code));
        client();
        assertEquals(ERROR_PIPE_CONNECTED, listen(servers[2]).code);

        disconnect(servers[0], servers[2]);
        assertEquals(
                answers(ERROR_IO_PENDING, ERROR_IO_PENDING), answers(listen(servers[2]).code, listen(servers[0]).code));
        client();
        assertEquals(ERROR_PIPE_CONNECTED, listen(servers[3]).code);
        client();
        assertEquals(
                answers(ERROR_PIPE_CONNECTED, ERROR_IO_PENDING),
                answers(listen(servers[2]).code, listen(servers[0]).code));
        client();
        assertEquals(ERROR_PIPE_CONNECTED, listen(servers[0]).code);
        disconnect(servers[0]);
        assertEquals(-ERROR_PIPE_BUSY, open(READ_WRITE));
    }

    private void disconnect(long... servers) {
        for (long server : servers) {
            assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(server));
        }
    }

    @Test
    void everyListeningOfAnInstanceEndsWithItsClient() {
        long server = byteServer();
        Transfer first = listen(server);
        Transfer second = listen(server);
        Transfer third = listen(server);
        assertEquals(ERROR_SUCCESS, second.cancel());
        assertEquals("995", second.then());

        client();

        assertEquals("0:", first.then());
        assertEquals("0:", third.then());
    }

    @Test // row 40
    void aClientThatIsThereResetsTheEvent() {
        long server = byteServer();
        client();
        Transfer listen = listen(server);
        assertEquals(ERROR_PIPE_CONNECTED, listen.code);
        assertEquals(ERROR_SUCCESS, win32.SetEvent(listen.event()));

        assertEquals(ERROR_PIPE_CONNECTED, win32.ConnectNamedPipe(server, listen.overlapped.address()));

        assertEquals(false, listen.isEventSet());
        assertEquals(0x103, listen.overlapped.buffer().getInt(0));
    }

    @Test // row 41
    void theEndOfTheServerEndsItsListening() {
        long server = byteServer();
        Transfer listen = listen(server);
        assertEquals(ERROR_IO_PENDING, listen.code);

        close(server);

        assertEquals(true, listen.isEventSet());
        assertEquals(either(0xC000014B, 0x8000000A), listen.overlapped.buffer().getInt(0));
    }

    @Test
    void aReadOfWhoClosesEnds() {
        Pair pair = bytes();
        Transfer read = read(pair.server(), 1);

        close(pair.server());

        assertEquals(true, read.isEventSet());
        assertEquals(0xC000014B, read.overlapped.buffer().getInt(0));
    }

    @Test
    void aWriteOfWhoClosesStaysReadable() {
        Pair pair = bytes();
        Transfer write = write(pair.server(), text(5000));
        close(pair.server());

        assertEquals(either(false, true), write.isEventSet());
        assertEquals(either(0x103, 0xC000014B), write.overlapped.buffer().getInt(0));
        assertEquals(either("0:" + text(5000), "109"), read(pair.client(), 5000).now());
        assertEquals(true, write.isEventSet());
    }
}
