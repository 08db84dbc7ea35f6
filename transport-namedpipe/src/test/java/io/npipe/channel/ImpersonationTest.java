/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_BAD_IMPERSONATION_LEVEL;
import static io.npipe.win32.Win32Error.ERROR_NO_TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.ObservedWin32;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.Wine;
import io.npipe.win32.Win32;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Acting as the client. What another user then may: {@link SimulatedSecurityTest}. */
@Tag("any-jvm")
class ImpersonationTest {

    private final Win32 win32 = Kernels.win32();
    private final ExecutorService executor =
            Executors.newSingleThreadExecutor(new DefaultThreadFactory("impersonation", true));
    private final AtomicInteger revertsUntilFailure = new AtomicInteger();
    private final Inbox accepted = new Inbox();
    private PipeLab lab;
    private NamedPipeChannel client;
    private NamedPipeChannel child;

    @AfterEach
    void close() {
        executor.shutdown();
        if (lab != null) {
            lab.close();
        }
    }

    private void connect(ImpersonationLevel level) throws InterruptedException {
        lab = new PipeLab(
                1,
                new ObservedWin32(win32) {
                    @Override
                    public int RevertToSelf() {
                        return revertsUntilFailure.getAndDecrement() == 1 ? ERROR_ACCESS_DENIED : super.RevertToSelf();
                    }
                },
                1,
                win32);
        lab.bind(() -> accepted);
        client = (NamedPipeChannel) lab.client(new Inbox())
                .option(NamedPipeChannelOption.IMPERSONATION_LEVEL, level)
                .connect(lab.address())
                .syncUninterruptibly()
                .channel();
        child = (NamedPipeChannel) accepted.awaitActive();
    }

    /** The user that the calling thread acts as, or null for its process'. */
    private String impersonated() {
        ThreadToken token = new ThreadToken(win32, new PipeHandle(win32, NamedPipeAddress.of("none"), 0));
        try {
            return token.open() == ERROR_NO_TOKEN ? null : token.user();
        } catch (IOException e) {
            throw new AssertionError(e);
        } finally {
            token.close();
        }
    }

    private static Throwable failure(Future<?> future) {
        return future.awaitUninterruptibly().cause();
    }

    @Test
    void theTaskActsAsTheClientAndTheThreadAsItselfAfterwards() throws Exception {
        connect(ImpersonationLevel.IMPERSONATION);
        AtomicReference<Thread> thread = new AtomicReference<>();

        String user = child.impersonate(
                        () -> {
                            thread.set(Thread.currentThread());
                            return impersonated();
                        },
                        executor)
                .syncUninterruptibly()
                .getNow();

        assertEquals(win32.currentUserSid(), user);
        assertSame(thread.get(), executor.submit(Thread::currentThread).get());
        assertEquals(null, executor.submit(this::impersonated).get());
    }

    @Test
    void theTaskIsToldHowFarItReallyGoes() throws Exception {
        connect(ImpersonationLevel.IDENTIFICATION);
        assertEquals(
                Wine.isWine() ? ImpersonationLevel.IMPERSONATION : ImpersonationLevel.IDENTIFICATION,
                child.impersonate(granted -> granted, executor)
                        .syncUninterruptibly()
                        .getNow());
    }

    @Test
    void anAnonymousClientGivesNothing() throws Exception {
        connect(ImpersonationLevel.ANONYMOUS);
        assertEquals(
                Wine.isWine() ? ImpersonationLevel.IMPERSONATION : ImpersonationLevel.ANONYMOUS,
                child.impersonate(granted -> granted, executor)
                        .syncUninterruptibly()
                        .getNow());
        assertEquals(
                Wine.isWine() ? win32.currentUserSid() : null,
                child.peerCredentials().userSid());
    }

    @Test
    void aTaskThatDoesNotAskForTheLevelNeedsTheClientsLeave() throws Exception {
        connect(ImpersonationLevel.IDENTIFICATION);
        AtomicBoolean run = new AtomicBoolean();
        Future<Void> done = child.impersonate(
                () -> {
                    run.set(true);
                    return null;
                },
                executor);
        Throwable failure = failure(done);
        if (Wine.isWine()) {
            assertTrue(run.get());
            return;
        }
        NamedPipeException refusal = assertInstanceOf(NamedPipeException.class, failure);
        assertEquals(ERROR_BAD_IMPERSONATION_LEVEL, refusal.code());
        assertTrue(refusal.getMessage().contains("IDENTIFICATION"), refusal.getMessage());
        assertFalse(run.get());
        assertEquals(null, executor.submit(this::impersonated).get());
    }

    @Test
    void aTaskThatFailsFailsTheFutureAndEndsTheImpersonation() throws Exception {
        connect(ImpersonationLevel.IMPERSONATION);
        Exception failure = new Exception("of the task");
        assertSame(
                failure,
                failure(child.impersonate(
                        () -> {
                            throw failure;
                        },
                        executor)));
        Error error = new AssertionError("of the task");
        assertSame(
                error,
                failure(child.impersonate(
                        () -> {
                            throw error;
                        },
                        executor)));
        assertEquals(null, executor.submit(this::impersonated).get());
    }

