/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

/**
 * What became of the latest calls of a channel, for telling what a reply to none that is pending is. Bounded: of two ids that differ by a
 * multiple of its size the later one is kept. Ids are positive.
 */
final class SettledCalls {

    /** What became of a call. */
    enum Outcome {
        /** It was not made, or long ago. */
        UNKNOWN,
        /** Its reply has come. */
        ANSWERED,
        /** It timed out, was cancelled, or could not be sent. */
        ABANDONED
    }

    /** How many calls back are remembered; a power of two. */
    static final int SIZE = 1024;

    private final long[] ids = new long[SIZE];
    private final boolean[] answered = new boolean[SIZE];

    void put(long id, Outcome outcome) {
        int slot = slot(id);
        if (id >= ids[slot]) {
            ids[slot] = id;
            answered[slot] = outcome == Outcome.ANSWERED;
        }
    }

    Outcome of(long id) {
        int slot = slot(id);
        if (id <= 0 || ids[slot] != id) {
            return Outcome.UNKNOWN;
        }
        return answered[slot] ? Outcome.ANSWERED : Outcome.ABANDONED;
    }

    private static int slot(long id) {
        return (int) (id & (SIZE - 1));
    }
}
