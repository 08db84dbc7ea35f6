/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.npipe.testkit.HangLimit;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the same two pipelines do over every channel; a subclass for each says which. */
abstract class SamePipelineContract {

    private static final int MAX = 100_000;

    /** How many requests the server holds before it answers them, the last one first. */
    private static final int HELD = 8;

    /** Serves, connects, and returns the client's end. */
    abstract Channel connect(Supplier<ChannelHandler> server, ChannelHandler client) throws Exception;

    /** Waits until something that was begun has its end, whatever that is. */
    abstract void await(Future<?> future) throws Exception;

    @AfterEach
    abstract void end() throws Exception;

    private static ChannelHandler pipeline(ChannelHandler... handlers) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(handlers);
            }
        };
    }

    /** Answers with the complement of each byte, in batches, the last request first. */
    private static final class BackwardsResponder implements Responder {

        private final List<ByteBuf> requests = new ArrayList<>();
        private final List<Promise<ByteBuf>> replies = new ArrayList<>();

        @Override
        public Future<ByteBuf> respond(ChannelHandlerContext ctx, ByteBuf request) {
            Promise<ByteBuf> reply = ctx.executor().newPromise();
            requests.add(request);
            replies.add(reply);
            if (requests.size() == HELD) {
                while (!requests.isEmpty()) {
                    replies.remove(replies.size() - 1).setSuccess(complement(requests.remove(requests.size() - 1)));
                }
            }
            return reply;
        }

        /** A byte at a time only of an array: leak detection notes each access to a buffer. */
        private static ByteBuf complement(ByteBuf request) {
            byte[] bytes = Embedded.bytesOf(request);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) ~bytes[i];
            }
            return Unpooled.wrappedBuffer(bytes);
        }
    }

    private static RequestResponseClientHandler caller() {
        return new RequestResponseClientHandler(
                TimeUnit.SECONDS.toMillis(HangLimit.SECONDS), RequestResponseClientHandler.DEFAULT_MAX_PENDING);
    }

    @Test
    void manyCallsAtATimeGetTheirOwnReplies() throws Exception {
        int count = 50 * HELD;
        RequestResponseClientHandler caller = caller();
        connect(
                () -> pipeline(new MessageFrameCodec(MAX), new RequestResponseServerHandler(new BackwardsResponder())),
                pipeline(new MessageFrameCodec(MAX), caller));
        Random random = new Random(4711);
        List<byte[]> requests = new ArrayList<>();
        List<Future<ByteBuf>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] request = new byte[i == 7 ? MAX - Long.BYTES : random.nextInt(i % 10 == 0 ? 20_000 : 50)];
            random.nextBytes(request);
            requests.add(request);
            calls.add(caller.call(Unpooled.wrappedBuffer(request)));
        }
        for (int i = 0; i < count; i++) {
            await(calls.get(i));
            byte[] reply = Embedded.bytesOf(calls.get(i).getNow());
            for (int at = 0; at < reply.length; at++) {
                reply[at] = (byte) ~reply[at];
            }
            assertArrayEquals(requests.get(i), reply);
        }
        assertEquals(0, caller.pending());
        assertEquals(0, caller.lateReplies() + caller.duplicateReplies() + caller.unknownReplies());
    }

    @Test
    void textComesBackAsItWas() throws Exception {
        List<String> sent = List.of("naïve", "", "日本", "𐐷", "x".repeat(30_000), "end");
        List<String> received = new ArrayList<>();
        Promise<Void> all = ImmediateEventExecutor.INSTANCE.newPromise();
        Channel client = connect(
                () -> pipeline(
                        new MessageFrameCodec(MAX),
                        new WindowsStringDecoder(WindowsCharset.UNICODE, MAX),
                        new WindowsStringEncoder(WindowsCharset.UNICODE, MAX, StringTermination.NUL),
                        new SimpleChannelInboundHandler<String>() {
                            @Override
                            protected void channelRead0(ChannelHandlerContext ctx, String text) {
                                ctx.writeAndFlush(text);
                            }
                        }),
                pipeline(
                        new MessageFrameCodec(MAX),
                        new WindowsStringDecoder(WindowsCharset.UNICODE, MAX, StringTermination.NUL),
                        new WindowsStringEncoder(WindowsCharset.UNICODE, MAX, StringTermination.NONE),
                        new SimpleChannelInboundHandler<String>() {
                            @Override
                            protected void channelRead0(ChannelHandlerContext ctx, String text) {
                                received.add(text);
                                if (received.size() == sent.size()) {
                                    all.setSuccess(null);
                                }
                            }

                            @Override
                            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                                all.tryFailure(cause);
                            }
                        }));
        sent.forEach(client::writeAndFlush);
        await(all);
        all.sync();
        assertEquals(sent, received);
    }

    @Test
    void aRequestThatIsTooLongForTheServerTimesOutAndTheNextIsAnswered() throws Exception {
        RequestResponseClientHandler caller = caller();
        Promise<Throwable> caught = ImmediateEventExecutor.INSTANCE.newPromise();
        connect(
                () -> pipeline(
                        new MessageFrameCodec(100),
                        new RequestResponseServerHandler(
                                (ctx, request) -> ctx.executor().newSucceededFuture(request)),
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                                caught.trySuccess(cause);
                            }
                        }),
                pipeline(new MessageFrameCodec(MAX), caller));
        Future<ByteBuf> tooLong = caller.call(Unpooled.wrappedBuffer(new byte[93]), 1);
        Future<ByteBuf> fitting = caller.call(Unpooled.wrappedBuffer(new byte[92]));
        await(fitting);
        assertEquals(92, Embedded.bytesOf(fitting.getNow()).length);
        await(caught);
        assertInstanceOf(TooLongFrameException.class, caught.getNow());
        await(tooLong);
        assertInstanceOf(TimeoutException.class, tooLong.cause());
    }

    @Test
    void whenTheServerClosesTheCallsThatWaitFail() throws Exception {
        RequestResponseClientHandler caller = caller();
        connect(
                () -> pipeline(new MessageFrameCodec(MAX), new RequestResponseServerHandler((ctx, request) -> {
                    request.release();
                    ctx.close();
                    return ctx.executor().newPromise();
                })),
                pipeline(new MessageFrameCodec(MAX), caller));
        Future<ByteBuf> call = caller.call(Unpooled.wrappedBuffer(new byte[10]));
        await(call);
        assertInstanceOf(ClosedChannelException.class, call.cause());
        Future<ByteBuf> another = caller.call(Unpooled.wrappedBuffer(new byte[10]));
        await(another);
        assertInstanceOf(ClosedChannelException.class, another.cause());
    }
}
