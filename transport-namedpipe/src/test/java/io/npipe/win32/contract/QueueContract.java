/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What is written and waits to be read: quotas, messages of no length, cancellations. */
abstract class QueueContract extends RowContract {

    @Test // rows 14 and 15
    void writingNothingNeverWaits() {
        for (boolean messages : new boolean[] {true, false}) {
            Pair pair = messages ? messages() : bytes();
            assertEquals(ERROR_IO_PENDING, write(pair.client(), text(5000)).code);

            assertEquals("0:0", write(pair.client(), "").now());
            closeAll();
        }
    }
}
