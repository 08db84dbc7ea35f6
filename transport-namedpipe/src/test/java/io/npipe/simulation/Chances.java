/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.Random;

/**
 * How the simulated kernel uses the freedom that Windows' documentation leaves it. Each is in percent
 * unless it says otherwise. What only a run on Windows would settle is so or so for all of a kernel's life.
 *
 * @param pendThoughReady an operation that could end inline answers 997 and ends later
 * @param slowPacket an ended operation's packet or event comes later
 * @param slowCancel a cancellation takes effect later, perhaps after the operation has ended by itself
 * @param earlyWait a wait for an instance ends before one is free or its time is over
 * @param stolenInstance an instance that became free is taken by somebody else at once
 * @param lostListen a listening is cancelled, as Windows does when the thread that began it ends
 * @param fewPackets a dequeue takes fewer packets than there are
 * @param lateIdentity a client is not known before the first read
 * @param preemption in 1000: after a call, others make some steps before its caller goes on
 * @param forgetsModes the notification modes of a handle are lost when it joins a port after they were set
 * @param forgetsEarlyClients {@code ConnectNamedPipe} forgets who the client is that was there before it
 * @param refusesDescriptors no later instance comes with a security descriptor that has no list
 * @param emptyMessagesTellNobody a message of no length says nothing of its writer to whoever reads it
 */
public record Chances(
        int pendThoughReady,
        int slowPacket,
        int slowCancel,
        int earlyWait,
        int stolenInstance,
        int lostListen,
        int fewPackets,
        int lateIdentity,
        int preemption,
        boolean forgetsModes,
        boolean forgetsEarlyClients,
        boolean refusesDescriptors,
        boolean emptyMessagesTellNobody) {

    /** One that forgets and refuses nothing that it need not. */
    public Chances(
            int pendThoughReady,
            int slowPacket,
            int slowCancel,
            int earlyWait,
            int stolenInstance,
            int lostListen,
            int fewPackets,
            int lateIdentity,
            int preemption) {
        this(
                pendThoughReady,
                slowPacket,
                slowCancel,
                earlyWait,
                stolenInstance,
                lostListen,
                fewPackets,
                lateIdentity,
                preemption,
                false,
                false,
                false,
                false);
    }

    /** The plainest kernel: everything at once. */
    public static final Chances NONE = new Chances(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** As plain, but every open question is answered the other way. */
    public static final Chances OTHERWISE = new Chances(0, 0, 0, 0, 0, 0, 0, 0, 0, true, true, true, true);

    /** The same, with messages of no length that say nothing of their writer. */
    public Chances withEmptyMessagesOfNobody() {
        return new Chances(
                pendThoughReady,
                slowPacket,
                slowCancel,
                earlyWait,
                stolenInstance,
                lostListen,
                fewPackets,
                lateIdentity,
                preemption,
                forgetsModes,
                forgetsEarlyClients,
                refusesDescriptors,
                true);
    }

    /** Some kernel or other. */
    public static Chances random(Random random) {
        return new Chances(
                some(random),
                some(random),
                some(random),
                some(random),
                some(random) / 4,
                some(random) / 8,
                some(random),
                some(random),
                some(random),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean());
    }

    /** The same, and others are often faster than whoever calls. */
    public Chances restless() {
        return new Chances(
                pendThoughReady,
                slowPacket,
                slowCancel,
                earlyWait,
                stolenInstance,
                lostListen,
                fewPackets,
                lateIdentity,
                300,
                forgetsModes,
                forgetsEarlyClients,
                refusesDescriptors,
                emptyMessagesTellNobody);
    }

    private static int some(Random random) {
        return random.nextInt(3) == 0 ? 0 : random.nextInt(80);
    }
}
