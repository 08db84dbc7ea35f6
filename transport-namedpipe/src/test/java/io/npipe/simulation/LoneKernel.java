/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * A simulated kernel with a single caller, who may block: then time passes. It takes no freedom and fails nothing, and its
 * caller may do whatever Windows allows.
 */
public final class LoneKernel implements Waiting {

    private final VirtualTime time = new VirtualTime();
    private final CallerRules rules = new CallerRules();
    private final SimulatedKernel kernel;

    /**
     * Makes one.
     *
     * @param wine whether it does as Wine 8 does where that differs from Windows
     */
    public LoneKernel(boolean wine) {
        this(Chances.NONE, wine);
    }

    /** Makes one that does as Windows does, with those chances. */
    public LoneKernel(Chances chances) {
        this(chances, false);
    }

    private LoneKernel(Chances chances, boolean wine) {
        rules.setLenient();
        kernel = new SimulatedKernel(this, time, new Random(0), chances, Faults.NONE, rules, new Trace(), wine);
    }

    /** The kernel. */
    public SimulatedKernel kernel() {
        return kernel;
    }

    /** Its clock. */
    public VirtualTime time() {
        return time;
    }

    /** Does something later: while a call blocks. */
    public void later(long nanos, Runnable action) {
        time.after(nanos, action);
    }

    /** Lets a time pass, in which the kernel does what is due. */
    public void pass(int millis) {
        await(() -> false, millis);
    }

    /** Fails if its caller has done what is wrong, or has left a handle open. */
    public void assertClean() {
        rules.check();
        kernel.assertNoOpenHandles();
    }

    @Override
    public boolean await(BooleanSupplier ready, int millis) {
        long until = time.deadline(millis);
        while (!ready.getAsBoolean()) {
            long next = time.nextEvent();
            if (next == VirtualTime.NEVER && until == VirtualTime.NEVER) {
                throw new AssertionError("the call would block for ever");
            }
            time.advanceTo(Math.min(next, until));
            if (next > until) {
                return false;
            }
            time.runNextEvent();
        }
        return true;
    }

    @Override
    public void called() {
        // there are no others
    }

    @Override
    public Object caller() {
        return this;
    }

    @Override
    public boolean isEventLoop() {
        return false;
    }
}
