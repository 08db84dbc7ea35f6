/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import io.npipe.simulation.Faults;
import io.npipe.simulation.SimulatedWorld;
import io.npipe.testkit.ObservedWin32.Call;
import java.util.ArrayList;
import java.util.List;

/** Which calls a simulated kernel was asked for, and when; one of them can be made to fail, or to be interfered with. */
public final class CallLog implements Faults {

    private record Entry(Call call, long nanos) {}

    private final List<Entry> entries = new ArrayList<>();
    private SimulatedWorld world;
    private Call watched;
    private int countdown;
    private int failure;
    private Runnable interference;

    /** The world whose kernel was given this log. */
    public void watch(SimulatedWorld newWorld) {
        world = newWorld;
    }

    /** Forgets what was logged; what is called from now on is logged. */
    public void begin() {
        entries.clear();
        world.kernel().beginFailing();
    }

    /** The nth call from now on, counted from 1, fails. */
    public void fail(Call call, int nth, int code) {
        watched = call;
        countdown = nth;
        failure = code;
        interference = () -> {};
    }

    /** Does something just before the next call, which then goes on. */
    public void before(Call call, Runnable action) {
        fail(call, 1, 0);
        interference = action;
    }

    @Override
    public String toString() {
        return entries.toString();
    }

    /** All calls, in order. */
    public List<Call> calls() {
        return entries.stream().map(Entry::call).toList();
    }

    /** When a function was called, in nanoseconds of the world's time. */
    public List<Long> times(Call call) {
        return entries.stream()
                .filter(entry -> entry.call == call)
                .map(Entry::nanos)
                .toList();
    }

    @Override
    public int next(Call call) {
        entries.add(new Entry(call, world == null ? 0 : world.time().nanoTime()));
        if (call != watched || --countdown > 0) {
            return 0;
        }
        watched = null;
        interference.run();
        return failure;
    }
}
