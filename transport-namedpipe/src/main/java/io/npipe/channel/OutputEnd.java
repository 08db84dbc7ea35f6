/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

/** What is written to end the output: it goes behind all other messages, as a message of length 0. */
enum OutputEnd {
    INSTANCE
}
