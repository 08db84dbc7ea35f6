/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import io.npipe.simulation.LoneKernel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/** The contract of the seam, on the simulated kernel as Windows has it: so that the simulation stays true. */
@Tag("any-jvm")
class SimulatedWindowsContractTest extends WholeContract {

    private final LoneKernel simulated = new LoneKernel(false);

    @Override
    Win32Contract.Kernel kernel() {
        return new Win32Contract.Kernel(simulated.kernel(), false);
    }

    @AfterEach
    void nothingIsLeft() {
        simulated.assertClean();
    }
}
