/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;
import java.util.concurrent.locks.LockSupport;

/** What happens to a thread that must not run anything any more, since it acts as someone else and cannot end that. */
@FunctionalInterface
interface ThreadEnd {

    /** What stands for the result of a call that was not made, or did not return: no error code is negative. */
    int NOT_CALLED = -1;

    /** It stays where it is, for ever. Microsoft's advice is to end the process; that is for the application to decide. */
    ThreadEnd PARK = (code, tellFirst) -> {
        try {
            tellFirst.run();
            InternalLogger logger = InternalLoggerFactory.getInstance(ThreadEnd.class);
            logger.error(
                    "The thread {} still acts as a client of a pipe and never runs again, since RevertToSelf failed with"
                            + " {}; end this process",
                    Thread.currentThread().getName(),
                    Win32Error.name(code));
        } finally { // also if nobody could be told: it has somebody else's rights
            parkForEver();
        }
    };

    private static void parkForEver() {
        while (true) {
            LockSupport.park();
            Thread.interrupted(); // else it would not park again
        }
    }

    /**
     * Does not return.
     *
     * @param code why the thread could not act as itself again
     * @param tellFirst tells those who wait for the thread, as far as that is possible
     */
    void because(int code, Runnable tellFirst);

    /**
     * Makes the calling thread act as itself again. Does not return if that fails.
     *
     * @param impersonated code of {@code ImpersonateNamedPipeClient}, or {@link #NOT_CALLED} if it did not return
     * @param tellFirst see {@link #because}
     */
    default void unlessReverted(Win32 win32, int impersonated, Runnable tellFirst) {
        if (impersonated == ERROR_SUCCESS || impersonated == NOT_CALLED) {
            int code = NOT_CALLED;
            try {
                code = win32.RevertToSelf();
            } finally {
                if (code != ERROR_SUCCESS) {
                    because(code, tellFirst);
                }
            }
        }
    }
}
