/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import com.sun.jna.Pointer;
import io.npipe.win32.NativeMemory;

/** Reads text as Windows has it in memory, on any system. */
public final class NativeText {

    /** UTF-16LE, from the address up to its NUL. */
    public static String wide(long address) {
        return NativeMemory.wideStringAt(address);
    }

    /** A 32-bit number, or null at address 0. */
    static Integer int32(long address) {
        return address == 0 ? null : new Pointer(address).getInt(0);
    }

    private NativeText() {}
}
