/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.npipe.win32.NativeWin32;

/** Tells whether named pipes can be used here, as {@code Epoll} and {@code IoUring} do for their transports. */
public final class NamedPipe {

    /**
     * Tells whether the channels and {@link io.npipe.iocp.IocpIoHandler} can be constructed.
     *
     * @return true on a 64-bit JVM on Windows
     */
    public static boolean isAvailable() {
        return unavailabilityCause() == null;
    }

    /**
     * Insists on it.
     *
     * @throws UnsatisfiedLinkError with {@link #unavailabilityCause()} if named pipes are not available
     */
    public static void ensureAvailability() {
        NativeWin32.get();
    }

    /**
     * Tells why not.
     *
     * @return the cause, or null if named pipes are available
     */
    public static Throwable unavailabilityCause() {
        return NativeWin32.unavailabilityCause();
    }

    private NamedPipe() {}
}
