/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import io.netty.buffer.ByteBufAllocator;
import io.npipe.iocp.IocpIoHandler;
import io.npipe.iocp.IocpIoHandlerOptions;
import io.npipe.win32.NativeMemory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A {@link SimulatedKernel} with event loops and threads on it, all of them on the thread of the caller: one step of one
 * of them after the other, in an order that the seed decides.
 *
 * <p>After a call into the kernel its caller may be paused while others make some steps: what happens between two calls
 * of one thread is found so, though there is only one.
 *
 * <p>An event loop that waits at its completion port is left where it is and gets its next turn when the port has a
 * packet, or its time is over. Time moves on with each step, and jumps where nobody has anything to do.
 */
public final class SimulatedWorld implements Waiting, AutoCloseable {

    private static final int STEP_NANOS = 20_000;
    private static final int MAX_CALLS_IN_STEP = 200_000;
    private static final int MAX_PAUSED = 3;
    private static final int MAX_STEPS_WHILE_PAUSED = 6;

    private final Random random;
    private final VirtualTime time = new VirtualTime();
    private final CallerRules rules = new CallerRules();
    private final Trace trace = new Trace();
    private final SimulatedAllocator allocator = new SimulatedAllocator(() -> {});
    private final SimulatedKernel kernel;
    private final List<SimulatedEventLoop> loops = new ArrayList<>();
    private final List<Actor> actors = new ArrayList<>();
    private final int spuriousWakeUps;
    private final int preemptions;

    /** Those in the middle of a step: more than one, if they wait or are paused. */
    private final Set<Actor> underWay = new HashSet<>();

    private Actor current;
    private long steps;
    private long callsInStep;
    private boolean endedThread;

    /**
     * Makes one, and watches all {@link NativeMemory} until {@link #close()}.
     *
     * @param random decides everything
     * @param chances what freedom the kernel takes
     * @param faults what it lets fail
     * @param wine whether it does as Wine 8 does where that differs from Windows
     */
    public SimulatedWorld(Random random, Chances chances, Faults faults, boolean wine) {
        this.random = random;
        spuriousWakeUps = chances.earlyWait();
        preemptions = chances.preemption();
        kernel = new SimulatedKernel(this, time, random, chances, faults, rules, trace, wine);
        kernel.memory().checkAllocation();
        NativeMemory.observe(new OwnThreadOnly(kernel.memory(), this::requireLive));
    }

    @Override
    public void close() {
        NativeMemory.observe(null);
    }

    /** Threads of earlier tests on the real kernel may still free what they have. */
    private record OwnThreadOnly(Thread thread, NativeMemory.Observer observer, Runnable requireLive)
            implements NativeMemory.Observer {

        OwnThreadOnly(NativeMemory.Observer observer, Runnable requireLive) {
            this(Thread.currentThread(), observer, requireLive);
        }

        private boolean isOwn() {
            return Thread.currentThread() == thread;
        }

        @Override
        public void allocating(int size) {
            if (isOwn()) {
                observer.allocating(size);
            }
        }

        @Override
        public void allocated(long address, int size) {
            if (isOwn()) {
                observer.allocated(address, size);
            }
        }

        @Override
        public void freeing(long address) {
            if (isOwn()) {
                requireLive.run();
                observer.freeing(address);
            }
        }
    }

    // ---- what is in it ---------------------------------------------------------------------------------------------

    /** The kernel. */
    public SimulatedKernel kernel() {
        return kernel;
    }

    /** The clock. */
    public VirtualTime time() {
        return time;
    }

    /** What happened. */
    public Trace trace() {
        return trace;
    }

    /** What the callers did wrong. */
    public CallerRules rules() {
        return rules;
    }

    /** An allocator whose buffers are watched. */
    public ByteBufAllocator allocator() {
        return allocator;
    }

    /** Another one, which runs something before each allocation. */
    public ByteBufAllocator allocator(Runnable beforeEach) {
        return new SimulatedAllocator(beforeEach);
    }

    /** Steps made. */
    public long steps() {
        return steps;
    }

    /** Makes event loops. */
    public SimulatedLoops loops(String name, int count) {
        return loops(name, count, new IocpIoHandlerOptions());
    }

