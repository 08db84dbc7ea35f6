/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.npipe.testkit.HangLimit;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls and their replies at the client's end, in time that the test advances. */
@Tag("any-jvm")
class RequestResponseClientTest {

    private static final int MAX_PENDING = 3;

    private final RequestResponseClientHandler client = new RequestResponseClientHandler(1000, MAX_PENDING);
    private Embedded end;

    @BeforeEach
    void connect() throws Exception {
        end = new Embedded(client);
        end.channel().freezeTime();
    }

    @AfterEach
    void nothingIsLeft() {
        end.close();
        assertEquals(0, client.pending());
        assertEquals(-1, end.channel().runScheduledPendingTasks(), "timers are left");
    }

    private Future<ByteBuf> call(int content) {
        return client.call(end.buffer((byte) content));
    }

    private void reply(long id, int content) {
        end.channel()
                .writeInbound(end.buffer(
                        ByteBuffer.allocate(9).putLong(id).put((byte) content).array()));
    }

    private static void assertReply(int content, Future<ByteBuf> call) {
        assertTrue(call.isSuccess(), () -> "no reply: " + call);
        assertArrayEquals(new byte[] {(byte) content}, Embedded.bytesOf(call.getNow()));
    }

    private void assertCounts(long late, long duplicate, long unknown) {
        assertEquals(
                List.of(late, duplicate, unknown),
                List.of(client.lateReplies(), client.duplicateReplies(), client.unknownReplies()));
    }

    private void advance(long millis) {
        end.channel().advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        end.channel().runScheduledPendingTasks();
    }

