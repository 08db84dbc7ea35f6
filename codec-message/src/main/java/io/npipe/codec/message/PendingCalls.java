/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The calls that wait for their replies, by correlation id. Places are for any thread, all else for the handler's executor.
 * A call gives its place back before it ends, so that whoever hears of the end finds it.
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

    private record Call(Promise<ByteBuf> promise, Future<?> timer) {}

    private final LongObjectMap<Call> calls = new LongObjectHashMap<>();
    private final SettledCalls settled = new SettledCalls();
    private final AtomicInteger places = new AtomicInteger();
    private final int maxPlaces;

    PendingCalls(int maxPlaces) {
        this.maxPlaces = maxPlaces;
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

    /** A call begins, for which a place was taken. */
    void add(long id, Promise<ByteBuf> promise, Future<?> timer) {
        calls.put(id, new Call(promise, timer));
    }

    /**
     * A reply has come. Its content belongs to the caller that waits for it, else it is released.
     *
     * @return what it was
     */
    Reply answer(long id, ByteBuf content) {
        Call call = calls.remove(id);
        if (call == null) {
            content.release();
            return unexpected(id);
        }
        settled.put(id, SettledCalls.Outcome.ANSWERED);
        leave(call);
        if (call.promise.trySuccess(content)) {
            return Reply.EXPECTED;
        }
        content.release(); // cancelled from another thread, of which this one has not heard yet
        return Reply.LATE;
    }

    private Reply unexpected(long id) {
        return switch (settled.of(id)) {
            case ABANDONED -> {
                settled.put(id, SettledCalls.Outcome.ANSWERED); // a further one is a duplicate
                yield Reply.LATE;
            }
            case ANSWERED -> Reply.DUPLICATE;
            case UNKNOWN -> Reply.UNKNOWN;
        };
    }

    /** A call ends without a reply; nothing happens if it is not pending. */
    void abandon(long id, Throwable cause) {
        Call call = calls.remove(id);
        if (call != null) {
            settled.put(id, SettledCalls.Outcome.ABANDONED);
            leave(call);
            call.promise.tryFailure(cause);
        }
    }

    /** No reply will come any more. */
    void abandonAll(Throwable cause) {
        // Listeners may come back here, so none is called before the table is empty.
        List<Call> all = new ArrayList<>(calls.values());
        calls.keySet().forEach(id -> settled.put(id, SettledCalls.Outcome.ABANDONED));
        calls.clear();
        all.forEach(this::leave);
        for (Call call : all) {
            call.promise.tryFailure(cause);
        }
    }

    private void leave(Call call) {
        call.timer.cancel(false);
        returnPlace();
    }
}
