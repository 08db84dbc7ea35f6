/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.PipeMode;
import io.npipe.iocp.IocpIoHandler;
import io.npipe.iocp.IocpIoHandlerOptions;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.PipeLab;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls and writes through the handlers in every state of a channel, and with executors of their own. */
@Tag("any-jvm")
class HandlersAtAnyTimeTest {

    private enum State {
        UNREGISTERED,
        REGISTERED,
        ACTIVE,
        CLOSED,
        CLOSED_UNCONNECTED,
        LOOP_ENDED
    }

    private final PipeLab lab = new PipeLab();
    private final RequestResponseClientHandler client = new RequestResponseClientHandler();

    @AfterEach
    void endLoops() {
        lab.close();
    }

    private static ChannelHandler pipeline(EventExecutorGroup executors, ChannelHandler... handlers) {
        return new ChannelInitializer<>() {
            @Override
            @SuppressWarnings("deprecation")
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(executors, handlers);
            }
        };
    }

    private ChannelHandler clients() {
        return pipeline(
                null,
                new MessageFrameCodec(100),
                client,
                new WindowsStringEncoder(WindowsCharset.UNICODE, 100, StringTermination.NUL));
    }

    private void serve(PipeMode type, EventExecutorGroup executors) throws Exception {
        lab.server(() -> pipeline(
                        executors,
                        new MessageFrameCodec(100),
                        new RequestResponseServerHandler(
                                (ctx, request) -> ctx.executor().newSucceededFuture(request))))
                .option(NamedPipeChannelOption.PIPE_TYPE, type)
                .bind(lab.address())
                .sync();
    }

    private NamedPipeChannel in(State state) throws Exception {
        NamedPipeChannel channel = Kernels.clients().newChannel();
        channel.pipeline().addLast(clients());
        EventLoopGroup ending = new MultiThreadIoEventLoopGroup(
                1, IocpIoHandler.newFactory(new IocpIoHandlerOptions().win32(Kernels.win32())));
        EventLoopGroup group = state == State.LOOP_ENDED ? ending : lab.clientGroup();
        if (state != State.UNREGISTERED) {
            group.register(channel).sync();
        }
        switch (state) {
            case ACTIVE, CLOSED, LOOP_ENDED -> channel.connect(lab.address()).sync();
            default -> {}
        }
        switch (state) {
            case CLOSED, CLOSED_UNCONNECTED, LOOP_ENDED -> channel.close().sync();
            default -> {}
        }
        if (state == State.CLOSED || state == State.CLOSED_UNCONNECTED) {
            for (int i = 0; i < 2; i++) { // the pipeline is empty by then
                channel.eventLoop().submit(() -> {}).sync();
            }
        }
        ending.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        return channel;
    }

    private static String described(Future<?> future) throws InterruptedException {
        return future.await().isSuccess() ? "done" : future.cause().getClass().getSimpleName();
    }

    @ParameterizedTest
    @CsvSource({
        "UNREGISTERED, IllegalStateException",
        "REGISTERED, NotYetConnectedException",
        "ACTIVE, done",
        "CLOSED, ClosedChannelException",
        "CLOSED_UNCONNECTED, ClosedChannelException",
        "LOOP_ENDED, RejectedExecutionException"
    })
    void aCallEndsInEveryState(State state, String expected) throws Exception {
        serve(PipeMode.MESSAGE, null);
        NamedPipeChannel channel = in(state);
        ByteBuf request = Unpooled.buffer().writeZero(1);
        Future<ByteBuf> call = client.call(request);
        assertEquals(expected, described(call));
        assertEquals(0, client.pending());
        if (call.isSuccess()) {
            call.getNow().release();
        } else {
            assertEquals(0, request.refCnt());
        }
        end(channel);
    }

    /** Where there is no loop, the write throws, as it does on every Netty channel. */
    @ParameterizedTest
    @CsvSource({
        "REGISTERED, NotYetConnectedException",
        "ACTIVE, done",
        "CLOSED, StacklessClosedChannelException",
        "CLOSED_UNCONNECTED, StacklessClosedChannelException",
        "LOOP_ENDED, RejectedExecutionException"
    })
    void aWriteEndsInEveryState(State state, String expected) throws Exception {
        serve(PipeMode.BYTE, null);
        NamedPipeChannel channel = in(state);
        Object message = state == State.CLOSED || state == State.CLOSED_UNCONNECTED
                ? Unpooled.buffer().writeZero(1) // there is no encoder any more
                : "text";
        assertEquals(expected, described(channel.writeAndFlush(message)));
        end(channel);
    }

    private static void end(NamedPipeChannel channel) throws Exception {
        if (channel.isRegistered()) {
            channel.close().sync();
        } else if (channel.isOpen()) {
            channel.unsafe().closeForcibly();
        }
    }

    @ParameterizedTest
    @EnumSource(PipeMode.class)
    void allHandlersMayHaveExecutorsOfTheirOwn(PipeMode type) throws Exception {
        EventExecutorGroup executors = new DefaultEventExecutorGroup(2);
        serve(type, executors);
        Channel channel = lab.connect(pipeline(executors, new MessageFrameCodec(100), client));
        List<Future<ByteBuf>> calls = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            calls.add(client.call(Unpooled.copiedBuffer("call " + i, StandardCharsets.US_ASCII)));
        }
        for (int i = 0; i < calls.size(); i++) {
            assertArrayEquals(
                    ("call " + i).getBytes(StandardCharsets.US_ASCII),
                    Embedded.bytesOf(calls.get(i).sync().getNow()));
        }
        Future<ByteBuf> last = client.call(Unpooled.EMPTY_BUFFER);
        last.sync().getNow().release();
        channel.close().sync();
        executors.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        assertTrue(executors.isTerminated());
    }
}
