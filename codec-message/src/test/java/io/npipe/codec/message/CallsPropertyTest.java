/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;

/** Calls, replies, duplicates, cancellations and time in any order: the client's end does what a simple model does. */
@Tag("any-jvm")
class CallsPropertyTest {

    private static final int MAX_PENDING = 5;
    private static final int TIMEOUT = 100;

    enum Kind {
        CALL,
        REPLY,
        CANCEL,
        WAIT
    }

    /** What happens, and to which call or for how long. */
    record Step(Kind kind, int number) {}

    enum State {
        PENDING,
        ANSWERED,
        TIMED_OUT,
        CANCELLED
    }

    private static final class Call {

        private final Future<ByteBuf> future;
        private final long deadline;
        private State state = State.PENDING;
        private boolean replied;

        Call(Future<ByteBuf> future, long deadline) {
            this.future = future;
            this.deadline = deadline;
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kinds = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.just(Kind.CALL)),
                Tuple.of(4, Arbitraries.just(Kind.REPLY)),
                Tuple.of(1, Arbitraries.just(Kind.CANCEL)),
                Tuple.of(1, Arbitraries.just(Kind.WAIT)));
        return Combinators.combine(kinds, Arbitraries.integers().between(0, 60))
                .as(Step::new)
                .list()
                .ofMaxSize(80);
    }

    private final List<Call> calls = new ArrayList<>();
    private RequestResponseClientHandler client;
    private Embedded end;
    private long now;
    private long late;
    private long duplicate;
    private long unknown;

    @Property
    void theClientDoesWhatTheModelDoes(@ForAll("steps") List<Step> steps) throws Exception {
        begin();
        for (Step step : steps) {
            switch (step.kind) {
                case CALL -> call();
                case REPLY -> reply(step.number);
                case CANCEL -> cancel(step.number);
                case WAIT -> pass(step.number);
            }
            check();
        }
        finish();
    }

    private void begin() throws Exception {
        calls.clear();
        now = 0;
        late = 0;
        duplicate = 0;
        unknown = 0;
        client = new RequestResponseClientHandler(TIMEOUT, MAX_PENDING);
        end = new Embedded(client);
        end.channel().freezeTime();
    }

    private void finish() {
        end.channel().close();
        for (Call call : calls) {
            if (call.state == State.PENDING) {
                assertInstanceOf(ClosedChannelException.class, call.future.cause());
            }
        }
        assertEquals(0, client.pending());
        assertEquals(-1, end.channel().runScheduledPendingTasks(), "timers are left");
        end.close();
    }

    private long pending() {
        return calls.stream().filter(call -> call.state == State.PENDING).count();
    }

    private void call() {
        long before = pending();
        Future<ByteBuf> future = client.call(end.buffer((byte) calls.size()));
        if (before == MAX_PENDING) {
            assertInstanceOf(RejectedExecutionException.class, future.cause());
        } else {
            calls.add(new Call(future, now + TIMEOUT));
            assertEquals(calls.size(), ByteBuffer.wrap(end.sent().get(0)).getLong());
        }
    }

    private void reply(int number) {
        byte[] content = ByteBuffer.allocate(12).putLong(number).putInt(number).array();
        end.channel().writeInbound(end.buffer(content));
        if (number < 1 || number > calls.size()) {
            unknown++;
            return;
        }
        Call call = calls.get(number - 1);
        switch (call.state) {
            case PENDING -> {
                call.state = State.ANSWERED;
                ByteBuf reply = call.future.getNow();
                assertEquals(number, reply.readInt());
                assertFalse(reply.isReadable());
                reply.release();
            }
            case ANSWERED -> duplicate++;
            default -> {
                if (call.replied) {
                    duplicate++;
                } else {
                    late++;
                }
            }
        }
        call.replied = true;
    }

    private void cancel(int number) {
        if (number < calls.size()) {
            Call call = calls.get(number);
            assertEquals(call.state == State.PENDING, call.future.cancel(false));
            if (call.state == State.PENDING) {
                call.state = State.CANCELLED;
            }
        }
    }

    private void pass(int millis) {
        now += millis;
        end.channel().advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        end.channel().runScheduledPendingTasks();
        for (Call call : calls) {
            if (call.state == State.PENDING && call.deadline <= now) {
                assertInstanceOf(TimeoutException.class, call.future.cause());
                call.state = State.TIMED_OUT;
            }
        }
    }

    private void check() {
        assertEquals(pending(), client.pending());
        assertEquals(
                List.of(late, duplicate, unknown),
                List.of(client.lateReplies(), client.duplicateReplies(), client.unknownReplies()));
        for (Call call : calls) {
            assertEquals(call.state == State.PENDING, !call.future.isDone());
            assertEquals(call.state == State.ANSWERED, call.future.isSuccess());
            assertTrue(call.state != State.CANCELLED || call.future.isCancelled());
        }
    }
}
