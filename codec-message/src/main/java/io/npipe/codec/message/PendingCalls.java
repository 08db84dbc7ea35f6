/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The calls of one handler that wait for their replies, and the places that they take. Places are for any thread, all else
 * for the handler's executor. A call gives its place back before it ends, so that whoever hears of the end finds it.
 */
final class PendingCalls {

    /** What a reply is. */
    enum Reply {
        /** Of a call that was pending. */
        EXPECTED,
        /** Of a call that nobody waits for any more. */
        LATE,
        /** Of a call that has its reply. */
        DUPLICATE,
        /** Of none that is remembered. */
        UNKNOWN
    }

    private final AtomicInteger places = new AtomicInteger();
    private final int maxPlaces;
    private ChannelCalls calls = new ChannelCalls();

    PendingCalls(int maxPlaces) {
        this.maxPlaces = maxPlaces;
    }

    /** The handler is in the pipeline of a channel, which may have had another one before. */
    void join(Channel channel) {
        calls = ChannelCalls.of(channel);
    }

    /** Takes a place for a call; false if there is none. */
    boolean takePlace() {
        return places.getAndUpdate(taken -> Math.min(maxPlaces, taken + 1)) < maxPlaces;
    }

    /** Gives a place back that no call was added for. */
    void returnPlace() {
        places.decrementAndGet();
    }

    /** How many places are taken. */
    int placesTaken() {
        return places.get();
    }

    /** An id that no call of the channel has had. */
    long nextId() {
        return calls.nextId();
    }

    /** A call begins, for which a place was taken. */
    void add(long id, Promise<ByteBuf> promise, Future<?> timer) {
        calls.add(id, new ChannelCalls.Call(this, promise, timer));
    }

    /**
     * A reply has come. Its content belongs to the caller that waits for it, else it is released.
     *
     * @return what it was
     */
    Reply answer(long id, ByteBuf content) {
        ChannelCalls.Call call = calls.settle(id, SettledCalls.Outcome.ANSWERED);
        if (call == null) {
            content.release();
            return switch (calls.repliedTo(id)) {
                case ABANDONED -> Reply.LATE;
                case ANSWERED -> Reply.DUPLICATE;
                case UNKNOWN -> Reply.UNKNOWN;
            };
        }
        leave(call);
        if (call.promise().trySuccess(content)) {
            return Reply.EXPECTED;
        }
        content.release(); // cancelled from another thread, of which this one has not heard yet
        return Reply.LATE;
    }

    /** A call ends without a reply; nothing happens if it is not pending. */
    void abandon(long id, Throwable cause) {
        ChannelCalls.Call call = calls.settle(id, SettledCalls.Outcome.ABANDONED);
        if (call != null) {
            leave(call);
            call.promise().tryFailure(cause);
        }
    }

    /** No reply will come any more. */
    void abandonAll(Throwable cause) {
        // Listeners may come back here, so none is called before all have left.
        List<ChannelCalls.Call> all = calls.abandonAllOf(this);
        all.forEach(PendingCalls::leave);
        for (ChannelCalls.Call call : all) {
            call.promise().tryFailure(cause);
        }
    }

    private static void leave(ChannelCalls.Call call) {
        call.timer().cancel(false);
        call.owner().returnPlace();
    }
}