    @Test
    void theFutureIsToldOnTheEventLoop() throws Exception {
        connect(ImpersonationLevel.IMPERSONATION);
        AtomicBoolean onLoop = new AtomicBoolean();
        CountDownLatch told = new CountDownLatch(1);
        child.impersonate(() -> null, executor).addListener(done -> {
            onLoop.set(child.eventLoop().inEventLoop());
            told.countDown();
        });
        assertTrue(told.await(HangLimit.SECONDS, TimeUnit.SECONDS));
        assertTrue(onLoop.get());
    }

    @Test
    void executorsOfNettyThatAreNoEventLoopsWillDo() throws Exception {
        connect(ImpersonationLevel.IMPERSONATION);
        DefaultEventExecutorGroup group = new DefaultEventExecutorGroup(1);
        try {
            assertEquals(
                    win32.currentUserSid(),
                    child.impersonate(this::impersonated, group)
                            .syncUninterruptibly()
                            .getNow());
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    // ---- what is refused -------------------------------------------------------------------------------------------

    private void assertRefused(String what, Executor unfit) {
        AtomicBoolean run = new AtomicBoolean();
        Throwable failure = failure(child.impersonate(
                () -> {
                    run.set(true);
                    return null;
                },
                unfit));
        assertInstanceOf(IllegalStateException.class, failure);
        assertTrue(failure.getMessage().contains(what), failure.getMessage());
        assertFalse(run.get());
    }

    @Test
    void eventLoopsAreRefused() throws Exception {
        connect(ImpersonationLevel.IMPERSONATION);
        assertRefused("event loop", child.eventLoop());
        assertRefused("event loop", lab.clientGroup());
        assertRefused("event loop", task -> child.eventLoop().submit(() -> ((Executor) Runnable::run).execute(task)));
    }

    @Test
    void virtualThreadsAreRefused() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "this JVM has none");
        connect(ImpersonationLevel.IMPERSONATION);
        ExecutorService virtual = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        assertRefused("virtual", virtual);
        virtual.shutdown();
    }

    @Test
    void aThreadThatImpersonatesIsRefusedAndGoesOn() throws Exception {
        connect(ImpersonationLevel.IMPERSONATION);
        String after = child.impersonate(
                        () -> {
                            assertRefused("already", Runnable::run);
                            return impersonated();
                        },
                        executor)
                .syncUninterruptibly()
                .getNow();
        assertEquals(win32.currentUserSid(), after, "the outer one is not ended by the inner one");
    }

    @Test
    void onlyTheServersEndImpersonates() throws Exception {
        connect(ImpersonationLevel.IMPERSONATION);
        assertInstanceOf(UnsupportedOperationException.class, failure(client.impersonate(() -> null, executor)));
    }

    @Test
    void afterTheCloseNobodyIsImpersonated() throws Exception {
        connect(ImpersonationLevel.IMPERSONATION);
        List<Runnable> later = new ArrayList<>();
        Future<Void> queued = child.impersonate(() -> null, later::add);
        child.close().syncUninterruptibly();
        assertInstanceOf(ClosedChannelException.class, failure(child.impersonate(() -> null, executor)));

        executor.submit(later.get(0)).get();
        assertInstanceOf(ClosedChannelException.class, failure(queued));
    }

    @Test
    void anExecutorThatRefusesFailsTheFuture() throws Exception {
        connect(ImpersonationLevel.IMPERSONATION);
        executor.shutdown();
        assertInstanceOf(RejectedExecutionException.class, failure(child.impersonate(() -> null, executor)));
        assertThrows(NullPointerException.class, () -> child.impersonate(() -> null, null));
    }

    @Test
    void whatIsCancelledInTimeDoesNotRun() throws Exception {
        connect(ImpersonationLevel.IMPERSONATION);
        List<Runnable> later = new ArrayList<>();
        AtomicBoolean run = new AtomicBoolean();
        Future<Void> queued = child.impersonate(
                () -> {
                    run.set(true);
                    return null;
                },
                later::add);
        assertTrue(queued.cancel(false));
        executor.submit(later.get(0)).get();
        assertFalse(run.get());
    }

    // ---- a failed revert -------------------------------------------------------------------------------------------

    /** After the look at whom it would act as, and after the task. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aThreadThatCannotActAsItselfAgainNeverRunsAnythingMore(int revert) throws Exception {
        connect(ImpersonationLevel.IMPERSONATION);
        Thread thread = executor.submit(Thread::currentThread).get();
        AtomicBoolean taskRun = new AtomicBoolean();
        revertsUntilFailure.set(revert);
        Future<String> done = child.impersonate(
                () -> {
                    taskRun.set(true);
                    return "result";
                },
                executor);
        Throwable failure = assertInstanceOf(IllegalStateException.class, failure(done));
        assertTrue(failure.getMessage().contains("RevertToSelf"), failure.getMessage());
        assertEquals(revert == 2, taskRun.get());

        AtomicBoolean run = new AtomicBoolean();
        executor.execute(() -> run.set(true));
        for (int i = 0; i < 3; i++) {
            awaitParked(thread);
            thread.interrupt();
        }
        awaitParked(thread);
        assertFalse(run.get());
        assertFalse(executor.isTerminated());
    }

    private static void awaitParked(Thread thread) {
        while (thread.getState() != Thread.State.WAITING || thread.isInterrupted()) {
            assertTrue(thread.isAlive());
            Thread.onSpinWait();
        }
    }
}
