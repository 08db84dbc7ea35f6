/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.npipe.example.common.OneLine;
import java.io.IOException;
import java.util.concurrent.ExecutionException;

/** gRPC's failures say little; their cause is where it has what Windows says. */
final class Explained {

    /** The failure's message and that of its cause. */
    static IOException of(Exception failure) {
        Throwable told = failure instanceof ExecutionException ? failure.getCause() : failure;
        String text = OneLine.of(told);
        return new IOException(told.getCause() == null ? text : text + ": " + OneLine.of(told.getCause()), failure);
    }

    private Explained() {}
}