    /** Makes event loops whose handlers have the options; the kernel is set here. */
    public SimulatedLoops loops(String name, int count, IocpIoHandlerOptions options) {
        List<SimulatedEventLoop> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(new SimulatedEventLoop(this, name + "-" + i, IocpIoHandler.newFactory(options.win32(kernel))));
        }
        loops.addAll(made);
        made.forEach(loop -> actors.add(loop.actor()));
        return new SimulatedLoops(made);
    }

    /** Starts a thread. */
    public void startThread(String name, Runnable task) {
        actors.add(new SimulatedThread(name, task));
    }

    /** The thread that calls does nothing any more. */
    public void endThread() {
        endedThread = true;
        current.end();
        requireLive();
    }

    @Override
    public void requireLive() {
        if (current != null && current.isEnded()) {
            throw new Parked(() -> false, VirtualTime.NEVER);
        }
    }

    /** Whether a thread has ended so, and left everything as it was. */
    public boolean hasEndedThread() {
        return endedThread;
    }

    /** Does something later, on no thread in particular. */
    public void later(long nanos, Runnable action) {
        time.after(nanos, action);
    }

    boolean isCurrent(Actor actor) {
        return current == actor;
    }

    // ---- its course ------------------------------------------------------------------------------------------------

    /**
     * Makes a step.
     *
     * @return false if there is nothing to do any more, and never will be
     */
    public boolean step() {
        steps++;
        callsInStep = 0;
        time.advanceTo(time.nanoTime() + 1 + random.nextInt(STEP_NANOS));
        return step(VirtualTime.NEVER);
    }

    /** Makes steps until there is nothing to do any more. Fails after too many, or if a rule is violated. */
    public void run(long maxSteps) {
        runUntil(maxSteps, () -> false);
    }

    /** The same, or until something holds. */
    public void runUntil(long maxSteps, BooleanSupplier condition) {
        long end = steps + maxSteps;
        while (!condition.getAsBoolean() && step()) {
            rules.check();
            if (steps > end) {
                throw new AssertionError("no end after " + maxSteps + " steps");
            }
        }
        rules.check();
    }

    private boolean step(long until) {
        List<Actor> runnable = runnable();
        boolean eventDue = time.isEventDue();
        if (runnable.isEmpty() && !eventDue) {
            long next = nextTime();
            if (next == VirtualTime.NEVER || next > until) {
                return false;
            }
            time.advanceTo(next);
            return true;
        }
        int choice = random.nextInt(runnable.size() + (eventDue ? 1 : 0));
        if (choice == runnable.size()) {
            runNextEvent();
        } else {
            Actor actor = runnable.get(choice);
            trace.add(actor.name());
            run(actor);
            actors.removeIf(Actor::isDone);
        }
        return true;
    }

    /** On no thread in particular. */
    private void runNextEvent() {
        Actor before = current;
        current = null;
        try {
            time.runNextEvent();
        } finally {
            current = before;
        }
    }

    private void run(Actor actor) {
        Actor before = current;
        current = actor;
        underWay.add(actor);
        try {
            actor.go();
        } finally {
            underWay.remove(actor);
            current = before;
        }
        if (kernel.isImpersonating(actor) && !actor.isEnded()) {
            rules.violated(actor.name() + " acts as a client after its step");
        }
    }

    private List<Actor> runnable() {
        List<Actor> runnable = new ArrayList<>();
        for (Actor actor : actors) {
            if (underWay.contains(actor)) {
                continue;
            }
            boolean early = actor.isParked()
                    && actor.isEventLoop()
                    && spuriousWakeUps > 0
                    && random.nextInt(10_000) < spuriousWakeUps;
            if (actor.isRunnable(time.nanoTime()) || early) {
                runnable.add(actor);
            }
        }
        return runnable;
    }

    private long nextTime() {
        long next = time.nextEvent();
        for (Actor actor : actors) {
            if (!underWay.contains(actor)) {
                next = Math.min(next, actor.wakesAt());
            }
        }
        return next;
    }

    // ---- waiting ---------------------------------------------------------------------------------------------------

    @Override
    public boolean await(BooleanSupplier ready, int millis) {
        long until = time.deadline(millis);
        if (current != null && current.mayPark()) {
            throw new Parked(ready, until);
        }
        while (!ready.getAsBoolean()) {
            if (time.nanoTime() >= until) {
                return false;
            }
            if (!step(until)) {
                if (until == VirtualTime.NEVER) {
                    throw new AssertionError("a call would block for ever");
                }
                time.advanceTo(until);
            }
        }
        return true;
    }

    /** The caller is paused, and others make some steps. */
    @Override
    public void called() {
        if (++callsInStep > MAX_CALLS_IN_STEP) {
            rules.violated("no end of calls: " + (current == null ? "" : current.name()) + " does not sleep");
            throw new AssertionError("no end of calls");
        }
        if (current == null || underWay.size() > MAX_PAUSED || random.nextInt(1000) >= preemptions) {
            return;
        }
        Actor caller = current;
        current = null;
        try {
            for (int i = 1 + random.nextInt(MAX_STEPS_WHILE_PAUSED); i > 0 && !isLoopEnding(); i--) {
                step(time.nanoTime());
            }
        } finally {
            current = caller;
        }
    }

    /** It blocks until its operations have ended, and one that is paused could not help it. */
    private boolean isLoopEnding() {
        return loops.stream().anyMatch(loop -> loop.isShuttingDown() && !loop.isTerminated());
    }

    @Override
    public Object caller() {
        return current == null ? this : current;
    }

    @Override
    public boolean isEventLoop() {
        return current != null && current.isEventLoop();
    }

    // ---- its end ---------------------------------------------------------------------------------------------------

    /** Fails if a handle, a buffer or another block of memory is left, or a thread or loop goes on. */
    public void assertNothingLeft() {
        rules.check();
        kernel.assertNoOpenHandles();
        if (!kernel.memory().allocated().isEmpty()) {
            throw new AssertionError(kernel.memory().allocated().size() + " blocks of memory left, of bytes "
                    + kernel.memory().allocated().values());
        }
        if (!actors.isEmpty()) {
            throw new AssertionError(
                    "still going: " + actors.stream().map(Actor::name).toList());
        }
    }
}
