/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.concurrent.locks.LockSupport;

/** What happens to a thread that must not run anything any more, since it acts as someone else and cannot end that. */
interface ThreadEnd {

    /** It stays where it is, for ever. Microsoft's advice is to end the process; that is for the application to decide. */
    ThreadEnd PARK = cause -> {
        InternalLogger logger = InternalLoggerFactory.getInstance(ThreadEnd.class);
        logger.error(
                "The thread {} still acts as a client of a pipe and never runs again; end this process",
                Thread.currentThread().getName(),
                cause);
        while (true) {
            LockSupport.park();
            Thread.interrupted(); // else it would not park again
        }
    };

    /** Does not return. */
    void because(Throwable cause);
}
