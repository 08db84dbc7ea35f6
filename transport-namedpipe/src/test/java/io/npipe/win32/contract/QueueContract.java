/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_BYTE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_BYTE;
import static io.npipe.win32.Win32Error.ERROR_BROKEN_PIPE;
import static io.npipe.win32.Win32Error.ERROR_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_NO_DATA;
import static io.npipe.win32.Win32Error.ERROR_OPERATION_ABORTED;
import static io.npipe.win32.Win32Error.ERROR_PIPE_NOT_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.npipe.win32.Overlapped;
import org.junit.jupiter.api.Test;

/** What is written and waits to be read, and what waits to read: quotas, reads in parts, cancellations. */
abstract class QueueContract extends RowContract {

    // ---- quotas ----------------------------------------------------------------------------------------------------

    @Test // rows 14 and 15
    void writingNothingNeverWaits() {
        inEveryShape(flow -> {
            assertEquals("pending", write(flow.writer(), text(5000)).now());

            assertEquals("0:0", write(flow.writer(), "").now());
        });
    }

    @Test // row 16
    void writesEndInTheirOrderOnceTheyFit() {
        inEveryShape(flow -> {
            assertEquals("0:3000", write(flow.writer(), text(3000)).now());
            Transfer second = write(flow.writer(), text(QUOTA));
            Transfer third = write(flow.writer(), "x");
            assertEquals("pending", second.now());
            assertEquals("pending", third.now());
            assertEquals(3000 + QUOTA + 1, total(flow.reader()));

            assertEquals("0:" + text(3000), read(flow.reader(), 3000).now());
            assertEquals("0:" + QUOTA, second.then());
            assertEquals("pending", third.now());
            assertEquals(flow.more() + ":0", read(flow.reader(), 1).now());
            assertEquals("0:1", third.then());
        });
    }

    @Test
    void eachDirectionHasAQuotaOfItsOwn() {
        long server = tracked(createWithQuotas(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 5000, 6000));
        long client = clientOf(server);

        assertEquals("0:5000", write(server, text(5000)).now());
        assertEquals("pending", write(server, "x").now());
        assertEquals("0:6000", write(client, text(6000)).now());
        assertEquals("pending", write(client, "x").now());
    }

    @Test
    void aWriteThatIsReadWhileItWaitsEndsWithAllOfItsBytes() {
        inEveryShape(flow -> {
            Transfer write = write(flow.writer(), text(QUOTA + 2000));
            assertEquals(
                    flow.more() + ":" + text(1999), read(flow.reader(), 1999).now());
            assertEquals("pending", write.now());
            assertEquals(QUOTA + 1, total(flow.reader()));

            read(flow.reader(), 1);

            assertEquals("0:" + (QUOTA + 2000), write.then());
            assertEquals(QUOTA, total(flow.reader()));
        });
    }

    @Test
    void withoutQuotaOnlyNothingIsWrittenAtOnce() {
        Pair pair = messages(0);
        assertEquals("0:0", write(pair.client(), "").now());
        Transfer write = write(pair.client(), "ab");
        assertEquals("pending", write.now());

        assertEquals("0:", read(pair.server(), 1).now());
        assertEquals("234:a", read(pair.server(), 1).now());
        assertEquals("pending", write.now());
        assertEquals("0:b", read(pair.server(), 1).now());
        assertEquals("0:2", write.then());
    }

    // ---- reads that wait -------------------------------------------------------------------------------------------

    @Test // rows 55 and 56
    void whatAPendingReadTakesNeedsNoQuota() {
        inEveryShape(flow -> {
            Transfer read = read(flow.reader(), 1000);
            assertEquals("pending", read.now());

            assertEquals("0:4000", write(flow.writer(), text(4000)).now());
            assertEquals(flow.more() + ":" + text(1000), read.then());
            assertEquals(3000, total(flow.reader()));
        });
    }

    @Test // row 57
    void aWriteOfOneMoreThanTheQuotaEndsAtOnceIfAReadTakesThatOne() {
        Pair pair = bytes(512);
        Transfer read = read(pair.server(), 1);

        assertEquals("0:513", write(pair.client(), text(513)).now());
        assertEquals("0:0", read.then());
        assertEquals(512, total(pair.server()));
    }

