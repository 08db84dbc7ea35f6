/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayList;
import java.util.List;

/**
 * The calls of one channel by correlation id, whichever handler made them: a handler that takes the place of another one
 * must not give its ids out again, and knows its late replies. Any thread; nobody is called while it is locked.
 */
final class ChannelCalls {

    private static final AttributeKey<ChannelCalls> KEY = AttributeKey.valueOf(ChannelCalls.class, "calls");

    /** A call that waits. */
    record Call(PendingCalls owner, Promise<ByteBuf> promise, Future<?> timer) {}

    private final LongObjectMap<Call> pending = new LongObjectHashMap<>();
    private final SettledCalls settled = new SettledCalls();
    private long lastId;

    static ChannelCalls of(Channel channel) {
        Attribute<ChannelCalls> attribute = channel.attr(KEY);
        ChannelCalls calls = attribute.get();
        if (calls != null) {
            return calls;
        }
        ChannelCalls made = new ChannelCalls();
        ChannelCalls other = attribute.setIfAbsent(made);
        return other == null ? made : other;
    }

    /** An id that no call of the channel has had. */
    synchronized long nextId() {
        return ++lastId;
    }

    synchronized void add(long id, Call call) {
        pending.put(id, call);
    }

    /** Ends a call; null if it is not pending. */
    synchronized Call settle(long id, SettledCalls.Outcome outcome) {
        Call call = pending.remove(id);
        if (call != null) {
            settled.put(id, outcome);
        }
        return call;
    }

    /** Ends all calls of a handler without a reply. */
    synchronized List<Call> abandonAllOf(PendingCalls owner) {
        List<Call> all = new ArrayList<>();
        pending.entrySet().removeIf(entry -> {
            boolean ends = entry.getValue().owner == owner;
            if (ends) {
                settled.put(entry.getKey(), SettledCalls.Outcome.ABANDONED);
                all.add(entry.getValue());
            }
            return ends;
        });
        return all;
    }

    /** What became of a call that is not pending, of which a reply has come: a further one is a duplicate. */
    synchronized SettledCalls.Outcome repliedTo(long id) {
        SettledCalls.Outcome outcome = settled.of(id);
        if (outcome == SettledCalls.Outcome.ABANDONED) {
            settled.put(id, SettledCalls.Outcome.ANSWERED);
        }
        return outcome;
    }
}
