/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.npipe.channel.PipeMode;
import org.junit.jupiter.api.Tag;

/** Over a pipe of messages. */
@Tag("any-jvm")
class OverMessagePipeTest extends OverPipeContract {

    OverMessagePipeTest() {
        super(PipeMode.MESSAGE);
    }
}
