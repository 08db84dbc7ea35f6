/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import io.npipe.testkit.Wine;
import io.npipe.win32.NativeWin32;

/** The contract of the seam, on this system's kernel. */
class JnaWin32ContractTest extends WholeContract {

    private static final Win32Contract.Kernel REAL = new Win32Contract.Kernel(NativeWin32.get(), Wine.isWine());

    @Override
    Win32Contract.Kernel kernel() {
        return REAL;
    }
}
