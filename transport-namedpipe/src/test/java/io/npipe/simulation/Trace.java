/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.Arrays;

/**
 * What happened, in order: a hash of all of it, and the end of it as text. Entries hold nothing that differs between two
 * runs with the same seed: no addresses, no identity hashes, no real time.
 */
public final class Trace {

    private static final int KEPT = Integer.getInteger("npipe.trace", 300);
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private final String[] what = new String[KEPT];
    private final long[][] numbers = new long[KEPT][];
    private long hash = FNV_OFFSET;
    private long count;

    /** Adds an entry. */
    public void add(String entry, long... values) {
        for (int i = 0; i < entry.length(); i++) {
            mix(entry.charAt(i));
        }
        for (long value : values) {
            mix(value);
        }
        int index = (int) (count++ % KEPT);
        what[index] = entry;
        numbers[index] = values;
    }

    private void mix(long value) {
        hash = (hash ^ value) * FNV_PRIME;
        hash ^= hash >>> 29;
    }

    /** Depends on every entry and their order. */
    public long hash() {
        return hash;
    }

    /** How many entries there were. */
    public long count() {
        return count;
    }

    /** The last entries, one a line. */
    public String tail() {
        StringBuilder text = new StringBuilder();
        for (long i = Math.max(0, count - KEPT); i < count; i++) {
            int index = (int) (i % KEPT);
            text.append(i).append(' ').append(what[index]);
            if (numbers[index].length > 0) {
                text.append(' ').append(Arrays.toString(numbers[index]));
            }
            text.append('\n');
        }
        return text.toString();
    }
}
