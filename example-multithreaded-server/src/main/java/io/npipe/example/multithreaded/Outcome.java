/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import io.npipe.example.common.OneLine;

/**
 * What became of one client.
 *
 * @param client its number, from 1
 * @param waitMillis how long it waited for the busy pipe, or {@link #DID_NOT_WAIT}
 * @param answers how many it was given
 * @param firstAnswer the first of them, or null
 * @param alike whether all were the same
 * @param wrong how many were not what it should have been given
 * @param failure what ended it early, or null
 */
record Outcome(
        int client, long waitMillis, int answers, String firstAnswer, boolean alike, int wrong, Throwable failure) {

    static final long DID_NOT_WAIT = -1;

    boolean isGood() {
        return failure == null && wrong == 0;
    }

    boolean waited() {
        return waitMillis != DID_NOT_WAIT;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("client ").append(client).append(": ");
        if (waited()) {
            text.append("found the pipe busy, waited ").append(waitMillis).append(" ms; ");
        }
        text.append(answers).append(answers == 1 ? " answer" : " answers");
        if (firstAnswer != null) {
            text.append(alike ? ": \"" : ", the first: \"").append(firstAnswer).append('"');
        }
        if (wrong > 0) {
            text.append("; ").append(wrong).append(" WRONG");
        }
        if (failure != null) {
            text.append("; then FAILED: ").append(OneLine.of(failure));
        }
        return text.toString();
    }
}
