/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.Random;

/**
 * How the simulated kernel uses the freedom that Windows' documentation leaves it. Each is in percent
 * unless it says otherwise.
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
        int preemption) {

    /** The plainest kernel: everything at once. */
    public static final Chances NONE = new Chances(0, 0, 0, 0, 0, 0, 0, 0, 0);

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
                some(random));
    }

    private static int some(Random random) {
        return random.nextInt(3) == 0 ? 0 : random.nextInt(80);
    }
}
