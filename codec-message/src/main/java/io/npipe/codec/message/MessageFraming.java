/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.PipeMode;

/** How a {@link MessageFrameCodec} tells where a message ends. Both ends of a connection must use the same. */
public enum MessageFraming {

    /**
     * As the channel does: a pipe of type {@link PipeMode#MESSAGE} keeps boundaries by itself, and nothing is added; on
     * every other channel (a pipe of bytes, TCP, an {@code EmbeddedChannel}) it is {@link #LENGTH_FIELD}.
     *
     * <p>The type belongs to the pipe, so both ends choose alike. An end whose {@link NamedPipeChannelOption#READ_MODE} is
     * {@link PipeMode#BYTE} on a pipe of messages cannot tell them apart, and its peer does not know that: it is refused
     * there, with an {@link IllegalStateException}.
     */
    OF_CHANNEL,

    /**
     * A length of 4 bytes ahead of each message, on every channel. To be chosen for pipes of messages, too, where something
     * below does not keep their boundaries: TLS, or an end that reads bytes. What is written is then still a message of the
     * pipe, and must not be longer than the reader's {@link NamedPipeChannelOption#MAX_MESSAGE_SIZE}.
     */
    LENGTH_FIELD
}
