/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_BYTE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.Win32Error.ERROR_NO_DATA;
import static io.npipe.win32.Win32Error.ERROR_PIPE_LISTENING;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** An end whose calls do not wait ({@code PIPE_NOWAIT}), which this transport does not use and its peers may. */
abstract class NoWaitContract extends RowContract {

    private static final int PIPE_NOWAIT = 1;
    private static final int SMALL = 512;

    private Pair pair(int type) {
        long server = tracked(create(PIPE_ACCESS_DUPLEX, type | PIPE_NOWAIT, UNLIMITED, SMALL));
        return new Pair(server, client());
    }

    @Test
    void aReadOfNothingFails() {
        for (int type : new int[] {PIPE_TYPE_BYTE, PIPE_TYPE_MESSAGE}) {
            Pair pair = pair(type);
            assertEquals("" + ERROR_NO_DATA, read(pair.server(), 100).now());

            write(pair.client(), "bits");
            assertEquals("0:bits", read(pair.server(), 100).now());
            assertEquals("pending", read(pair.client(), 100).now());
            closeAll();
        }
    }

    @Test
    void aWriteWithoutRoomWritesNothing() {
        for (int type : new int[] {PIPE_TYPE_BYTE, PIPE_TYPE_MESSAGE}) {
            Pair pair = pair(type);

            assertEquals("0:0", write(pair.server(), text(SMALL + 1)).now());
            assertEquals(0, total(pair.client()));
            assertEquals("0:" + SMALL, write(pair.server(), text(SMALL)).now());
            assertEquals("0:0", write(pair.server(), "x").now());
            assertEquals(SMALL, total(pair.client()));
            closeAll();
        }
    }

    @Test
    void aWriteServesTheReadsThatWait() {
        for (int type : new int[] {PIPE_TYPE_BYTE, PIPE_TYPE_MESSAGE}) {
            Pair pair = pair(type);
            Transfer large = read(pair.client(), 32768);
            assertEquals("0:513", write(pair.server(), text(513)).now());
            assertEquals("0:" + text(513), large.then());

            Transfer small = read(pair.client(), 1);
            assertEquals("0:513", write(pair.server(), text(513)).now());
            assertEquals("0:0", small.then());
            assertEquals(SMALL, total(pair.client()));
            assertEquals(
                    "0:" + text(513).substring(1), read(pair.client(), 32768).now());
            closeAll();
        }
    }

    @Test // Wine writes a part of the message
    void aWriteOfWhichTooMuchIsLeftWritesWhatIsTakenAtOnceAndNoMessageInPart() {
        for (int type : new int[] {PIPE_TYPE_BYTE, PIPE_TYPE_MESSAGE}) {
            Pair pair = pair(type);
            Transfer read = read(pair.client(), 1);

            boolean whole = type == PIPE_TYPE_MESSAGE && !isWine();
            assertEquals(whole ? "0:0" : "0:1", write(pair.server(), text(514)).now());
            assertEquals(whole ? "pending" : "0:0", read.now());
            assertEquals(0, total(pair.client()));
            closeAll();
        }
    }

    @Test
    void listeningFailsAndIsListening() {
        long server = tracked(create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE | PIPE_NOWAIT, UNLIMITED, SMALL));
        assertEquals(ERROR_PIPE_LISTENING, listen(server).code);
        close(client());
        assertEquals(ERROR_NO_DATA, listen(server).code);
        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(server));
        assertEquals(ERROR_PIPE_LISTENING, listen(server).code);

        client();
    }

    @Test
    void eachEndDecides() {
        Pair pair = bytes();
        assertEquals(ERROR_SUCCESS, setMode(pair.client(), PIPE_NOWAIT));

        assertEquals(answers(ERROR_SUCCESS, PIPE_NOWAIT), answers(state(pair.client()), result(0)));
        assertEquals(answers(ERROR_SUCCESS, 0), answers(state(pair.server()), result(0)));
        assertEquals("" + ERROR_NO_DATA, read(pair.client(), 1).now());
        assertEquals("pending", read(pair.server(), 1).now());
        assertEquals(ERROR_SUCCESS, setMode(pair.client(), 0));
        assertEquals("pending", read(pair.client(), 1).now());
    }

    @Test
    void itCannotBeSetWhileSomethingWaits() {
        Pair pair = bytes();
        Transfer read = read(pair.client(), 1);
        assertEquals(either(231, 0), setMode(pair.client(), PIPE_NOWAIT));
        read.cancel();
        assertEquals(ERROR_SUCCESS, setMode(pair.client(), PIPE_NOWAIT));
    }
}
