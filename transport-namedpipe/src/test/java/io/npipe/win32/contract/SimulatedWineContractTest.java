/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import io.npipe.simulation.LoneKernel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/** The contract of the seam, on the simulated kernel as Wine has it: so that the simulation stays true. */
@Tag("any-jvm")
class SimulatedWineContractTest extends WholeContract {

    private final LoneKernel simulated = new LoneKernel(true);

    @Override
    Win32Contract.Kernel kernel() {
        return new Win32Contract.Kernel(simulated.kernel(), true);
    }

    @AfterEach
    void nothingIsLeft() {
        simulated.assertClean();
    }
}
