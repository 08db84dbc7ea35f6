/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.npipe.testkit.HangLimit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Requests and their replies at the server's end, which the test answers when it likes. */
@Tag("any-jvm")
class RequestResponseServerTest {

    private static final int MAX_UNANSWERED = 2;

    private final List<byte[]> requests = new ArrayList<>();
    private final List<Promise<ByteBuf>> replies = new ArrayList<>();
    private final Below below = new Below();
    private final RequestResponseServerHandler server = new RequestResponseServerHandler(
            (ctx, request) -> {
                requests.add(Embedded.bytesOf(request));
                Promise<ByteBuf> reply = ctx.executor().newPromise();
                replies.add(reply);
                return reply;
            },
            MAX_UNANSWERED);
    private Embedded end;

    @Sharable
    private static final class Below extends ChannelOutboundHandlerAdapter {

        private int reads;
        private int flushes;

        @Override
        public void read(ChannelHandlerContext ctx) {
            reads++;
            ctx.read();
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            flushes++;
            ctx.flush();
        }
    }

    @BeforeEach
    void connect() throws Exception {
        end = new Embedded(below, server);
    }

    @AfterEach
    void nothingIsLeft() {
        end.close();
    }

    private static byte[] message(int id, int... content) {
        byte[] bytes = new byte[8 + content.length];
        bytes[7] = (byte) id;
        for (int i = 0; i < content.length; i++) {
            bytes[8 + i] = (byte) content[i];
        }
        return bytes;
    }

    private void request(int id, int... content) {
        end.channel().writeInbound(end.buffer(message(id, content)));
    }

    private Embedded answering(Responder responder) throws Exception {
        return new Embedded(below, new RequestResponseServerHandler(responder, 1));
    }

    @Test
    void aReplyHasTheIdOfItsRequestWhateverTheOrder() {
        request(5, 50);
        request(3, 30, 31);
        assertArrayEquals(new byte[] {50}, requests.get(0));
        assertArrayEquals(new byte[] {30, 31}, requests.get(1));
        replies.get(1).setSuccess(end.buffer((byte) 33));
        replies.get(0).setSuccess(end.buffer());
        assertArrayEquals(new byte[][] {message(3, 33), message(5)}, end.sent().toArray());
    }

    @Test
    void aClientMayUseAnIdAgain() {
        request(5, 1);
        request(5, 2);
        replies.get(0).setSuccess(end.buffer((byte) 10));
        replies.get(1).setSuccess(end.buffer((byte) 20));
        assertArrayEquals(
                new byte[][] {message(5, 10), message(5, 20)}, end.sent().toArray());
    }

    @Test
    void withAsManyUnansweredAsMayBeTheChannelIsNotRead() {
        end.channel().config().setAutoRead(false);
        int before = below.reads;
        request(1);
        end.channel().read();
        assertEquals(before + 1, below.reads);
        request(2);
        end.channel().read();
        end.channel().read();
        assertEquals(before + 1, below.reads);
        request(3); // came with the same read as the last one
        replies.get(0).setSuccess(end.buffer());
        assertEquals(before + 1, below.reads, "there are two still");
        replies.get(2).setFailure(new IOException("no reply"));
        assertEquals(before + 2, below.reads, "the reads that waited are one");
        replies.get(1).cancel(false);
        assertEquals(before + 2, below.reads);
    }

    @Test
    void aHandlerThatIsRemovedLeavesNoReadWaitingAndSendsNothing() {
        request(1);
        request(2);
        int before = below.reads;
        end.channel().read();
        end.channel().pipeline().remove(server);
        assertEquals(before + 1, below.reads);
        ByteBuf reply = end.buffer((byte) 1);
        replies.get(0).setSuccess(reply);
        assertEquals(0, reply.refCnt());
        assertEquals(List.of(), end.sent());
    }

    /** Such as one that hands the channel over to another protocol with its last reply. */
    @Test
    void aHandlerThatIsRemovedWithinABurstFlushesWhatItHasWritten() throws Exception {
        try (Embedded server = answering((ctx, request) -> {
            if (request.getByte(request.readerIndex()) == 20) {
                ctx.pipeline().remove(ctx.handler());
            }
            return ctx.executor().newSucceededFuture(request);
        })) {
            server.channel().writeInbound(server.buffer(message(1, 10)), server.buffer(message(2, 20)));
            List<byte[]> sent = server.sent();
            assertEquals(1, sent.size());
            assertArrayEquals(message(1, 10), sent.get(0));
        }
    }