    @Test
    void oneWriteServesSeveralReads() {
        inEveryShape(flow -> {
            Transfer first = read(flow.reader(), 3);
            Transfer second = read(flow.reader(), 4);
            Transfer third = read(flow.reader(), 100);
            Transfer fourth = read(flow.reader(), 100);

            assertEquals("0:10", write(flow.writer(), text(10)).now());

            assertEquals(flow.more() + ":012", first.then());
            assertEquals(flow.more() + ":3456", second.then());
            assertEquals("0:789", third.then());
            assertEquals("pending", fourth.now());
        });
    }

    @Test // rows 17 and 18
    void aReadOfNothingWaitsForSomething() {
        inEveryShape(flow -> {
            Transfer nothing = read(flow.reader(), 0);
            Transfer other = read(flow.reader(), 1000);
            assertEquals("pending", nothing.now());

            assertEquals("0:1", write(flow.writer(), "x").now());

            assertEquals(flow.more() + ":", nothing.then());
            assertEquals("0:x", other.then());
        });
    }

    @Test // rows 19 and 20
    void writingNothingWakesOneReadOfMessages() {
        inEveryShape(flow -> {
            Transfer nothing = read(flow.reader(), 0);
            Transfer other = read(flow.reader(), 1);

            assertEquals("0:0", write(flow.writer(), "").now());

            if (flow.messageType()) {
                assertEquals("0:", nothing.then());
            } else {
                assertEquals("pending", nothing.now());
            }
            assertEquals("pending", other.now());
        });
    }

    @Test
    void whileAReadWaitsItsCountIsNotTouched() {
        Pair pair = bytes();
        var overlapped = overlapped();
        overlapped.buffer().putLong(Long.BYTES, -1);
        result(0, 0xdeadbeef);

        int code = win32.ReadFile(pair.server(), allocate(8).address(), 8, resultAddress(0), overlapped.address());

        assertEquals(
                answers(997, 0x103, -1, 0),
                answers(
                        code,
                        overlapped.buffer().getInt(0),
                        Overlapped.bytesTransferred(overlapped.buffer(), 0),
                        result(0)));
        assertEquals(ERROR_SUCCESS, win32.CancelIoEx(pair.server(), 0));
    }

    // ---- reads in parts --------------------------------------------------------------------------------------------

    @Test
    void aMessageIsReadInPartsAndBytesAreReadThrough() {
        inEveryShape(flow -> {
            write(flow.writer(), text(8) + "ab");
            write(flow.writer(), "next");

            assertEquals(flow.more() + ":0123", read(flow.reader(), 4).now());
            assertEquals(flow.more() + ":4567", read(flow.reader(), 4).now());
            assertEquals(
                    flow.messageRead() ? "0:ab" : "0:abnext",
                    read(flow.reader(), 100).now());
        });
    }

    @Test
    void whoStopsReadingMessagesReadsTheRestOfThemAsBytes() {
        Pair pair = messages();
        write(pair.client(), text(6));
        write(pair.client(), "next");
        assertEquals("234:0123", read(pair.server(), 4).now());

        assertEquals(ERROR_SUCCESS, setMode(pair.server(), PIPE_READMODE_BYTE));

        assertEquals("0:45next", read(pair.server(), 100).now());
    }

    // ---- cancellations ---------------------------------------------------------------------------------------------

    @Test // row 26
    void aCancelledWriteLetsTheNextOneEnd() {
        inEveryShape(flow -> {
            Transfer first = write(flow.writer(), text(6000));
            Transfer second = write(flow.writer(), "x");
            assertEquals(6001, total(flow.reader()));

            assertEquals(ERROR_SUCCESS, first.cancel());

            assertEquals("" + ERROR_OPERATION_ABORTED, first.then());
            assertEquals("0:1", second.then());
            assertEquals(1, total(flow.reader()));
            assertEquals("0:x", read(flow.reader(), 1000).now());
        });
    }

