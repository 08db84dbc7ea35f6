/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import io.npipe.simulation.Chances;
import io.npipe.simulation.LoneKernel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/** The contract of Windows as the simulated kernel keeps it that answers otherwise what only a run on Windows can settle. */
@Tag("any-jvm")
class SimulatedOpenQuestionsContractTest extends WholeContract {

    private final LoneKernel simulated = new LoneKernel(Chances.OTHERWISE);

    @Override
    Win32Contract.Kernel kernel() {
        return new Win32Contract.Kernel(simulated.kernel(), false);
    }

    @AfterEach
    void nothingIsLeft() {
        simulated.assertClean();
    }
}
