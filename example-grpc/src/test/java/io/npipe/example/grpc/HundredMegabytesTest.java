/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.npipe.testkit.HangLimit;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Long streams arrive whole, and are sent no faster than they are read. */
class HundredMegabytesTest {

    /** Given, it stays so; else gRPC widens it as it sees fit. */
    private static final int WINDOW = NettyChannelBuilder.DEFAULT_FLOW_CONTROL_WINDOW;

    /** A window of HTTP/2 for the stream, and what gRPC lets wait before it says that there is no room. */
    private static final long AHEAD = WINDOW + 4 * LongStream.PART_BYTES;

    private final GrpcLab lab = new GrpcLab();
    private final LongStream down = new LongStream();
    private final LongStream up = new LongStream();

    @AfterEach
    void end() {
        lab.close();
    }

    private void serve(ServerServiceDefinition service) throws IOException {
        lab.start(lab.server().flowControlWindow(WINDOW).addService(service));
    }

    private ManagedChannel connect() {
        return lab.connect(lab.client().usePlaintext().flowControlWindow(WINDOW));
    }

    /** The server's end of a call is the end of the call: it waits for what comes up, too. */
    private void sendDown(StreamObserver<byte[]> response, CompletableFuture<Void> cameUp) {
        ServerCallStreamObserver<byte[]> out = (ServerCallStreamObserver<byte[]>) response;
        CompletableFuture.allOf(down.allSent(), cameUp).thenRun(out::onCompleted);
        out.setOnReadyHandler(() -> down.sendWhileThereIsRoom(out));
    }

    /** What a server does with what comes up. */
    private StreamObserver<byte[]> receiveUp(Runnable ended) {
        return new StreamObserver<>() {
            @Override
            public void onNext(byte[] part) {
                up.receive(part);
            }

            @Override
            public void onError(Throwable cause) {
                // the client's own end of it fails the test
            }

            @Override
            public void onCompleted() {
                ended.run();
            }
        };
    }

    /** A client's call; sends up, if it is to. */
    private abstract static class Caller implements ClientResponseObserver<byte[], byte[]> {

        final CompletableFuture<Void> ended = new CompletableFuture<>();
        private final LongStream up;

        Caller(LongStream up) {
            this.up = up;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<byte[]> call) {
            if (up != null) {
                up.allSent().thenRun(call::onCompleted);
                call.setOnReadyHandler(() -> up.sendWhileThereIsRoom(call));
            }
        }

        @Override
        public void onError(Throwable cause) {
            ended.completeExceptionally(cause);
        }

        @Override
        public void onCompleted() {
            ended.complete(null);
        }
    }

    /** Reads a part when it has checked the one before; the second only when the sender has come to a halt. */
    private static final class SlowReader extends Caller {

        private final LongStream down;
        private ClientCallStreamObserver<byte[]> call;

        SlowReader(LongStream down, LongStream up) {
            super(up);
            this.down = down;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<byte[]> newCall) {
            call = newCall;
            call.disableAutoRequestWithInitial(1);
            super.beforeStart(call);
        }

        @Override
        public void onNext(byte[] part) {
            down.receive(part);
            if (down.received() == 1) {
                down.heldUp().thenRun(() -> call.request(1));
            } else {
                call.request(1);
            }
        }
    }

    /** Fails with how far it came if it does not come to its end. */
    private void await(CompletableFuture<?> end) throws Exception {
        try {
            end.get(HangLimit.SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("down: " + down + "; up: " + up, e);
        }
    }

    private static void assertWhole(LongStream stream) {
        assertEquals(LongStream.PARTS, stream.received());
        assertTrue(stream.mostBytesAhead() <= AHEAD, () -> stream.mostBytesAhead() + " bytes ahead");
    }

    @Test
    void downToAReaderThatPauses() throws Exception {
        serve(Blobs.service(
                Blobs.DOWN,
                ServerCalls.asyncServerStreamingCall(
                        (request, response) -> sendDown(response, CompletableFuture.completedFuture(null)))));
        SlowReader reader = new SlowReader(down, null);

        ClientCalls.asyncServerStreamingCall(connect().newCall(Blobs.DOWN, CallOptions.DEFAULT), new byte[0], reader);

        await(reader.ended);
        assertWhole(down);
    }

    @Test
    void bothWaysAtOnce() throws Exception {
        CompletableFuture<Void> cameUp = new CompletableFuture<>();
        serve(Blobs.service(Blobs.BOTH, ServerCalls.asyncBidiStreamingCall(response -> {
            sendDown(response, cameUp);
            return receiveUp(() -> cameUp.complete(null));
        })));
        SlowReader reader = new SlowReader(down, up);

        ClientCalls.asyncBidiStreamingCall(connect().newCall(Blobs.BOTH, CallOptions.DEFAULT), reader);

        await(reader.ended);
        assertWhole(down);
        assertWhole(up);
    }

    @Test
    void up() throws Exception {
        serve(Blobs.service(
                Blobs.UP,
                ServerCalls.asyncClientStreamingCall(response -> receiveUp(() -> {
                    response.onNext(new byte[1]);
                    response.onCompleted();
                }))));
        Caller sender = new Caller(up) {
            @Override
            public void onNext(byte[] answer) {
                // only its end matters
            }
        };

        ClientCalls.asyncClientStreamingCall(connect().newCall(Blobs.UP, CallOptions.DEFAULT), sender);

        await(sender.ended);
        assertWhole(up);
    }
}
