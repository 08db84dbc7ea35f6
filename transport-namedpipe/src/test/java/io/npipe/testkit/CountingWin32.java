/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import io.npipe.win32.Win32;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts the calls at the seam: "kernel calls per message" becomes an assertion. Any thread. */
@SuppressWarnings("EnumOrdinal") // of an index that does not leave this class
public final class CountingWin32 extends ObservedWin32 {

    private final AtomicLongArray counts = new AtomicLongArray(Call.values().length);

    /** In front of the given one. */
    public CountingWin32(Win32 delegate) {
        super(delegate);
    }

    @Override
    protected void called(Call call) {
        counts.incrementAndGet(call.ordinal());
    }

    /** How often a function was called since the beginning. */
    public long count(Call call) {
        return counts.get(call.ordinal());
    }

    /** All that were called, with how often. */
    public Map<Call, Long> counts() {
        Map<Call, Long> result = new TreeMap<>();
        for (Call call : Call.values()) {
            if (count(call) > 0) {
                result.put(call, count(call));
            }
        }
        return result;
    }
}
