/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.npipe.testkit.HandleCount;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.PipeLab;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the kernel counts: a thousand channels leave no handle, in whichever order they end, and whatever is under way. */
class HandlesTest {

    private static final int CHANNELS = 1000;

    /** A server, a client, and the server's end of the pipe. */
    private static final int CHANNELS_OF_A_ROUND = 3;

    /** What a round may leave behind by itself: a JVM makes an event for a thread that waits for the first time. */
    private static final int EVENTS_OF_THE_JVM = CHANNELS / CHANNELS_OF_A_ROUND / 4;

    private static final int SERVER = 0;
    private static final int CHILD = 1;
    private static final int CLIENT = 2;

    private static final List<List<Integer>> ORDERS = List.of(
            List.of(SERVER, CHILD, CLIENT),
            List.of(SERVER, CLIENT, CHILD),
            List.of(CHILD, SERVER, CLIENT),
            List.of(CHILD, CLIENT, SERVER),
            List.of(CLIENT, SERVER, CHILD),
            List.of(CLIENT, CHILD, SERVER));

    /** What is under way when the first of them ends. */
    private enum UnderWay {
        NOTHING,
        READS,
        WRITES
    }

    @Test
    void aThousandChannelsLeaveNone() throws InterruptedException {
        try (PipeLab lab = new PipeLab()) {
            rounds(lab, 2 * ORDERS.size()); // what is opened once and for all is open
            HandleCount before = HandleCount.now();

            rounds(lab, CHANNELS / CHANNELS_OF_A_ROUND + 1);

            before.awaitBack(HandleCount.Type.FILE, HandleCount.Type.PORT, HandleCount.Type.TOKEN);
            int events = HandleCount.now().of(HandleCount.Type.EVENT) - before.of(HandleCount.Type.EVENT);
            assertTrue(events < EVENTS_OF_THE_JVM, () -> events + " more events than before");
        }
    }

    private static void rounds(PipeLab lab, int count) throws InterruptedException {
        UnderWay[] all = UnderWay.values();
        for (int i = 0; i < count; i++) {
            round(lab, ORDERS.get(i % ORDERS.size()), all[i / ORDERS.size() % all.length]);
        }
    }

    private static void round(PipeLab lab, List<Integer> order, UnderWay underWay) throws InterruptedException {
        Inbox accepted = new Inbox();
        Channel server = lab.bind(() -> accepted);
        Channel client = lab.connect(new Inbox());
        Channel child = accepted.awaitActive();
        if (underWay != UnderWay.READS) {
            client.config().setAutoRead(false);
            child.config().setAutoRead(false);
        }
        if (underWay == UnderWay.WRITES) {
            client.writeAndFlush(Unpooled.directBuffer(300_000).writeZero(300_000));
            child.writeAndFlush(Unpooled.directBuffer(300_000).writeZero(300_000));
        }
        for (int which : order) {
            List.of(server, child, client).get(which).close().syncUninterruptibly();
        }
    }
}
