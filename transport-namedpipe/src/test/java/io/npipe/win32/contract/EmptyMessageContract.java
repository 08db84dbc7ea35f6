/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.Win32Error.ERROR_BROKEN_PIPE;
import static io.npipe.win32.Win32Error.ERROR_NO_DATA;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Messages of no length, reads of no length, and what of them the end of a pipe leaves. */
abstract class EmptyMessageContract extends RowContract {

    // ---- read as bytes ---------------------------------------------------------------------------------------------

    private Pair holding(String... messages) {
        Pair pair = messagesReadAsBytes();
        for (String message : messages) {
            assertEquals("0:" + message.length(), write(pair.server(), message).now());
        }
        return pair;
    }

    private void assertReads(Pair pair, String first, String second) {
        assertEquals(first, read(pair.client(), 100).now());
        Transfer next = read(pair.client(), 100);
        assertEquals(second, next.now());
        if (second.equals("pending")) {
            next.cancel();
        }
        closeAll();
    }

    @Test // row 21
    void aMessageOfNoLengthIsShownToWhoReadsBytes() {
        assertReads(holding(""), "0:", "pending");
    }

    @Test // row 22
    void itIsShownBehindAReadThatWasFull() {
        Pair pair = holding("hello", "");

        assertEquals("0:hello", read(pair.client(), 5).now());
        assertEquals("0:", read(pair.client(), 100).now());
        assertEquals("pending", read(pair.client(), 100).now());
    }

    @Test // rows 23 to 25; Wine joins none that is behind the last byte
    void aReadWithRoomJoinsIt() {
        assertReads(holding("hello", ""), "0:hello", either("pending", "0:"));
        assertReads(holding("hello", "", ""), "0:hello", either("pending", "0:"));
        assertReads(holding("", "hello"), "0:hello", "pending");
        assertReads(holding("", "", "hello"), "0:hello", "pending");
        assertReads(holding("he", "", "llo"), "0:hello", "pending");
        assertReads(holding("", ""), "0:", either("pending", "0:"));
        assertReads(holding("", "hello", ""), "0:hello", either("pending", "0:"));
    }

    @Test
    void aReadThatWaitsIsShownOneMessageOfNoLength() {
        Pair pair = messagesReadAsBytes();
        Transfer first = read(pair.client(), 100);
        Transfer second = read(pair.client(), 100);

        write(pair.server(), "");

        assertEquals("0:", first.then());
        assertEquals("pending", second.now());
        write(pair.server(), "x");
        assertEquals("0:x", second.then());
    }

    // ---- read as messages ------------------------------------------------------------------------------------------

    @Test
    void eachIsAMessage() {
        Pair pair = messages();
        for (String message : new String[] {"", "a", "", ""}) {
            write(pair.client(), message);
        }

        for (String message : new String[] {"", "a", "", ""}) {
            assertEquals("0:" + message, read(pair.server(), 100).now());
        }
        assertEquals("pending", read(pair.server(), 100).now());
    }

    // ---- reads of no length ----------------------------------------------------------------------------------------

    @Test // row 35 for who reads messages: 0 before Windows 8
    void aReadOfNothingTakesNothing() {
        inEveryShape(flow -> {
            write(flow.writer(), "data");

            assertEquals(flow.more() + ":", read(flow.reader(), 0).now());
            assertEquals(4, total(flow.reader()));
            assertEquals("0:data", read(flow.reader(), 100).now());
        });
    }

    @Test // npfs looks at no message when there is no room; Wine takes it
    void aReadOfNothingLeavesAMessageOfNoLength() {
        for (boolean asBytes : new boolean[] {true, false}) {
            Pair pair = asBytes ? messagesReadAsBytes() : messages();
            write(pair.client(), "");

            assertEquals("0:", read(pair.server(), 0).now());
            assertEquals(either("0:", "pending"), read(pair.server(), 100).now());
            closeAll();
        }
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    @Test // row 32
    void aMessageIsReadAfterItsWriterHasClosed() {
        Pair pair = messages();
        write(pair.server(), "twelve bytes");
        close(pair.server());
        long client = pair.client();

        assertEquals("0:", read(client, 0).now());
        assertEquals(12, total(client));
        assertEquals("0:twelve bytes", read(client, 32).now());
        assertEquals(
                answers(ERROR_BROKEN_PIPE, ERROR_BROKEN_PIPE, ERROR_NO_DATA, ERROR_SUCCESS, ERROR_BROKEN_PIPE),
                answers(
                        read(client, 0).code,
                        peek(client),
                        write(client, "x").code,
                        setMode(client, PIPE_READMODE_MESSAGE),
                        read(client, 0).code));
    }

    @Test // row 35
    void aMessageOfAClientThatHasClosedIsRead() {
        Pair pair = messages();
        write(pair.client(), "twelve bytes");
        close(pair.client());

        assertEquals("234:", read(pair.server(), 0).now());
        assertEquals(12, total(pair.server()));
        assertEquals("0:twelve bytes", read(pair.server(), 32).now());
        assertEquals("" + ERROR_BROKEN_PIPE, read(pair.server(), 0).now());
    }

    @Test // rows 33 and 34
    void aMessageOfNoLengthIsReadAfterItsWriterHasClosed() {
        inEveryShape(flow -> {
            write(flow.writer(), "");
            close(flow.writer());

            if (flow.messageType()) {
                assertEquals(ERROR_SUCCESS, peek(flow.reader()));
                assertEquals("0:", read(flow.reader(), 32).now());
            }
            assertEquals(ERROR_BROKEN_PIPE, peek(flow.reader()));
            assertEquals("" + ERROR_BROKEN_PIPE, read(flow.reader(), 32).now());
            assertEquals("" + ERROR_BROKEN_PIPE, read(flow.reader(), 0).now());
        });
    }
}
