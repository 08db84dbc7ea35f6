/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.channel.Channel;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeChannelConfig;
import io.npipe.channel.PipeMode;

/**
 * How messages are told apart on one channel: settled by its first use after the connection, for both ways. A client's pipe
 * has no type before, since the type is the server's. Event loop only.
 */
final class FrameBoundaries {

    /** What was settled. */
    enum Kind {
        /** The channel is not connected yet. */
        UNKNOWN,
        /** A length goes ahead of each message. */
        LENGTH_FIELD,
        /** A buffer is a message. */
        BUFFER,
        /** This end cannot tell them apart. */
        NONE
    }

    private final MessageFraming framing;
    private final int maxLength;
    private Kind kind = Kind.UNKNOWN;
    private int limitBefore;

    FrameBoundaries(MessageFraming framing, int maxLength) {
        this.framing = framing;
        this.maxLength = maxLength;
    }

    /** Bytes of the longest message. */
    int maxLength() {
        return maxLength;
    }

    Kind on(Channel channel) {
        if (kind == Kind.UNKNOWN) {
            kind = choose(channel);
            if (kind == Kind.BUFFER) {
                limitReads(((NamedPipeChannel) channel).config());
            }
        }
        return kind;
    }

    private Kind choose(Channel channel) {
        if (framing == MessageFraming.LENGTH_FIELD || !(channel instanceof NamedPipeChannel pipe)) {
            return Kind.LENGTH_FIELD;
        }
        if (pipe.pipeType() == null) {
            return Kind.UNKNOWN;
        }
        if (pipe.pipeType() == PipeMode.BYTE) {
            return Kind.LENGTH_FIELD;
        }
        // How the other end reads is not known here, so the type alone must decide what is written.
        return pipe.readMode() == PipeMode.MESSAGE ? Kind.BUFFER : Kind.NONE;
    }

    /** The transport is who allocates for these messages, so it must know the limit. */
    private void limitReads(NamedPipeChannelConfig config) {
        limitBefore = config.getMaxMessageSize();
        config.setMaxMessageSize(Math.min(limitBefore, maxLength));
    }

    /** The limit was this codec's: another one may allow more. */
    void leave(Channel channel) {
        if (kind == Kind.BUFFER) {
            NamedPipeChannelConfig config = ((NamedPipeChannel) channel).config();
            if (config.getMaxMessageSize() == maxLength) { // else somebody has set another one meanwhile
                config.setMaxMessageSize(limitBefore);
            }
        }
    }

    /** Why it is {@link Kind#NONE}. */
    static IllegalStateException refusal(Channel channel) {
        return new IllegalStateException(channel.remoteAddress()
                + ": READ_MODE is BYTE on a pipe of messages, so this end cannot tell them apart;"
                + " leave READ_MODE as it is, or use MessageFraming.LENGTH_FIELD at both ends");
    }
}
