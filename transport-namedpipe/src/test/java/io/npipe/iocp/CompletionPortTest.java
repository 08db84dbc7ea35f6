/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import static io.npipe.win32.Win32Error.ERROR_INVALID_HANDLE;
import static io.npipe.win32.Win32Error.ERROR_INVALID_PARAMETER;
import static io.npipe.win32.Win32Error.ERROR_NOT_ENOUGH_MEMORY;
import static io.npipe.win32.Win32Error.ERROR_NOT_ENOUGH_QUOTA;
import static io.npipe.win32.Win32Error.ERROR_NO_SYSTEM_RESOURCES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.simulation.LoneKernel;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.LogWatch;
import io.npipe.testkit.ObservedWin32;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Win32Error;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A completion port when calls fail: memory runs out, or somebody has made a mistake. */
@Tag("any-jvm")
class CompletionPortTest {

    private final CountDownLatch refused = new CountDownLatch(3);

    private final class NoMemory extends ObservedWin32 {

        NoMemory() {
            super(Kernels.win32());
        }

        @Override
        public int PostQueuedCompletionStatus(long port, int bytes, long key, long overlapped) {
            refused.countDown();
            return ERROR_NO_SYSTEM_RESOURCES;
        }
    }

    @Test
    void aPostThatWaitsForMemoryDoesNotHoldTheClose() throws Exception {
        CompletionPort port = new CompletionPort(new NoMemory(), 1);
        CompletableFuture<Boolean> post = CompletableFuture.supplyAsync(() -> port.post(1, 0));
        assertTrue(refused.await(HangLimit.SECONDS, TimeUnit.SECONDS), "it is tried again");

        port.close();

        assertFalse(post.get(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    /** Calls fail with a code, as often as told. */
    private static final class Failing extends ObservedWin32 {

        private final LoneKernel kernel;
        private int posts;
        private int creations;
        private int code;

        Failing(LoneKernel kernel) {
            super(kernel.kernel());
            this.kernel = kernel;
        }

        @Override
        public int PostQueuedCompletionStatus(long port, int bytes, long key, long overlapped) {
            return posts-- > 0 ? code : super.PostQueuedCompletionStatus(port, bytes, key, overlapped);
        }

        @Override
        public long CreateIoCompletionPort(long file, long port, long key, int threads) {
            return creations-- > 0 ? -code : super.CreateIoCompletionPort(file, port, key, threads);
        }
    }

    private final Failing win32 = new Failing(new LoneKernel(false));

    @ParameterizedTest
    @ValueSource(ints = {ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_MEMORY, ERROR_NOT_ENOUGH_QUOTA})
    void aPostIsTriedAgainUntilThereIsMemoryAndSaysSoOnce(int code) {
        CompletionPort port = new CompletionPort(win32, 4);
        win32.code = code;
        win32.posts = 3;
        try (LogWatch log = LogWatch.begin()) {
            assertTrue(port.post(5, 6));
            assertEquals(1, log.problems().size());
            assertTrue(log.problems().get(0).contains(Win32Error.name(code) + " (" + code + "): "), () -> log.problems()
                    .get(0));
        }
        assertEquals(1, port.dequeue(0));
        assertEquals(5, port.key(0));
        assertEquals(6, port.bytesTransferred(0));
        assertEquals(0, port.overlapped(0));
        port.close();
        assertFalse(port.post(5, 6));
        win32.kernel.assertClean();
    }

    @Test
    void aPostThatFailsOtherwiseIsABug() {
        CompletionPort port = new CompletionPort(win32, 4);
        win32.code = ERROR_INVALID_HANDLE;
        win32.posts = 1;
        try (LogWatch log = LogWatch.begin()) {
            IllegalStateException failure = assertThrows(IllegalStateException.class, () -> port.post(5, 6));
            assertTrue(failure.getMessage().contains("ERROR_INVALID_HANDLE (6)"), failure.getMessage());
            assertEquals(1, log.problems().size());
        }
        port.close();
    }

    @Test
    void aPortThatCannotBeCreatedLeavesNoMemory() {
        win32.code = ERROR_NO_SYSTEM_RESOURCES;
        win32.creations = 1;
        int[] blocks = new int[1];
        NativeMemory.observe(new NativeMemory.Observer() {
            @Override
            public void allocating(int size) {}

            @Override
            public void allocated(long address, int size) {
                blocks[0]++;
            }

            @Override
            public void freeing(long address) {
                blocks[0]--;
            }
        });
        try {
            IllegalStateException failure =
                    assertThrows(IllegalStateException.class, () -> new CompletionPort(win32, 4));
            assertTrue(failure.getMessage().contains("ERROR_NO_SYSTEM_RESOURCES"), failure.getMessage());
        } finally {
            NativeMemory.observe(null);
        }
        assertEquals(0, blocks[0]);
    }

    @Test
    void whatCannotJoinSaysWhy() {
        CompletionPort port = new CompletionPort(win32, 4);
        win32.code = ERROR_INVALID_PARAMETER;
        win32.creations = 1;
        assertEquals(ERROR_INVALID_PARAMETER, port.associate(1, 1));
        port.close();
    }
}
