/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.PipeMode;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.PipeLab;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls from several threads on one pipe, answered by several others. */
@Tag("any-jvm")
class RequestResponseThreadsTest {

    private static final int CALLERS = 4;
    private static final int CALLS = 300;
    private static final int MAX_PENDING = 100;

    private final PipeLab lab = new PipeLab();
    private final EventExecutorGroup responders = new DefaultEventExecutorGroup(3);
    private final EventExecutorGroup callers = new DefaultEventExecutorGroup(CALLERS);
    private RequestResponseClientHandler client;

    @AfterEach
    void endThreads() throws Exception {
        lab.close();
        for (EventExecutorGroup group : List.of(responders, callers)) {
            group.shutdownGracefully(0, 10, TimeUnit.SECONDS);
            assertTrue(group.terminationFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS), "threads did not end");
        }
    }

    private static ChannelHandler pipeline(ChannelHandler handler) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new MessageFrameCodec(100), handler);
            }
        };
    }

    private void connect(PipeMode type, RequestResponseClientHandler handler) throws Exception {
        client = handler;
        lab.server(() -> pipeline(new RequestResponseServerHandler(
                        (ctx, request) -> responders.next().submit(() -> request), 10)))
                .option(NamedPipeChannelOption.PIPE_TYPE, type)
                .bind(lab.address())
                .sync();
        lab.connect(pipeline(client));
    }

    private static byte[] request(int caller, int number) {
        return ByteBuffer.allocate(8).putInt(caller).putInt(number).array();
    }

    /** One thread's calls: some are cancelled, some find no place; all others must get their own replies. */
    private int callMany(int caller, CyclicBarrier start) throws Exception {
        start.await(HangLimit.SECONDS, TimeUnit.SECONDS);
        List<Future<ByteBuf>> calls = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            Future<ByteBuf> call = client.call(Unpooled.wrappedBuffer(request(caller, i)));
            calls.add(call);
            if (i % 7 == 0) {
                call.cancel(false); // unless it has its reply already
            }
            if (i % 20 == 19) {
                call.await();
            }
        }
        int answered = 0;
        for (int i = 0; i < CALLS; i++) {
            Future<ByteBuf> call = calls.get(i).await();
            if (call.isSuccess()) {
                assertArrayEquals(request(caller, i), Embedded.bytesOf(call.getNow()));
                answered++;
            } else if (!call.isCancelled()) {
                assertInstanceOf(RejectedExecutionException.class, call.cause());
            }
        }
        return answered;
    }

    @ParameterizedTest
    @EnumSource(PipeMode.class)
    void eachGetsItsOwnReplies(PipeMode type) throws Exception {
        connect(type, new RequestResponseClientHandler(TimeUnit.SECONDS.toMillis(HangLimit.SECONDS), MAX_PENDING));
        CyclicBarrier start = new CyclicBarrier(CALLERS);
        List<Future<Integer>> results = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            int caller = i;
            results.add(callers.next().submit(() -> callMany(caller, start)));
        }
        int answered = 0;
        for (Future<Integer> result : results) {
            answered += result.get(HangLimit.SECONDS, TimeUnit.SECONDS);
        }
        int counted = answered;
        assertTrue(answered > CALLERS * CALLS / 20, () -> "only " + counted + " answered");
        assertEquals(0, client.duplicateReplies() + client.unknownReplies());

        // The loop has heard of those that were cancelled, and their places are free again: as many calls fit as may.
        lab.clientGroup().next().submit(() -> {}).sync();
        List<Future<ByteBuf>> last = new ArrayList<>();
        for (int i = 0; i < MAX_PENDING; i++) {
            last.add(client.call(Unpooled.wrappedBuffer(request(9, i))));
        }
        for (int i = 0; i < MAX_PENDING; i++) {
            assertArrayEquals(request(9, i), Embedded.bytesOf(last.get(i).get(HangLimit.SECONDS, TimeUnit.SECONDS)));
        }
        assertEquals(0, client.pending());
    }

    @Test
    void whoeverHasWaitedForAReplyFindsItsPlaceFree() throws Exception {
        connect(PipeMode.MESSAGE, new RequestResponseClientHandler(TimeUnit.SECONDS.toMillis(HangLimit.SECONDS), 1));
        for (int i = 0; i < 500; i++) {
            assertArrayEquals(
                    request(1, i),
                    Embedded.bytesOf(client.call(Unpooled.wrappedBuffer(request(1, i)))
                            .get(HangLimit.SECONDS, TimeUnit.SECONDS)));
        }
    }
}