    @Test
    void withoutAReplyTheFailureIsCaughtAndThePlaceIsFree() throws Exception {
        IOException failure = new IOException("cannot");
        List<Responder> failing = List.of(
                (ctx, request) -> {
                    request.release();
                    throw failure;
                },
                (ctx, request) -> {
                    request.release();
                    return ctx.executor().newFailedFuture(failure);
                },
                (ctx, request) -> {
                    request.release();
                    return null;
                },
                (ctx, request) -> {
                    request.release();
                    return ctx.executor().newSucceededFuture(null);
                });
        for (Responder responder : failing) {
            try (Embedded server = answering(responder)) {
                server.receive(message(1));
                server.receive(message(2));
                assertEquals(2, server.caught().size());
                Throwable caught = server.caught().get(0);
                assertTrue(caught == failure || caught instanceof NullPointerException, caught::toString);
                assertEquals(List.of(), server.sent());
                server.channel().config().setAutoRead(false);
                int before = below.reads;
                server.channel().read();
                assertEquals(before + 1, below.reads, "a place is taken still");
            }
        }
    }

    @Test
    void aReadThatTheResponderAsksForBeforeItFailsIsNotForgotten() throws Exception {
        try (Embedded server = answering((ctx, request) -> {
            request.release();
            ctx.channel().read();
            throw new IOException("cannot");
        })) {
            server.channel().config().setAutoRead(false);
            int before = below.reads;
            server.receive(message(1));
            assertEquals(before + 1, below.reads);
        }
    }

    @Test
    void aCancelledReplyIsNoneAndNoFailure() {
        request(1);
        replies.get(0).cancel(false);
        assertEquals(List.of(), end.sent());
        assertEquals(List.of(), end.caught());
    }

    @Test
    void repliesThatAreThereAtOnceAreFlushedTogether() throws Exception {
        Below counting = new Below();
        try (Embedded echo = new Embedded(counting, new RequestResponseServerHandler((ctx, request) -> ctx.executor()
                .newSucceededFuture(request)))) {
            echo.channel().writeInbound(echo.buffer(message(1, 10)), echo.buffer(message(2, 20)));
            assertEquals(2, echo.sent().size());
            assertEquals(1, counting.flushes);
        }
        request(1);
        request(2);
        int before = below.flushes;
        replies.forEach(reply -> reply.setSuccess(end.buffer()));
        assertEquals(before + 2, below.flushes, "later ones at once");
    }

    @Test
    void aReplyAfterTheCloseIsReleased() {
        request(1);
        end.channel().close();
        ByteBuf reply = end.buffer((byte) 1);
        replies.get(0).setSuccess(reply);
        assertEquals(0, reply.refCnt());
        assertEquals(List.of(), end.caught());
    }

    @Test
    void aReplyThatIsTooLongIsReported() {
        end.channel().pipeline().addFirst(new MessageFrameCodec(8));
        end.receive(new byte[] {0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1});
        replies.get(0).setSuccess(end.buffer((byte) 1));
        assertInstanceOf(TooLongFrameException.class, end.caught().get(0));
        assertTrue(end.channel().isActive());
    }

    @Test
    void aMessageWithoutAWholeIdIsReportedAndTheChannelLivesOn() {
        end.receive(new byte[7]);
        assertInstanceOf(CorruptedFrameException.class, end.caught().get(0));
        request(1);
        assertEquals(1, requests.size());
    }

    @Test
    void whatIsNoBufferPasses() {
        Object other = new Object();
        end.channel().writeInbound(other);
        assertSame(other, end.channel().readInbound());
    }

    @Test
    void whenTheEventLoopHasEndedAReplyIsReleased() throws Exception {
        Promise<ByteBuf> reply = ImmediateEventExecutor.INSTANCE.newPromise();
        Promise<Void> asked = ImmediateEventExecutor.INSTANCE.newPromise();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        Channel channel = new LocalChannel();
        channel.pipeline().addLast(new RequestResponseServerHandler((ctx, request) -> {
            request.release();
            asked.setSuccess(null);
            return reply;
        }));
        loops.register(channel).sync();
        ByteBuf request = end.buffer(message(1));
        channel.eventLoop().execute(() -> channel.pipeline().fireChannelRead(request));
        asked.sync();
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        assertTrue(loops.terminationFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS));

        ByteBuf content = end.buffer((byte) 1);
        reply.setSuccess(content);
        assertEquals(0, content.refCnt());
    }

    @Test
    void aLimitOutOfRangeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new RequestResponseServerHandler((ctx, request) -> null, 0));
    }
}