    @Test // rows 27 and 28
    void theRestOfACancelledWriteVanishes() {
        inEveryShape(flow -> {
            Transfer first = write(flow.writer(), text(6000));
            Transfer second = write(flow.writer(), "x");
            assertEquals(flow.more() + ":" + text(10), read(flow.reader(), 10).now());

            assertEquals(ERROR_SUCCESS, first.cancel());

            assertEquals("" + ERROR_OPERATION_ABORTED, first.then());
            assertEquals(1, total(flow.reader()));
            assertEquals("0:x", read(flow.reader(), 1000).now());
            assertEquals("0:1", second.then());
        });
    }

    @Test
    void aWriteBehindOthersIsCancelledAlone() {
        inEveryShape(flow -> {
            Transfer first = write(flow.writer(), text(6000));
            Transfer second = write(flow.writer(), "second");
            Transfer third = write(flow.writer(), "third");

            assertEquals(ERROR_SUCCESS, second.cancel());

            assertEquals("" + ERROR_OPERATION_ABORTED, second.then());
            assertEquals(6005, total(flow.reader()));
            assertEquals("0:" + text(6000), read(flow.reader(), 6000).now());
            assertEquals("0:6000", first.then());
            assertEquals("0:5", third.then());
            assertEquals("0:third", read(flow.reader(), 100).now());
        });
    }

    @Test // row 30
    void cancellingTwice() {
        Pair pair = bytes();
        Transfer read = read(pair.server(), 1);

        assertEquals(answers(ERROR_SUCCESS, ERROR_NOT_FOUND), answers(read.cancel(), read.cancel()));
        assertEquals("" + ERROR_OPERATION_ABORTED, read.then());
    }

    @Test
    void aReadBehindOthersIsCancelledAlone() {
        Pair pair = bytes();
        Transfer first = read(pair.server(), 1);
        Transfer second = read(pair.server(), 1);

        assertEquals(ERROR_SUCCESS, second.cancel());

        assertEquals("pending", first.now());
        write(pair.client(), "x");
        assertEquals("0:x", first.then());
    }

    @Test
    void whatHasEndedIsNotCancelled() {
        Pair pair = bytes();
        Transfer read = read(pair.server(), 1);
        Transfer write = write(pair.client(), "x");
        assertEquals("0:x", read.then());

        assertEquals(answers(ERROR_NOT_FOUND, ERROR_NOT_FOUND), answers(read.cancel(), write.cancel()));
    }

    // ---- ends ------------------------------------------------------------------------------------------------------

    @Test
    void aCloseEndsThePeersOperations() {
        inEveryShape(flow -> {
            Transfer write = write(flow.writer(), text(7000));
            close(flow.reader());

            assertEquals("" + ERROR_BROKEN_PIPE, write.then());
            assertEquals(answers(ERROR_NO_DATA), answers(write(flow.writer(), "x").code));
        });
        inEveryShape(flow -> {
            Transfer read = read(flow.reader(), 1);
            close(flow.writer());

            assertEquals("" + ERROR_BROKEN_PIPE, read.then());
        });
    }

    @Test
    void aDisconnectEndsTheOperationsOfBoth() {
        for (Shape shape : Shape.values()) {
            Pair pair = pairOf(shape);
            Transfer toServer = write(pair.client(), text(7000));
            Transfer toClient = write(pair.server(), text(7000));
            disconnected(pair);

            assertEquals("" + ERROR_PIPE_NOT_CONNECTED, toServer.then());
            assertEquals("" + ERROR_PIPE_NOT_CONNECTED, toClient.then());
            closeAll();
        }
        for (Shape shape : Shape.values()) {
            Pair pair = pairOf(shape);
            Transfer atServer = read(pair.server(), 10);
            Transfer atClient = read(pair.client(), 10);
            disconnected(pair);

            assertEquals("" + ERROR_PIPE_NOT_CONNECTED, atServer.then());
            assertEquals("" + ERROR_PIPE_NOT_CONNECTED, atClient.then());
            closeAll();
        }
    }
}
