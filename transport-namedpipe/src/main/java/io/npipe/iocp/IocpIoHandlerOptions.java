/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import io.netty.util.internal.ObjectUtil;
import io.npipe.win32.NativeWin32;
import io.npipe.win32.Win32;
import java.util.Objects;

/** How an {@link IocpIoHandler} works. Set before {@link IocpIoHandler#newFactory(IocpIoHandlerOptions)}. */
public final class IocpIoHandlerOptions {

    /** Default of {@link #completionsPerDequeue(int)}. */
    public static final int DEFAULT_COMPLETIONS_PER_DEQUEUE = 256;

    private int completionsPerDequeue = DEFAULT_COMPLETIONS_PER_DEQUEUE;
    private Win32 win32;

    /** Begins with the defaults. */
    public IocpIoHandlerOptions() {}

    /**
     * Sets how many completions one {@code GetQueuedCompletionStatusEx} takes at most before tasks get their turn.
     *
     * @param count more than 0; {@value #DEFAULT_COMPLETIONS_PER_DEQUEUE} by default
     * @return this
     */
    public IocpIoHandlerOptions completionsPerDequeue(int count) {
        completionsPerDequeue = ObjectUtil.checkPositive(count, "count");
        return this;
    }

    /**
     * Sets the kernel to work with: for tests that count, record or simulate its calls.
     *
     * @param kernel seam; the system's own by default
     * @return this
     */
    public IocpIoHandlerOptions win32(Win32 kernel) {
        win32 = Objects.requireNonNull(kernel, "kernel");
        return this;
    }

    int completionsPerDequeue() {
        return completionsPerDequeue;
    }

    Win32 win32() {
        if (win32 == null) {
            win32 = NativeWin32.get();
        }
        return win32;
    }
}