    @Test
    void eachRequestHasAnIdOfItsOwnAheadOfIt() {
        call(7);
        call(8);
        List<byte[]> sent = end.sent();
        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 1, 7}, sent.get(0));
        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 2, 8}, sent.get(1));
    }

    @Test
    void repliesReachTheirCallsInAnyOrder() {
        Future<ByteBuf> first = call(1);
        Future<ByteBuf> second = call(2);
        Future<ByteBuf> third = call(3);
        assertEquals(3, client.pending());
        reply(2, 20);
        assertFalse(first.isDone());
        reply(3, 30);
        reply(1, 10);
        assertReply(10, first);
        assertReply(20, second);
        assertReply(30, third);
        assertEquals(0, client.pending());
        assertCounts(0, 0, 0);
    }

    @Test
    void aReplyMayBeEmpty() {
        Future<ByteBuf> call = call(1);
        end.channel().writeInbound(end.buffer(new byte[] {0, 0, 0, 0, 0, 0, 0, 1}));
        assertEquals(0, Embedded.bytesOf(call.getNow()).length);
    }

    @Test
    void aCallTimesOutAtItsTimeAndItsReplyIsLateThenADuplicate() {
        Future<ByteBuf> ordinary = call(1);
        Future<ByteBuf> patient = client.call(end.buffer((byte) 2), 5000);
        advance(999);
        assertFalse(ordinary.isDone());
        advance(1);
        assertInstanceOf(TimeoutException.class, ordinary.cause());
        assertEquals("no reply within 1000 ms", ordinary.cause().getMessage());
        assertEquals(1, client.pending());
        reply(1, 10);
        assertCounts(1, 0, 0);
        reply(1, 10);
        assertCounts(1, 1, 0);
        reply(2, 20);
        assertReply(20, patient);
        reply(2, 20);
        assertCounts(1, 2, 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 2, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1025})
    void aReplyToNoCallIsUnknown(long id) {
        Future<ByteBuf> call = call(1);
        reply(id, 10);
        assertFalse(call.isDone());
        assertCounts(0, 0, 1);
        reply(1, 10);
        assertReply(10, call);
    }

    @Test
    void whatBecameOfACallIsForgottenAfterAThousandOthers() {
        for (int i = 1; i <= SettledCalls.SIZE + 1; i++) {
            Future<ByteBuf> call = call(0);
            reply(i, 0);
            call.getNow().release();
        }
        reply(2, 0);
        assertCounts(0, 1, 0);
        reply(1, 0);
        assertCounts(0, 1, 1);
    }

    @Test
    void anOldCallThatEndsDoesNotHideALaterOneInTheMemory() {
        SettledCalls settled = new SettledCalls();
        settled.put(1 + SettledCalls.SIZE, SettledCalls.Outcome.ABANDONED);
        settled.put(1, SettledCalls.Outcome.ANSWERED);
        assertEquals(SettledCalls.Outcome.ABANDONED, settled.of(1 + SettledCalls.SIZE));
        assertEquals(SettledCalls.Outcome.UNKNOWN, settled.of(1));
    }

    @Test
    void beyondTheLimitACallFailsAndNothingIsSent() {
        Future<ByteBuf> first = call(1);
        call(2);
        call(3);
        ByteBuf request = end.buffer((byte) 4);
        Future<ByteBuf> fourth = client.call(request);
        assertInstanceOf(RejectedExecutionException.class, fourth.cause());
        assertEquals("3 calls are pending already", fourth.cause().getMessage());
        assertEquals(0, request.refCnt());
        assertEquals(3, end.sent().size());

        List<Future<ByteBuf>> fifth = new ArrayList<>();
        first.addListener(done -> fifth.add(call(5)));
        reply(1, 10);
        assertReply(10, first);
        assertEquals(1, end.sent().size(), "the place is free when the caller hears of its reply");
        assertFalse(fifth.get(0).isDone());
    }

    @Test
    void whoHearsOfATimeoutFindsThePlaceFree() {
        List<Future<ByteBuf>> again = new ArrayList<>();
        for (int i = 0; i < MAX_PENDING; i++) {
            call(i).addListener(done -> again.add(call(9)));
        }
        advance(1000);
        assertEquals(MAX_PENDING, again.size());
        again.forEach(call -> assertFalse(call.isDone(), call::toString));
    }

    @Test
    void aCancelledCallGivesItsPlaceAndItsReplyIsReleased() {
        Future<ByteBuf> call = call(1);
        assertTrue(call.cancel(false));
        assertEquals(0, client.pending());
        assertEquals(-1, end.channel().runScheduledPendingTasks(), "its timer is gone");
        reply(1, 10);
        assertCounts(1, 0, 0);
    }

    /** By another thread, of which the executor has not heard yet. */
    @Test
    void aReplyThatMeetsACancelledPromiseIsReleased() {
        PendingCalls calls = new PendingCalls(1);
        Promise<ByteBuf> promise = ImmediateEventExecutor.INSTANCE.newPromise();
        assertTrue(calls.takePlace());
        assertFalse(calls.takePlace());
        calls.add(1, promise, ImmediateEventExecutor.INSTANCE.newSucceededFuture(null));
        promise.cancel(false);
        ByteBuf reply = Unpooled.buffer(1);
        assertEquals(PendingCalls.Reply.LATE, calls.answer(1, reply));
        assertEquals(0, reply.refCnt());
        assertEquals(0, calls.placesTaken());
        assertEquals(PendingCalls.Reply.DUPLICATE, calls.answer(1, Unpooled.buffer(1)));
    }

    @Test
    void whenTheChannelClosesAllCallsFailAndThoseThatListenersMakeToo() {
        Future<ByteBuf> first = call(1);
        Future<ByteBuf> second = call(2);
        List<Future<ByteBuf>> again = new ArrayList<>();
        first.addListener(done -> again.add(call(3)));
        end.channel().close();
        assertInstanceOf(ClosedChannelException.class, first.cause());
        assertInstanceOf(ClosedChannelException.class, second.cause());
        assertInstanceOf(ClosedChannelException.class, again.get(0).cause());
    }

    @Test
    void whenThePeerEndsItsOutputNoReplyIsWaitedFor() {
        Future<ByteBuf> call = call(1);
        end.channel().pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        assertInstanceOf(ClosedChannelException.class, call.cause());
        assertInstanceOf(ClosedChannelException.class, call(2).cause());
        assertEquals(1, end.sent().size());
        reply(1, 10);
        assertCounts(1, 0, 0);
        assertEquals(0, client.pending());
    }

    @Test
    void aHandlerThatIsRemovedFailsItsCalls() {
        Future<ByteBuf> call = call(1);
        end.channel().pipeline().remove(client);
        assertInstanceOf(IllegalStateException.class, call.cause());
        assertInstanceOf(IllegalStateException.class, call(2).cause());
    }

    @Test
    void aHandlerInNoPipelineRefuses() {
        ByteBuf request = end.buffer((byte) 1);
        Future<ByteBuf> call = new RequestResponseClientHandler().call(request);
        assertInstanceOf(IllegalStateException.class, call.cause());
        assertEquals(0, request.refCnt());
    }

    @Test
    void aCallWhoseWriteFailsFailsWithIt() {
        end.channel().pipeline().addFirst(new MessageFrameCodec(8));
        Future<ByteBuf> call = call(1);
        assertInstanceOf(TooLongFrameException.class, call.cause());
        assertEquals(0, client.pending());
    }

    @Test
    void aMessageWithoutAWholeIdIsReportedAndTheChannelLivesOn() {
        Future<ByteBuf> call = call(1);
        end.channel().writeInbound(end.buffer(new byte[7]));
        assertEquals(1, end.caught().size());
        assertInstanceOf(CorruptedFrameException.class, end.caught().get(0));
        reply(1, 10);
        assertReply(10, call);
    }

    @Test
    void whatIsNoBufferPasses() {
        Object other = new Object();
        end.channel().writeInbound(other);
        assertSame(other, end.channel().readInbound());
    }

    @Test
    void argumentsOutOfRangeAreRefused() {
        ByteBuf request = end.buffer((byte) 1);
        assertThrows(IllegalArgumentException.class, () -> client.call(request, 0));
        assertEquals(0, request.refCnt());
        assertThrows(IllegalArgumentException.class, () -> new RequestResponseClientHandler(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new RequestResponseClientHandler(1, 0));
    }

    @Test
    void whenTheEventLoopHasEndedACallFails() throws Exception {
        RequestResponseClientHandler elsewhere = new RequestResponseClientHandler();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        Channel channel = new LocalChannel();
        channel.pipeline().addLast(elsewhere);
        loops.register(channel).sync();
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        assertTrue(loops.terminationFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS));

        ByteBuf request = end.buffer((byte) 1);
        assertInstanceOf(
                RejectedExecutionException.class, elsewhere.call(request).cause());
        assertEquals(0, request.refCnt());
        assertEquals(0, elsewhere.pending());
    }

    // ---- several handlers on a channel -----------------------------------------------------------------------------

    /** Calls to the first handler, and one to the second; the reply to the first one's comes to the second. */
    private void assertTakesOver(RequestResponseClientHandler second) {
        Future<ByteBuf> later = second.call(end.buffer((byte) 2));
        List<byte[]> sent = end.sent();
        assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 2, 2}, sent.get(1), "no id is used twice");
        reply(1, 10);
        assertFalse(later.isDone(), "it was given the reply to another call");
        assertEquals(List.of(1L, 0L), List.of(second.lateReplies(), second.unknownReplies()));
        reply(1, 10);
        assertEquals(1, second.duplicateReplies());
        reply(2, 20);
        assertReply(20, later);
        assertEquals(0, second.pending());
    }

    @Test
    void aHandlerThatIsReplacedLeavesItsLateRepliesToNobody() {
        Future<ByteBuf> call = call(1);
        RequestResponseClientHandler second = new RequestResponseClientHandler();
        end.channel().pipeline().replace(client, "second", second);
        assertInstanceOf(IllegalStateException.class, call.cause());
        assertTakesOver(second);
    }

    @Test
    void aHandlerThatIsAddedWhenAllCallsOfTheFirstHaveTimedOutDoesNotBeginAnew() {
        Future<ByteBuf> call = call(1);
        advance(1000);
        assertInstanceOf(TimeoutException.class, call.cause());
        end.channel().pipeline().remove(client);
        RequestResponseClientHandler second = new RequestResponseClientHandler();
        end.channel().pipeline().addLast(second);
        assertTakesOver(second);
    }

    @Test
    void twoHandlersAtTheSameTimeEachGetTheirReplies() {
        RequestResponseClientHandler second = new RequestResponseClientHandler(2000, 1);
        end.channel()
                .pipeline()
                .addAfter(end.channel().pipeline().context(client).name(), "second", second);
        Future<ByteBuf> first = call(1);
        Future<ByteBuf> other = second.call(end.buffer((byte) 2));
        assertEquals(List.of(1, 1), List.of(client.pending(), second.pending()));
        reply(2, 20);
        assertReply(20, other);
        assertFalse(first.isDone());
        Future<ByteBuf> left = second.call(end.buffer((byte) 3));
        end.channel().pipeline().remove(client);
        assertInstanceOf(IllegalStateException.class, first.cause());
        assertFalse(left.isDone(), "it is the other one's");
        reply(3, 30);
        assertReply(30, left);
        assertEquals(0, second.pending());
    }

    @Test
    void ofTwoChannelsEachHasItsOwnIds() throws Exception {
        call(1);
        RequestResponseClientHandler elsewhere = new RequestResponseClientHandler();
        try (Embedded other = new Embedded(elsewhere)) {
            elsewhere.call(other.buffer((byte) 1));
            assertArrayEquals(
                    new byte[] {0, 0, 0, 0, 0, 0, 0, 1, 1}, other.sent().get(0));
        }
    }

    // ---- listeners that do what they like --------------------------------------------------------------------------

    private static Named<BiConsumer<RequestResponseClientTest, Future<ByteBuf>>> temper(
            String name, BiConsumer<RequestResponseClientTest, Future<ByteBuf>> act) {
        return Named.of(name, act);
    }

    static Stream<Named<BiConsumer<RequestResponseClientTest, Future<ByteBuf>>>> tempers() {
        return Stream.of(
                temper("calls again", (test, done) -> test.again.add(test.call(9))),
                temper("calls again and cancels", (test, done) -> test.call(9).cancel(false)),
                temper("closes", (test, done) -> test.end.channel().close()),
                temper("removes", (test, done) -> {
                    if (test.end.channel().pipeline().context(test.client) != null) {
                        test.end.channel().pipeline().remove(test.client);
                    }
                }),
                temper("replies", (test, done) -> {
                    if (test.end.channel().isOpen()) {
                        test.reply(2, 20);
                    }
                }),
                temper("ends the input", (test, done) -> test.end
                        .channel()
                        .pipeline()
                        .fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE)),
                temper("throws", (test, done) -> {
                    throw new IllegalStateException("temper");
                }));
    }

    private final List<Future<ByteBuf>> again = new ArrayList<>();

    @ParameterizedTest
    @MethodSource("tempers")
    void aListenerMayDoWhatItLikesHoweverItsCallEnds(BiConsumer<RequestResponseClientTest, Future<ByteBuf>> temper)
            throws Exception {
        List<Consumer<RequestResponseClientTest>> ends = List.of(
                test -> test.reply(1, 10),
                test -> test.advance(1000),
                test -> test.end.channel().close(),
                test -> test.end.channel().pipeline().remove(test.client),
                test -> test.end.channel().pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE));
        for (Consumer<RequestResponseClientTest> ending : ends) {
            RequestResponseClientTest test = new RequestResponseClientTest();
            test.connect();
            List<Future<ByteBuf>> calls = new ArrayList<>();
            for (int i = 1; i <= MAX_PENDING; i++) {
                Future<ByteBuf> call = test.call(i);
                calls.add(call);
                call.addListener((Future<ByteBuf> done) -> {
                    if (done.isSuccess()) {
                        done.getNow().release();
                    }
                    temper.accept(test, done);
                });
            }
            ending.accept(test);
            test.end.channel().runPendingTasks();
            test.again.forEach(call -> call.addListener((Future<ByteBuf> done) -> {
                if (done.isSuccess()) {
                    done.getNow().release();
                }
            }));
            test.end.channel().close();
            calls.forEach(call -> assertTrue(call.isDone()));
            test.again.forEach(call -> assertTrue(call.isDone()));
            test.nothingIsLeft();
        }
    }

    /** As one does that tries until a place is free. */
    @Test
    void aListenerThatTriesAgainDoesNotHoldTheExecutor() {
        for (int i = 0; i < MAX_PENDING; i++) {
            call(i);
        }
        AtomicInteger tries = new AtomicInteger();
        AtomicInteger triesAtTurn = new AtomicInteger();
        GenericFutureListener<Future<ByteBuf>> retry = new GenericFutureListener<>() {
            @Override
            public void operationComplete(Future<ByteBuf> done) {
                if (!done.isSuccess() && tries.incrementAndGet() < 1000) {
                    call(9).addListener(this);
                }
            }
        };
        end.channel().eventLoop().execute(() -> triesAtTurn.set(tries.get()));
        call(9).addListener(retry);
        end.channel().runPendingTasks();
        assertTrue(triesAtTurn.get() > 0 && triesAtTurn.get() < 50, triesAtTurn::toString);
        assertEquals(1000, tries.get());
    }

    @SuppressWarnings("deprecation")
    @Test
    void aCallThatCannotBeTimedFailsAndLeavesNothing() {
        RequestResponseClientHandler untimed = new RequestResponseClientHandler();
        end.channel().pipeline().addLast(ImmediateEventExecutor.INSTANCE, untimed); // which has no timers
        ByteBuf request = end.buffer((byte) 1);
        Future<ByteBuf> call = untimed.call(request);
        assertInstanceOf(UnsupportedOperationException.class, call.cause());
        assertEquals(0, request.refCnt());
        assertEquals(0, untimed.pending());
    }

    @Test
    void aChannelThatIsClosedUnconnectedFailsCallsAsAClosedOne() throws Exception {
        RequestResponseClientHandler unconnected = new RequestResponseClientHandler();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        Channel channel = new LocalChannel();
        channel.pipeline().addLast(unconnected);
        assertInstanceOf(
                IllegalStateException.class,
                unconnected.call(end.buffer((byte) 1)).cause());
        loops.register(channel).sync();
        assertInstanceOf(
                NotYetConnectedException.class,
                unconnected.call(end.buffer((byte) 1)).await().cause());
        channel.close().sync();
        loops.next().submit(() -> {}).sync(); // the pipeline is empty by then
        assertInstanceOf(
                ClosedChannelException.class,
                unconnected.call(end.buffer((byte) 1)).await().cause());
        assertEquals(0, unconnected.pending());
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    }
}
