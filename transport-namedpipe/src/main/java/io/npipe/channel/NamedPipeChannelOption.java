/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.channel.ChannelOption;
import java.util.Set;

/** The options of named pipes, beside those of Netty. */
public final class NamedPipeChannelOption {

    /**
     * Server: how many instances listen ahead of the clients, 1 to {@value
     * io.npipe.channel.NamedPipeServerChannelConfig#MAX_LISTENING_INSTANCES}; by default as many as there are
     * processors, at most 16. A client that finds all of them taken waits until the next one listens. {@code SO_BACKLOG}
     * may only lower it. To be set before the bind.
     */
    public static final ChannelOption<Integer> LISTENING_INSTANCES =
            ChannelOption.valueOf(NamedPipeChannelOption.class, "LISTENING_INSTANCES");

    private static final Set<ChannelOption<?>> MEANINGLESS =
            Set.of(ChannelOption.SO_KEEPALIVE, ChannelOption.SO_REUSEADDR, ChannelOption.TCP_NODELAY);

    /** Options of sockets that frameworks set unasked: accepted, so that nobody is warned about what nobody chose. */
    static boolean isMeaninglessForPipes(ChannelOption<?> option) {
        return MEANINGLESS.contains(option);
    }

    private NamedPipeChannelOption() {}
}
