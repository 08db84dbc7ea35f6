/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import java.lang.reflect.Method;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * How long a test waits for what must come. No test may depend on the machine's speed: a limit is there only so that a
 * hang ends, and one that is twenty times slower than usual must keep it. So each wait has the same, {@link #SECONDS};
 * where a test needs to tell early from late, it counts, or takes virtual time.
 *
 * <p>As an extension, which every test gets, it ends a test that hangs elsewhere, after {@value #TEST_SECONDS} s: so much
 * later that a wait says first what it waited for. JUnit's own timeouts are switched off in {@code
 * junit-platform.properties}, as those of the tests that Netty's suite hands down are of 3 s and more.
 */
public final class HangLimit implements InvocationInterceptor {

    /** Of one wait. */
    public static final long SECONDS = 600;

    /** Of a test, and of each method that prepares it or cleans up. */
    private static final long TEST_SECONDS = 3 * SECONDS;

    private static final ScheduledExecutorService WATCH = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "hang-limit");
        thread.setDaemon(true);
        return thread;
    });

    /** Interrupts a thread that is late, and keeps where it stood. */
    private static final class Alarm implements Runnable {

        private final Thread thread = Thread.currentThread();
        private boolean isOver;
        private StackTraceElement[] stoodAt;

        @Override
        public synchronized void run() {
            if (!isOver) {
                stoodAt = thread.getStackTrace();
                thread.interrupt();
            }
        }

        /** Where the thread stood, or null if it was in time. Never interrupts it from now on. */
        synchronized StackTraceElement[] end() {
            isOver = true;
            return stoodAt;
        }
    }

    /** Proceeds; fails if it had to be interrupted. */
    static <T> T proceed(Invocation<T> invocation, long limit, TimeUnit unit) throws Throwable {
        Alarm alarm = new Alarm();
        ScheduledFuture<?> due = WATCH.schedule(alarm, limit, unit);
        T result = null;
        Throwable failure = null;
        try {
            result = invocation.proceed();
        } catch (Throwable e) { // of a test: thrown on below
            failure = e;
        }
        due.cancel(false);
        StackTraceElement[] stoodAt = alarm.end();
        if (stoodAt != null) {
            Thread.interrupted(); // was meant for what is over
            AssertionError hang =
                    new AssertionError("hung; interrupted after " + unit.toSeconds(limit) + " s", failure);
            hang.setStackTrace(stoodAt);
            throw hang;
        }
        if (failure != null) {
            throw failure;
        }
        return result;
    }

    private static <T> T proceed(Invocation<T> invocation) throws Throwable {
        return proceed(invocation, TEST_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void interceptBeforeAllMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        proceed(invocation);
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        proceed(invocation);
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        proceed(invocation);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        proceed(invocation);
    }

    @Override
    public <T> T interceptTestFactoryMethod(
            Invocation<T> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        return proceed(invocation);
    }

    @Override
    public void interceptDynamicTest(
            Invocation<Void> invocation, DynamicTestInvocationContext test, ExtensionContext context) throws Throwable {
        proceed(invocation);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        proceed(invocation);
    }

    @Override
    public void interceptAfterAllMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        proceed(invocation);
    }
}
