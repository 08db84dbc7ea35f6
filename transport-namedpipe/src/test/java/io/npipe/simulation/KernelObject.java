/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

/** What a handle stands for. */
abstract class KernelObject {

    /** Its handle is closed. */
    abstract void closed();
}
