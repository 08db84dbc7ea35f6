/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalChannel;
import io.npipe.testkit.CountingWin32;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.ObservedWin32;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.win32.Win32;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The poller on the real kernel: wake-ups, timers, what tasks may do to it, and its end. */
@Tag("any-jvm")
class IocpIoHandlerTest {

    private final SleepSignal kernel = new SleepSignal(Kernels.win32());
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, IocpIoHandler.newFactory(new IocpIoHandlerOptions().win32(kernel)));
    private final EventLoop loop = group.next();

    @AfterEach
    void endLoop() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS);
        assertTrue(group.terminationFuture().awaitUninterruptibly(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    /** Tells when the loop is about to wait without end, and counts. */
    private static final class SleepSignal extends ObservedWin32 {

        final CountingWin32 counts;
        final Semaphore sleeps = new Semaphore(0);

        SleepSignal(Win32 delegate) {
            this(new CountingWin32(delegate));
        }

        private SleepSignal(CountingWin32 counts) {
            super(counts);
            this.counts = counts;
        }

        @Override
        public int GetQueuedCompletionStatusEx(
                long port, long entries, int count, long removed, int milliseconds, int alertable) {
            if (milliseconds == Win32.INFINITE) {
                sleeps.release();
            }
            return super.GetQueuedCompletionStatusEx(port, entries, count, removed, milliseconds, alertable);
        }
    }

    @Test
    void aTaskFromOutsidePostsOncePerSleep() throws Exception {
        int tasks = 200;
        for (int i = 0; i < tasks; i++) {
            CountDownLatch ran = new CountDownLatch(1);
            loop.execute(ran::countDown);
            assertTrue(ran.await(HangLimit.SECONDS, TimeUnit.SECONDS));
        }

        long posts = kernel.counts.count(Call.PostQueuedCompletionStatus);
        assertTrue(posts <= tasks, () -> posts + " posts for " + tasks + " tasks");
    }

    @Test
    void aBurstOfTasksPostsNoMoreOftenThanTheLoopSleeps() throws Exception {
        int tasks = 20_000;
        CountDownLatch ran = new CountDownLatch(tasks);
        loop.execute(() -> {});
        for (int i = 0; i < tasks; i++) {
            loop.execute(ran::countDown);
        }
        assertTrue(ran.await(HangLimit.SECONDS, TimeUnit.SECONDS));

        long posts = kernel.counts.count(Call.PostQueuedCompletionStatus);
        long dequeues = kernel.counts.count(Call.GetQueuedCompletionStatusEx);
        assertTrue(posts <= dequeues, () -> posts + " posts, " + dequeues + " dequeues");
    }

    @Test
    void tasksOfTheLoopItselfPostNothing() throws Exception {
        CompletableFuture<Long> posts = new CompletableFuture<>();
        loop.execute(() -> {
            long before = kernel.counts.count(Call.PostQueuedCompletionStatus);
            for (int i = 0; i < 100; i++) {
                loop.execute(() -> {});
            }
            loop.execute(() -> posts.complete(kernel.counts.count(Call.PostQueuedCompletionStatus) - before));
        });

        assertEquals(0, posts.get(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void aTimerThatIsDueIsNotHeldUpByCompletions() throws Exception {
        Probe probe = new Probe();
        probe.postAgain = true; // a completion in every turn of the loop, without end
        IoRegistration counted = ((IoEventLoop) loop).register(probe).get();
        IocpIoRegistration registration = counted.attachment();
        loop.submit(registration::expectPost).get();
        registration.post(1);

        List<Integer> turnsLate = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            turnsLate.add(loop.submit(() -> {
                        Future<Integer> fired = loop.schedule(() -> probe.sinceDue, 10, TimeUnit.MILLISECONDS);
                        probe.due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(10); // not before it is
                        probe.sinceDue = 0;
                        return fired;
                    })
                    .get(HangLimit.SECONDS, TimeUnit.SECONDS)
                    .get(HangLimit.SECONDS, TimeUnit.SECONDS));
        }
        probe.postAgain = false;
        counted.cancel();
        assertTrue(probe.unregistered.await(HangLimit.SECONDS, TimeUnit.SECONDS));

        assertTrue(probe.posts.size() > 50, () -> "no load: " + probe.posts.size());
        assertTrue(turnsLate.stream().allMatch(turns -> turns <= 2), () -> "late by turns: " + turnsLate);
    }

    /** How late they are is the machine's; how long the loop waits for them, see {@link HandlerTurnsTest}. */
    @Test
    void timersFireAndNeverEarly() throws Exception {
        for (int i = 0; i < 50; i++) {
            long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(10);
            AtomicLong fired = new AtomicLong();
            loop.schedule(() -> fired.set(System.nanoTime()), 10, TimeUnit.MILLISECONDS)
                    .get(HangLimit.SECONDS, TimeUnit.SECONDS);
            assertTrue(fired.get() >= due, "early");
        }
    }

    @Test
    void anInterruptedThreadNeitherSpinsNorStops() throws Exception {
        loop.submit(() -> Thread.currentThread().interrupt()).get(HangLimit.SECONDS, TimeUnit.SECONDS);
        long before = kernel.counts.count(Call.GetQueuedCompletionStatusEx);

        assertFalse(loop.terminationFuture().await(200));

        long turns = kernel.counts.count(Call.GetQueuedCompletionStatusEx) - before;
        assertTrue(turns <= 3, () -> turns + " turns while there was nothing to do");
        assertEquals(7, loop.submit(() -> 7).get(HangLimit.SECONDS, TimeUnit.SECONDS));
        assertTrue(loop.submit(Thread::interrupted).get(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void throwingTasksDoNotEndTheLoop() throws Exception {
        loop.execute(() -> {
            throw new IllegalStateException("planted");
        });
        loop.execute(() -> {
            throw new AssertionError("planted");
        });

        assertEquals(7, loop.submit(() -> 7).get(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void wakeUpsDuringAndAfterTheEndAreRefusedQuietly() throws Exception {
        for (int i = 0; i < 50; i++) {
            EventLoopGroup shortLived = new MultiThreadIoEventLoopGroup(
                    1, IocpIoHandler.newFactory(new IocpIoHandlerOptions().win32(kernel)));
            EventLoop its = shortLived.next();
            CountDownLatch started = new CountDownLatch(1);
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Thread waker = new Thread(() -> {
                try {
                    while (!its.isTerminated()) {
                        try {
                            its.execute(started::countDown);
                        } catch (java.util.concurrent.RejectedExecutionException shuttingDown) {
                            started.countDown();
                        }
                    }
                    failure.complete(null);
                } catch (Throwable t) {
                    failure.complete(t);
                }
            });
            waker.start();
            assertTrue(started.await(HangLimit.SECONDS, TimeUnit.SECONDS));
            shortLived.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
            waker.join();
            assertEquals(null, failure.get());
        }
    }

    @Test
    void postsAreDeliveredAndKeepTheRegistrationUntilThen() throws Exception {
        Probe probe = new Probe();
        IoRegistration counted = ((IoEventLoop) loop).register(probe).get();
        IocpIoRegistration registration = counted.attachment();
        loop.submit(registration::expectPost).get();

        assertTrue(counted.cancel());
        loop.submit(() -> {}).get();
        assertEquals(1, probe.unregistered.getCount(), "gone although a post is expected");
        assertTrue(registration.post(42));

        assertTrue(probe.unregistered.await(HangLimit.SECONDS, TimeUnit.SECONDS));
        assertEquals(List.of(42), probe.posts);
    }

    @Test
    void aHandleThatThrowsDoesNotEndTheLoop() throws Exception {
        Probe probe = new Probe();
        probe.failure = new AssertionError("planted");
        IoRegistration counted = ((IoEventLoop) loop).register(probe).get();
        IocpIoRegistration registration = counted.attachment();
        loop.submit(registration::expectPost).get();
        registration.post(1);

        assertEquals(7, loop.submit(() -> 7).get(HangLimit.SECONDS, TimeUnit.SECONDS));
        counted.cancel();
        assertTrue(probe.unregistered.await(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void anErrorWhileRegisteringFailsThePromise() {
        Probe probe = new Probe();
        probe.registeredFailure = new AssertionError("planted");

        ExecutionException failure = assertThrows(
                ExecutionException.class,
                () -> ((IoEventLoop) loop).register(probe).get(HangLimit.SECONDS, TimeUnit.SECONDS));
        assertInstanceOf(IllegalStateException.class, failure.getCause());
    }

    @Test
    void channelsOfOtherTransportsAreNotCompatible() {
        assertInstanceOf(
                IllegalArgumentException.class,
                loop.register(new LocalChannel()).awaitUninterruptibly().cause());
    }

    @Test
    void idsAreGivenOutAgain() throws Exception {
        for (int i = 0; i < 1000; i++) {
            Probe probe = new Probe();
            IoRegistration counted = ((IoEventLoop) loop).register(probe).get();
            IocpIoRegistration registration = counted.attachment();
            assertTrue(registration.id() <= 2, () -> "id " + registration.id());
            counted.cancel();
            assertTrue(probe.unregistered.await(HangLimit.SECONDS, TimeUnit.SECONDS));
        }
    }

    /** A handle without a kernel handle. */
    private static final class Probe implements IocpIoHandle {

        final List<Integer> posts = new ArrayList<>();
        final CountDownLatch unregistered = new CountDownLatch(1);
        volatile boolean postAgain;

        // Of the loop's thread.
        long due = System.nanoTime() + TimeUnit.DAYS.toNanos(1);
        int sinceDue;

        Error failure;
        Error registeredFailure;

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            posts.add(((IocpIoEvent) event).bytesTransferred());
            if (System.nanoTime() - due >= 0) {
                sinceDue++;
            }
            if (postAgain) {
                IocpIoRegistration own = registration.attachment();
                own.expectPost();
                own.post(1);
            }
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public void registered() {
            if (registeredFailure != null) {
                throw registeredFailure;
            }
        }

        @Override
        public void unregistered() {
            unregistered.countDown();
        }

        @Override
        public void close() {
            // nothing to close
        }
    }
}
