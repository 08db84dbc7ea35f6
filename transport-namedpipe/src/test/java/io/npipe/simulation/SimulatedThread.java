/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

/**
 * A thread that runs a task which may block in the simulated kernel. When it goes on, the task is run again from its
 * beginning: so up to a call that blocks, a task must not have done what cannot be done twice.
 */
final class SimulatedThread extends Actor {

    private final Runnable task;
    private boolean done;

    SimulatedThread(String name, Runnable task) {
        super(name);
        this.task = task;
    }

    @Override
    void turn() {
        task.run();
        done = true;
    }

    @Override
    boolean mayPark() {
        return true;
    }

    @Override
    boolean isEventLoop() {
        return false;
    }

    @Override
    boolean isDone() {
        return done;
    }
}
