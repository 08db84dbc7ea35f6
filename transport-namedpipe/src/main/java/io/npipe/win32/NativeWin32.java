/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import com.sun.jna.Native;
import com.sun.jna.Platform;

/** Whether this JVM can make the calls of {@link Win32}, and the one instance that makes them. */
public final class NativeWin32 {

    private static final Win32 INSTANCE;
    private static final Throwable UNAVAILABILITY_CAUSE;

    static {
        Win32 instance = null;
        Throwable cause = null;
        try {
            if (!Platform.isWindows() || !Platform.is64Bit() || Native.POINTER_SIZE != Long.BYTES) {
                cause = new UnsupportedOperationException("named pipes need a 64-bit JVM on Windows; this is "
                        + System.getProperty("os.name") + " (" + System.getProperty("os.arch") + ")");
            } else {
                instance = new JnaWin32(); // binds everything: what is missing shows here, not on an event loop
            }
        } catch (Throwable t) { // whatever kept JNA from loading is the answer to unavailabilityCause()
            instance = null;
            cause = t;
        }
        INSTANCE = instance;
        UNAVAILABILITY_CAUSE = cause;
    }

    /**
     * Tells why {@link #get()} would throw.
     *
     * @return the cause, or null if the calls can be made
     */
    public static Throwable unavailabilityCause() {
        return UNAVAILABILITY_CAUSE;
    }

    /**
     * Gives access to the calls.
     *
     * @return the implementation for this system
     * @throws UnsatisfiedLinkError with {@link #unavailabilityCause()} on a JVM that cannot make them
     */
    public static Win32 get() {
        if (INSTANCE == null) {
            throw (UnsatisfiedLinkError)
                    new UnsatisfiedLinkError("named pipes are not available: " + UNAVAILABILITY_CAUSE.getMessage())
                            .initCause(UNAVAILABILITY_CAUSE);
        }
        return INSTANCE;
    }

    private NativeWin32() {}
}
