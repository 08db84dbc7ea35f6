/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

/** What has failed, for people. */
final class OneLine {

    /** With its cause, which is where gRPC has what Windows says. */
    static String of(Throwable failure) {
        Throwable cause = failure.getCause();
        String text = text(failure);
        return (cause == null || text.contains(text(cause)) ? text : text + ": " + text(cause))
                .replaceAll("\\s*\\R\\s*", " ");
    }

    private static String text(Throwable failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    private OneLine() {}
}
