/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** Runs what may block: never on an event loop's thread. */
interface BlockingCalls {

    /** On daemon threads, as many as there are tasks. They end after a minute without work. */
    BlockingCalls ON_THREADS = new BlockingCalls() {

        private final Executor threads =
                Executors.newCachedThreadPool(new DefaultThreadFactory("npipe-blocking", true));

        @Override
        public void execute(String name, Runnable task) {
            threads.execute(() -> {
                Thread thread = Thread.currentThread();
                String before = thread.getName();
                thread.setName("npipe-" + name);
                try {
                    task.run();
                } finally {
                    thread.setName(before);
                }
            });
        }
    };

    /**
     * Runs a task.
     *
     * @param name what the task is, as its thread's name tells
     */
    void execute(String name, Runnable task);
}
