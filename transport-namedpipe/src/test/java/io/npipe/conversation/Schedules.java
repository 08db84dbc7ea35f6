/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

/** Runs random conversations, and tells of a failure so that it can be repeated. */
final class Schedules {

    /** Runs one; returns the hash of its trace. */
    static long run(long seed) {
        Conversation conversation = new Conversation(seed);
        try (conversation) {
            conversation.run();
            return conversation.world().trace().hash();
        } catch (Throwable t) {
            throw failed(conversation, "seed " + seed + " (again with -Dnpipe.seed=" + seed + ")", t);
        }
    }

    static AssertionError failed(Conversation conversation, String which, Throwable cause) {
        return new AssertionError(
                which + ": " + cause.getMessage() + System.lineSeparator() + conversation + System.lineSeparator()
                        + "The end of what happened:" + System.lineSeparator()
                        + conversation.world().trace().tail(),
                cause);
    }

    private Schedules() {}
}
