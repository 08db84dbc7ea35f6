/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.npipe.testkit.HangLimit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that end before they are answered. */
class DeadlineAndCancellationTest {

    private static final byte[] MESSAGE = {1, 2, 3};
    private static final CallOptions NO_DEADLINE = CallOptions.DEFAULT;

    private final GrpcLab lab = new GrpcLab();

    // Of the server's one call.
    private final CompletableFuture<StreamObserver<byte[]>> called = new CompletableFuture<>();
    private final CompletableFuture<Deadline> deadline = new CompletableFuture<>();
    private final CompletableFuture<Void> cancelled = new CompletableFuture<>();

    @AfterEach
    void end() {
        lab.close();
    }

    private void hold(StreamObserver<byte[]> response) {
        ((ServerCallStreamObserver<byte[]>) response).setOnCancelHandler(() -> cancelled.complete(null));
        deadline.complete(Context.current().getDeadline());
        called.complete(response);
    }

    /** A server that answers nothing by itself. */
    private Server serveNothing() throws Exception {
        return lab.start(lab.server()
                .addService(
                        Blobs.service(Blobs.UNARY, ServerCalls.asyncUnaryCall((request, response) -> hold(response))))
                .addService(Greeter.service()));
    }

    private static void assertCode(Status.Code expected, Throwable failure) {
        StatusRuntimeException status = assertInstanceOf(StatusRuntimeException.class, failure);
        assertEquals(expected, status.getStatus().getCode(), status::toString);
    }

    private static Throwable failureOf(Future<?> answer) {
        return assertThrows(ExecutionException.class, () -> answer.get(HangLimit.SECONDS, TimeUnit.SECONDS))
                .getCause();
    }

    @Test
    void aCallEndsAtItsDeadlineOnBothSidesAndTheConnectionLivesOn() throws Exception {
        serveNothing();
        ManagedChannel channel = lab.connect();
        new GreeterClient(channel).greet("x"); // connected, so that the call below reaches the server in its time

        int seconds = 3;
        assertExceeded(channel, seconds);
        while (!deadline.isDone()) { // it did not reach the server in its time: a slow machine
            seconds *= 2;
            assertExceeded(channel, seconds);
        }

        long left = deadline.join().timeRemaining(TimeUnit.SECONDS);
        int most = seconds;
        assertTrue(left <= most, () -> "the server was told another deadline: " + left + " s");
        cancelled.get(HangLimit.SECONDS, TimeUnit.SECONDS);
        assertEquals("Hello, y!", new GreeterClient(channel).greet("y"));
    }

    private static void assertExceeded(ManagedChannel channel, int seconds) {
        StatusRuntimeException failure = assertThrows(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(
                        channel, Blobs.UNARY, NO_DEADLINE.withDeadlineAfter(seconds, TimeUnit.SECONDS), MESSAGE));
        assertCode(Status.Code.DEADLINE_EXCEEDED, failure);
    }

    @Test
    void aDeadlineIsMetAlsoWhereNobodyServesThePipe() {
        ManagedChannel channel = lab.connect();

        StatusRuntimeException failure = assertThrows(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(
                        channel,
                        Blobs.UNARY,
                        NO_DEADLINE.withWaitForReady().withDeadlineAfter(200, TimeUnit.MILLISECONDS),
                        MESSAGE));

        assertCode(Status.Code.DEADLINE_EXCEEDED, failure);
    }

    @Test
    void aCallFailsAtOnceWhereNobodyServesThePipeAndSaysWhy() {
        ManagedChannel channel = lab.connect();

        StatusRuntimeException failure = assertThrows(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(channel, Blobs.UNARY, NO_DEADLINE, MESSAGE));

        assertCode(Status.Code.UNAVAILABLE, failure);
        String why = failure.getCause().getMessage();
        assertTrue(why.startsWith(lab.address().path()), why);
    }

    @Test
    void aClientThatCancelsIsHeardByTheServerAndTheConnectionLivesOn() throws Exception {
        serveNothing();
        ManagedChannel channel = lab.connect();
        ClientCall<byte[], byte[]> call = channel.newCall(Blobs.UNARY, NO_DEADLINE);
        var answer = ClientCalls.futureUnaryCall(call, MESSAGE);
        called.get(HangLimit.SECONDS, TimeUnit.SECONDS);
        assertFalse(cancelled.isDone());

        call.cancel("changed its mind", null);

        assertCode(Status.Code.CANCELLED, failureOf(answer));
        cancelled.get(HangLimit.SECONDS, TimeUnit.SECONDS);
        assertEquals("Hello, x!", new GreeterClient(channel).greet("x"));
    }

    @Test
    void theCallsOfAClientThatGoesAreCancelled() throws Exception {
        serveNothing();
        ManagedChannel channel = lab.connect();
        var answer = ClientCalls.futureUnaryCall(channel.newCall(Blobs.UNARY, NO_DEADLINE), MESSAGE);
        called.get(HangLimit.SECONDS, TimeUnit.SECONDS);

        channel.shutdownNow();

        assertCode(Status.Code.UNAVAILABLE, failureOf(answer));
        cancelled.get(HangLimit.SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void aServerThatShutsDownInOrderAnswersWhatItHas() throws Exception {
        Server server = serveNothing();
        var answer = ClientCalls.futureUnaryCall(lab.connect().newCall(Blobs.UNARY, NO_DEADLINE), MESSAGE);
        StreamObserver<byte[]> response = called.get(HangLimit.SECONDS, TimeUnit.SECONDS);

        server.shutdown();
        // The pipe is there as long as its last instance: who comes now waits for one.
        GreeterClient late = new GreeterClient(
                lab.connect(lab.client().usePlaintext().withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 200)));
        StatusRuntimeException tooLate = assertThrows(StatusRuntimeException.class, () -> late.greet("x"));
        assertCode(Status.Code.UNAVAILABLE, tooLate);
        assertInstanceOf(ConnectTimeoutException.class, tooLate.getCause());
        response.onNext(MESSAGE);
        response.onCompleted();

        assertEquals(MESSAGE.length, answer.get(HangLimit.SECONDS, TimeUnit.SECONDS).length);
        assertTrue(server.awaitTermination(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void theCallsOfAServerThatGoesFail() throws Exception {
        Server server = serveNothing();
        var answer = ClientCalls.futureUnaryCall(lab.connect().newCall(Blobs.UNARY, NO_DEADLINE), MESSAGE);
        called.get(HangLimit.SECONDS, TimeUnit.SECONDS);

        server.shutdownNow();

        assertCode(Status.Code.UNAVAILABLE, failureOf(answer));
    }
}
