/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import io.netty.util.internal.ThreadExecutorMap;
import io.npipe.win32.Win32;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * A simulated kernel for real threads, in real time: one call at a time, and a call that blocks lets others in. It does as
 * Windows does, everything at once, and its callers may do whatever Windows allows. Nothing here is repeatable.
 */
public final class ThreadedKernel implements Waiting {

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final long begin = System.nanoTime();
    private final VirtualTime time = new VirtualTime();
    private final CallerRules rules = new CallerRules();
    private final SimulatedKernel kernel;
    private final Win32 seam;

    /** Makes one. */
    public ThreadedKernel() {
        rules.setLenient();
        kernel = new SimulatedKernel(this, time, new Random(0), Chances.NONE, Faults.NONE, rules, new Trace(), false);
        seam = (Win32) Proxy.newProxyInstance(
                Win32.class.getClassLoader(),
                new Class<?>[] {Win32.class},
                (proxy, method, args) -> call(method, args));
    }

    /** The seam. Any thread. */
    public Win32 win32() {
        return seam;
    }

    /** Sets who calls from now on. */
    public synchronized void setProcess(SimulatedProcess process) {
        kernel.setProcess(process);
    }

    /** Fails if a caller has done what is always wrong, such as to use a handle that is not open. */
    public synchronized void check() {
        rules.check();
    }

    private synchronized Object call(Method method, Object[] args) throws Throwable {
        runEvents();
        try {
            return method.invoke(kernel, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        } finally {
            notifyAll();
        }
    }

    private void runEvents() {
        time.advanceTo(System.nanoTime() - begin);
        while (time.isEventDue()) {
            time.runNextEvent();
        }
    }

    /** Lets others in while it waits. No wait of this kind listens to interrupts; they are kept for whoever does. */
    @Override
    public boolean await(BooleanSupplier ready, int millis) {
        long until = time.deadline(millis);
        boolean interrupted = false;
        try {
            while (!ready.getAsBoolean()) {
                if (time.nanoTime() >= until) {
                    return false;
                }
                try {
                    wait(millisUntil(Math.min(until, time.nextEvent())));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
                runEvents();
            }
            return true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** 0, which is for ever, if it never comes. */
    private long millisUntil(long then) {
        return then == VirtualTime.NEVER ? 0 : (then - time.nanoTime()) / NANOS_PER_MILLI + 1;
    }

    @Override
    public void called() {
        // whoever waits for the lock goes on
    }

    @Override
    public Object caller() {
        return Thread.currentThread();
    }

    @Override
    public boolean isEventLoop() {
        return ThreadExecutorMap.currentExecutor() != null;
    }
}
