/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The open handles of a process. A value that was closed is given out again as soon as possible, lowest first, as Windows
 * does it: so what uses a handle after its end meets somebody else's.
 */
final class HandleTable {

    private static final long STEP = 4;

    private final TreeMap<Long, KernelObject> open = new TreeMap<>();
    private final TreeSet<Long> free = new TreeSet<>();
    private long highest;

    /** Those of another process, which were duplicated into it. */
    private final Set<Long> elsewhere = new HashSet<>();

    long add(KernelObject object) {
        Long reused = free.pollFirst();
        long handle = reused != null ? reused : (highest += STEP);
        open.put(handle, object);
        return handle;
    }

    /** Null if the handle is not open. */
    KernelObject get(long handle) {
        return open.get(handle);
    }

    KernelObject remove(long handle) {
        KernelObject object = open.remove(handle);
        if (object != null) {
            free.add(handle);
            elsewhere.remove(handle);
        }
        return object;
    }

    /** A second handle for what one stands for, perhaps in another process. */
    long duplicate(long handle, boolean intoOtherProcess) {
        long duplicate = add(open.get(handle));
        if (intoOtherProcess) {
            elsewhere.add(duplicate);
        }
        return duplicate;
    }

    boolean isElsewhere(long handle) {
        return elsewhere.contains(handle);
    }

    /** Whether any process has a handle for it. */
    boolean isOpen(KernelObject object) {
        return open.values().stream().anyMatch(other -> other == object);
    }

    /** Whether this process has a handle for it, or the other one. */
    boolean isOpen(KernelObject object, boolean inOtherProcess) {
        return open.entrySet().stream()
                .anyMatch(entry -> entry.getValue() == object && isElsewhere(entry.getKey()) == inOtherProcess);
    }

    Map<Long, KernelObject> open() {
        return open;
    }
}
