/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.util.ReferenceCountUtil;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.testkit.HangLimit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pings tell a peer that is silent from one that does not live. gRPC pings after 10 s at the earliest: all wait at once. */
class KeepAliveTest {

    private static final long PING_SECONDS = 10;

    /** The living have to answer in it on any machine, the dead keep the tests waiting for it. */
    private static final long ANSWER_SECONDS = 15;

    private static GrpcLab served;
    private static final CountDownLatch pingsToDead = new CountDownLatch(1);
    private static final CountDownLatch pingsToLiving = new CountDownLatch(1);
    private static Channel dead;
    private static Channel living;

    private static GrpcLab calling;
    private static final CountDownLatch pingsToDeadServer = new CountDownLatch(1);
    private static Future<String> call;

    @BeforeAll
    static void begin() throws Exception {
        calling = new GrpcLab();
        calling.pipes()
                .bind(() -> http2(Http2FrameCodecBuilder.forServer().autoAckPingFrame(false), pingsToDeadServer));
        ManagedChannel channel = calling.connect(calling.client()
                .usePlaintext()
                .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(ANSWER_SECONDS, TimeUnit.SECONDS));
        call = ClientCalls.futureUnaryCall(channel.newCall(Greeter.GREET, CallOptions.DEFAULT), "x");

        served = new GrpcLab();
        served.start(served.server()
                .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
                .addService(Greeter.service()));
        living = connect(Http2FrameCodecBuilder.forClient(), pingsToLiving); // and answers its pings
        dead = connect(Http2FrameCodecBuilder.forClient().autoAckPingFrame(false), pingsToDead);
    }

    @AfterAll
    static void end() {
        calling.close();
        served.close();
    }

    private static Channel connect(Http2FrameCodecBuilder codec, CountDownLatch pings) throws Exception {
        return new Bootstrap()
                .group(served.pipes().clientGroup())
                .channel(NamedPipeChannel.class)
                .handler(http2(codec, pings))
                .connect(served.address())
                .sync()
                .channel();
    }

    /** Speaks HTTP/2 but answers no ping, unless the codec does that. */
    private static ChannelInitializer<Channel> http2(Http2FrameCodecBuilder codec, CountDownLatch pings) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(codec.build(), new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object frame) {
                        if (frame instanceof Http2PingFrame ping && !ping.ack()) {
                            pings.countDown();
                        }
                        ReferenceCountUtil.release(frame);
                    }
                });
            }
        };
    }

    @Test
    void aServerClosesAConnectionWhoseClientDoesNotAnswer() throws Exception {
        assertTrue(dead.closeFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS));
        assertEquals(0, pingsToDead.getCount());
    }

    @Test
    void aServerLeavesAnIdleConnectionWhoseClientAnswers() throws Exception {
        assertTrue(pingsToLiving.await(HangLimit.SECONDS, TimeUnit.SECONDS));
        assertTrue(dead.closeFuture()
                .await(HangLimit.SECONDS, TimeUnit.SECONDS)); // the time of the other's answer is over, too
        assertTrue(living.isOpen());
    }

    @Test
    void aClientFailsTheCallsToAServerThatDoesNotAnswer() {
        Throwable failure = assertThrows(ExecutionException.class, () -> call.get(HangLimit.SECONDS, TimeUnit.SECONDS))
                .getCause();
        Status status = ((StatusRuntimeException) failure).getStatus();
        assertEquals(Status.Code.UNAVAILABLE, status.getCode());
        assertTrue(status.getDescription().contains("Keepalive failed"), status::toString);
        assertEquals(0, pingsToDeadServer.getCount());
    }
}
