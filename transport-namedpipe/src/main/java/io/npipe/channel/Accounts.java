/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import io.npipe.win32.Sid;
import io.npipe.win32.Win32;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Names of users and groups, and their SIDs. Windows may ask another machine for them. */
final class Accounts {

    /** A few daemon threads: a machine that does not answer must not cost a thread for each name. */
    static final Executor THREADS = threads();

    private static final int MAX_THREADS = 4;

    private static Executor threads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                MAX_THREADS,
                MAX_THREADS,
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory("npipe-accounts", true));
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /**
     * The SID of what may be one already. Blocks if it is not.
     *
     * @throws IllegalArgumentException if there is no such account
     */
    static String sidOf(Supplier<Win32> win32, String sidOrAccount) {
        Objects.requireNonNull(sidOrAccount, "sidOrAccount");
        if (Sid.isSid(sidOrAccount)) {
            return sidOrAccount.toUpperCase(Locale.ROOT);
        }
        String sid = sidOrAccount.isEmpty() ? null : win32.get().sidOfAccount(sidOrAccount);
        if (sid == null) {
            throw new IllegalArgumentException("there is no account \"" + sidOrAccount + "\"");
        }
        return sid;
    }

    /** The name of an account; null if the SID has none. Any thread; listeners are told on Netty's global executor. */
    static Future<String> nameOf(Supplier<Win32> win32, Executor threads, String sid) {
        Promise<String> name = GlobalEventExecutor.INSTANCE.newPromise();
        threads.execute(() -> {
            try {
                name.trySuccess(win32.get().accountOfSid(sid));
            } catch (Throwable t) { // whatever it was: else nobody would hear of it
                name.tryFailure(t);
            }
        });
        return name;
    }

    private Accounts() {}
}
