/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** Threads for the few calls that may block: never an event loop's. They end after a minute without work. */
final class BlockingCalls {

    private static final Executor THREADS =
            Executors.newCachedThreadPool(new DefaultThreadFactory("npipe-blocking", true));

    /** Runs a task on one of them. */
    static void execute(Runnable task) {
        THREADS.execute(task);
    }

    private BlockingCalls() {}
}
