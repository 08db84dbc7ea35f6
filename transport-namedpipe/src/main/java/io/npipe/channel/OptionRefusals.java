/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.channel.ChannelOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The options that a configuration has refused and that nobody has set to another value since. A bootstrap of an older
 * Netty only logs a refusal and goes on; what comes next, bind, connect or a child's registration, must not. Any thread.
 */
final class OptionRefusals {

    /** Null for nearly all channels. Guarded by this. */
    private Map<ChannelOption<?>, RuntimeException> reasons;

    /** The option is not set; the reason is thrown to the caller, who may ignore it. */
    synchronized void add(ChannelOption<?> option, RuntimeException reason) {
        if (reasons == null) {
            reasons = new LinkedHashMap<>();
        }
        reasons.putIfAbsent(option, reason);
    }

    /** The option has been set. */
    synchronized void remove(ChannelOption<?> option) {
        if (reasons != null) {
            reasons.remove(option);
        }
    }

    /** The first reason, or null. */
    synchronized RuntimeException first() {
        return reasons == null || reasons.isEmpty()
                ? null
                : reasons.values().iterator().next();
    }

    /** Throws the first reason. */
    void requireNone() {
        RuntimeException reason = first();
        if (reason != null) {
            throw reason;
        }
    }
}
