/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import static io.npipe.win32.Win32Error.ERROR_NO_SYSTEM_RESOURCES;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.testkit.Kernels;
import io.npipe.testkit.ObservedWin32;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A port whose packets find no memory. */
@Tag("any-jvm")
@Timeout(30)
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
        assertTrue(refused.await(20, TimeUnit.SECONDS), "it is tried again");

        port.close();

        assertFalse(post.get(20, TimeUnit.SECONDS));
    }
}
