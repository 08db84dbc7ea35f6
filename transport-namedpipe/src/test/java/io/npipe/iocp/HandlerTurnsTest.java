/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.ManualIoEventLoop;
import io.npipe.simulation.LoneKernel;
import io.npipe.testkit.LogWatch;
import io.npipe.testkit.ObservedWin32;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The poller, turn by turn, without a loop that would turn it: how long it waits, what it counts and what it leaves. */
@Tag("any-jvm")
class HandlerTurnsTest {

    private static final long NO_DEADLINE = -1;

    private final LoneKernel kernel = new LoneKernel(false);
    private final Waits win32 = new Waits(kernel.kernel());
    private IocpIoHandler handler;
    private final ManualIoEventLoop loop;
    private final Turn turn = new Turn();
    private boolean destroyed;

    HandlerTurnsTest() {
        var factory = IocpIoHandler.newFactory(new IocpIoHandlerOptions().win32(win32));
        assertTrue(factory.isChangingThreadSupported());
        loop = new ManualIoEventLoop(
                null,
                Thread.currentThread(),
                executor -> handler = (IocpIoHandler) factory.newHandler(executor),
                kernel.time());
        assertSame(kernel.time(), loop.ticker());
    }

    @AfterEach
    void nothingIsLeft() {
        if (!destroyed) {
            handler.destroy();
        }
        kernel.assertClean();
    }

    /** Notes how long its caller would wait, and lets that time pass at once; without end, none. */
    private static final class Waits extends ObservedWin32 {

        final List<Integer> millis = new ArrayList<>();

        Waits(Win32 delegate) {
            super(delegate);
        }

        @Override
        public int GetQueuedCompletionStatusEx(
                long port, long entries, int count, long removed, int milliseconds, int alertable) {
            millis.add(milliseconds);
            return super.GetQueuedCompletionStatusEx(
                    port, entries, count, removed, milliseconds == Win32.INFINITE ? 0 : milliseconds, alertable);
        }
    }

    private static final class Turn implements IoHandlerContext {

        boolean canBlock = true;
        long delay;
        long deadline = NO_DEADLINE;
        boolean reports;
        final List<Long> reported = new ArrayList<>();

        @Override
        public boolean canBlock() {
            return canBlock;
        }

        @Override
        public long delayNanos(long currentTimeNanos) {
            return delay;
        }

        @Override
        public long deadlineNanos() {
            return deadline;
        }

        @Override
        public boolean shouldReportActiveIoTime() {
            return reports;
        }

        @Override
        public void reportActiveIoTime(long activeNanos) {
            reported.add(activeNanos);
        }
    }

    /** A handle without a kernel handle. */
    private static final class Probe implements IocpIoHandle {

        final List<Integer> posts = new ArrayList<>();
        int registered;
        int unregistered;
        int closed;
        Consumer<IocpIoRegistration> whenPosted = registration -> {};

        @Override
        public void registered() {
            registered++;
        }

        @Override
        public void unregistered() {
            unregistered++;
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            assertEquals(IocpIoOps.POST, ((IocpIoEvent) event).opcode());
            posts.add(((IocpIoEvent) event).bytesTransferred());
            whenPosted.accept((IocpIoRegistration) registration);
        }

        @Override
        public void close() {
            closed++;
        }
    }

    private IocpIoRegistration register(IocpIoHandle handle) throws Exception {
        return (IocpIoRegistration) handler.register(handle);
    }

    private static void onAnotherThread(Runnable action) throws InterruptedException {
        Thread thread = new Thread(action);
        thread.start();
        thread.join();
    }

