/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

/** What the server says to a request. */
@FunctionalInterface
interface Answer {

    /** What the sample's server says. */
    String SAMPLES = "default answer from server";

    /** That, whatever the request. */
    Answer DEFAULT = request -> SAMPLES;

    /** The request itself, so that one that is lost, or another client's, is noticed. */
    Answer ECHO = request -> request;

    /** Called by an event loop, so it must not block, unless the server was given threads for that. */
    String to(String request) throws Exception;

    /** The same, after that many milliseconds, as if it had to be fetched from elsewhere. */
    default Answer after(long millis) {
        return request -> {
            Thread.sleep(millis);
            return to(request);
        };
    }
}
