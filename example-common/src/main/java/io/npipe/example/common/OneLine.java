/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.common;

import java.util.concurrent.ExecutionException;

/** What has failed, for people. */
public final class OneLine {

    /**
     * Tells a failure in one line.
     *
     * @param failure what has failed
     * @return its message, or its class if it has none; of an {@link ExecutionException}, those of its cause
     */
    public static String of(Throwable failure) {
        if (failure instanceof ExecutionException && failure.getCause() != null) {
            return of(failure.getCause());
        }
        String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        return text.replaceAll("\\s*\\R\\s*", " ");
    }

    private OneLine() {}
}