    // ---- how long it waits -----------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "-5, 0",
        "0, 0",
        "1, 1",
        "999999, 1",
        "1000000, 1",
        "1000001, 2",
        "2000000, 2",
        "9223372036854775807, 2147483647"
    })
    void itWaitsForWholeMillisecondsRoundedUp(long delayNanos, int millis) {
        turn.deadline = 1;
        turn.delay = delayNanos;
        handler.run(turn);
        assertEquals(List.of(millis), win32.millis);
    }

    @Test
    void withoutADeadlineItWaitsWithoutEnd() {
        handler.run(turn);
        handler.run(turn);
        assertEquals(List.of(Win32.INFINITE, Win32.INFINITE), win32.millis);
    }

    @Test
    void itDoesNotWaitWhenTheLoopHasTasks() {
        turn.canBlock = false;
        handler.run(turn);
        assertEquals(List.of(0), win32.millis);
    }

    @Test
    void aWakeUpWhileItIsAwakeKeepsItFromWaitingOnce() throws Exception {
        onAnotherThread(handler::wakeup);
        handler.run(turn);
        handler.run(turn);
        assertEquals(List.of(0, Win32.INFINITE), win32.millis);
    }

    @Test
    void aWakeUpOfItsOwnThreadIsNone() {
        handler.wakeup();
        handler.run(turn);
        assertEquals(List.of(Win32.INFINITE), win32.millis);
    }

    // ---- what it counts --------------------------------------------------------------------------------------------

    @Test
    void aTurnTellsHowManyHandlesItServed() throws Exception {
        Probe probe = new Probe();
        IocpIoRegistration registration = register(probe);
        assertEquals(1, probe.registered);
        registration.expectPost();
        registration.expectPost();
        assertTrue(registration.post(17));
        assertTrue(registration.post(4));

        assertEquals(2, handler.run(turn));
        assertEquals(0, handler.run(turn));

        assertEquals(List.of(17, 4), probe.posts);
        assertTrue(registration.cancel());
    }

    @Test
    void theTimeOfDispatchingIsReportedWhenAskedFor() throws Exception {
        IocpIoRegistration registration = register(new Probe());
        registration.expectPost();
        registration.post(1);
        turn.reports = true;
        long before = System.nanoTime();

        assertEquals(1, handler.run(turn));
        assertEquals(0, handler.run(turn));

        long most = System.nanoTime() - before;
        assertEquals(2, turn.reported.size());
        assertTrue(
                turn.reported.stream().allMatch(nanos -> nanos >= 0 && nanos <= most),
                () -> turn.reported + " of " + most);
        assertTrue(registration.cancel());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 4711})
    void aPacketForNobodyIsLoggedAndCounted(int key) {
        try (LogWatch log = LogWatch.begin()) {
            assertTrue(handler.port().post(key, 0));
            assertEquals(1, handler.run(turn));
            assertEquals(1, log.problems().size());
            assertTrue(log.problems().get(0).contains("" + key), log.problems().get(0));
        }
    }

    // ---- registrations ---------------------------------------------------------------------------------------------

    @Test
    void onlyItsOwnKindOfHandleIsCompatible() {
        assertTrue(handler.isCompatible(IocpIoHandle.class));
        assertFalse(handler.isCompatible(IoHandle.class));
        assertThrows(
                IllegalArgumentException.class,
                () -> handler.register(new IoHandle() {
                    @Override
                    public void handle(IoRegistration registration, IoEvent event) {
                        throw new AssertionError();
                    }

                    @Override
                    public void close() {
                        throw new AssertionError();
                    }
                }));
    }

    @Test
    void aCancelledRegistrationStaysUntilItsLastEvent() throws Exception {
        Probe probe = new Probe();
        IocpIoRegistration registration = register(probe);
        registration.expectPost();
        assertTrue(registration.isBusy());
        assertTrue(registration.isValid());

        assertTrue(registration.cancel());
        assertFalse(registration.cancel());
        assertFalse(registration.isValid());
        handler.run(turn);
        assertEquals(0, probe.unregistered);
        assertEquals(
                Win32Error.ERROR_OPERATION_ABORTED,
                IocpIoOps.code(registration.submit(new IocpIoOps().read(0, 0, 1, true))));

        registration.post(0);
        handler.run(turn);
        assertFalse(registration.isBusy());
        assertEquals(1, probe.unregistered);
        assertEquals(0, IocpHandlers.registrations(handler));
    }

    @Test
    void aRegistrationIsCancelledFromAnyThread() throws Exception {
        Probe probe = new Probe();
        IocpIoRegistration registration = register(probe);
        onAnotherThread(registration::cancel);
        assertFalse(registration.isValid());
        assertEquals(0, probe.unregistered, "that is told on the loop");
        loop.runNow();
        assertEquals(1, probe.unregistered);
    }

    @Test
    void aRegistrationCancelledInItsEventGoesOnce() throws Exception {
        Probe probe = new Probe();
        IocpIoRegistration registration = register(probe);
        probe.whenPosted = IoRegistration::cancel;
        registration.expectPost();
        registration.post(0);
        handler.run(turn);
        assertEquals(1, probe.unregistered);
        assertEquals(0, IocpHandlers.registrations(handler));
    }

    @Test
    void whatAHandleThrowsIsLoggedAndTheNextIsServed() throws Exception {
        Probe bad = new Probe();
        Probe good = new Probe();
        bad.whenPosted = registration -> {
            throw new AssertionError("a bug");
        };
        for (Probe probe : List.of(bad, good)) {
            IocpIoRegistration registration = register(probe);
            registration.expectPost();
            registration.post(0);
        }
        try (LogWatch log = LogWatch.begin()) {
            assertEquals(2, handler.run(turn));
            assertEquals(1, log.problems().size());
            assertTrue(log.problems().get(0).contains("a bug"), log.problems().get(0));
            assertTrue(
                    log.problems().get(0).contains("IocpIoEvent(opcode="),
                    log.problems().get(0));
        }
        assertEquals(1, good.posts.size());
    }

    @Test
    void idsAreGivenOutAgainHoweverManyThereWere() throws Exception {
        for (int round = 0; round < 3; round++) {
            List<IocpIoRegistration> registrations = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                registrations.add(register(new Probe()));
            }
            assertEquals(
                    1000,
                    registrations.stream()
                            .map(IocpIoRegistration::id)
                            .filter(id -> id >= 1 && id <= 1000)
                            .distinct()
                            .count());
            registrations.forEach(IocpIoRegistration::cancel);
            assertEquals(0, IocpHandlers.registrations(handler));
        }
    }

    // ---- its end ---------------------------------------------------------------------------------------------------

    @Test
    void preparingToDestroyClosesEveryHandleAndWaitsASecondForItsEvents() throws Exception {
        Probe probe = new Probe();
        IocpIoRegistration registration = register(probe);
        registration.expectPost();

        handler.prepareToDestroy();
        assertEquals(1, probe.closed);
        assertEquals(1001, kernel.time().nanoTime() / 1_000_000);
        assertEquals(List.of(), probe.posts);
        IllegalStateException refused = assertThrows(IllegalStateException.class, () -> register(new Probe()));
        assertTrue(refused.getMessage().contains("shutting down"), refused.getMessage());

        registration.post(3);
        handler.prepareToDestroy();
        assertEquals(List.of(3), probe.posts);
        assertEquals(1001, kernel.time().nanoTime() / 1_000_000, "it waits no longer than there is something to come");
    }

    @Test
    void destroyingDrainsWhatIsStillToCome() throws Exception {
        Probe probe = new Probe();
        IocpIoRegistration registration = register(probe);
        registration.expectPost();
        registration.post(3);

        handler.destroy();
        destroyed = true;

        assertEquals(1, probe.closed);
        assertEquals(List.of(3), probe.posts);
        assertFalse(registration.post(4), "the port is gone");
    }

    /** What a handle throws from its close must not keep the others from being closed. */
    @Test
    void aHandleThatCannotBeClosedIsLogged() throws Exception {
        Probe good = new Probe();
        register(new IocpIoHandle() {
            @Override
            public void handle(IoRegistration registration, IoEvent event) {
                throw new AssertionError();
            }

            @Override
            public void close() {
                throw new IllegalStateException("it does not close");
            }
        });
        register(good);
        try (LogWatch log = LogWatch.begin()) {
            handler.prepareToDestroy();
            assertEquals(1, log.problems().size());
            assertTrue(
                    log.problems().get(0).contains("it does not close"),
                    log.problems().get(0));
        }
        assertEquals(1, good.closed);
    }

    @Test
    void memoryThatTheKernelMayStillWriteIsNeverFreed() throws Exception {
        IocpIoRegistration registration = register(new Probe());
        registration.expectPost();
        Freed freed = new Freed();
        NativeMemory.observe(freed);
        try (LogWatch log = LogWatch.begin()) {
            handler.destroy();
            destroyed = true;
            assertEquals(1, log.problems().size());
            assertTrue(
                    log.problems().get(0).contains("never freed"),
                    log.problems().get(0));
        } finally {
            NativeMemory.observe(null);
        }
        assertTrue(kernel.time().nanoTime() >= TimeUnit.SECONDS.toNanos(5));
        assertEquals(1, freed.count, "what the port dequeues into, and no OVERLAPPED");
    }

    @Test
    void memoryThatNobodyUsesIsFreed() throws Exception {
        assertInstanceOf(IocpIoRegistration.class, register(new Probe()));
        Freed freed = new Freed();
        NativeMemory.observe(freed);
        try {
            handler.destroy();
            destroyed = true;
        } finally {
            NativeMemory.observe(null);
        }
        assertEquals(2, freed.count, "what the port dequeues into, and the OVERLAPPEDs");
    }

    private static final class Freed implements NativeMemory.Observer {

        int count;

        @Override
        public void allocating(int size) {}

        @Override
        public void allocated(long address, int size) {}

        @Override
        public void freeing(long address) {
            count++;
        }
    }
}
