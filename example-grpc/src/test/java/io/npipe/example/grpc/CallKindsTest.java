/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.npipe.testkit.HangLimit;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Unary calls and the three kinds of streaming. */
class CallKindsTest {

    private static final Metadata.Key<String> DETAIL = Metadata.Key.of("detail", Metadata.ASCII_STRING_MARSHALLER);

    private final GrpcLab lab = new GrpcLab();

    @AfterEach
    void end() {
        lab.close();
    }

    private GreeterClient greeter() throws Exception {
        lab.start(Greeter.service());
        return new GreeterClient(lab.connect());
    }

    @Test
    void aUnaryCallIsAnswered() throws Exception {
        assertEquals("Hello, J\u00fcrgen \ud83d\ude00!", greeter().greet("J\u00fcrgen \ud83d\ude00"));
    }

    @Test
    void aServerStreams() throws Exception {
        assertEquals(
                List.of("Hello, x!", "Hallo, x!", "Salut, x!", "Hola, x!", "Ciao, x!"),
                greeter().greetInEachLanguage("x"));
    }

    @Test
    void aClientStreams() throws Exception {
        assertEquals("Hello, a and b and c!", greeter().greetTogether(List.of("a", "b", "c")));
    }

    @Test
    void moreNamesThanTheGreeterKeepsAreRefused() throws Exception {
        GreeterClient greeter = greeter();
        ExecutionException failure = assertThrows(
                ExecutionException.class,
                () -> greeter.greetTogether(Collections.nCopies(Greeter.MAX_TOGETHER + 10, "x")));
        Status status = ((StatusRuntimeException) failure.getCause()).getStatus();
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, status.getCode(), status::toString);
        assertEquals("more than 1000 names", status.getDescription());
    }

    @Test
    void manyAreGreetedEach() throws Exception {
        List<String> names = IntStream.range(0, 5_000).mapToObj(i -> "no. " + i).toList();
        assertEquals(
                names.stream().map(name -> "Hello, " + name + "!").toList(),
                greeter().greetEach(names));
    }

    @Test
    void bothStream() throws Exception {
        assertEquals(List.of("Hello, a!", "Hello, b!"), greeter().greetEach(List.of("a", "b")));
    }

    @Test
    void aThousandCallsAtATimeShareOneConnection() throws Exception {
        Set<SocketAddress> callers = ConcurrentHashMap.newKeySet();
        lab.start(lab.server()
                .addService(Greeter.service())
                .intercept(GrpcLab.seeing(
                        call -> callers.add(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)))));
        ManagedChannel channel = lab.connect();
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            answers.add(ClientCalls.futureUnaryCall(channel.newCall(Greeter.GREET, CallOptions.DEFAULT), "" + i));
        }
        for (int i = 0; i < 1000; i++) {
            assertEquals("Hello, " + i + "!", answers.get(i).get(HangLimit.SECONDS, TimeUnit.SECONDS));
        }
        assertEquals(1, callers.size(), callers::toString);
    }

    @Test
    void aMessageMayBeLongerThanAllBuffers() throws Exception {
        lab.start(Blobs.service(Blobs.UNARY, ServerCalls.asyncUnaryCall((request, response) -> {
            response.onNext(request);
            response.onCompleted();
        })));
        byte[] request = new byte[4_000_000];
        new Random(1).nextBytes(request);

        byte[] response = ClientCalls.blockingUnaryCall(lab.connect(), Blobs.UNARY, CallOptions.DEFAULT, request);

        assertArrayEquals(request, response);
    }

    @Test
    void aFailureComesWithItsStatusAndItsTrailers() throws Exception {
        lab.start(Blobs.service(Blobs.UNARY, ServerCalls.asyncUnaryCall((request, response) -> {
            Metadata trailers = new Metadata();
            trailers.put(DETAIL, "drawer 7");
            response.onError(Status.NOT_FOUND.withDescription("no such spoon").asRuntimeException(trailers));
        })));
        ManagedChannel channel = lab.connect();

        StatusRuntimeException failure = assertThrows(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(channel, Blobs.UNARY, CallOptions.DEFAULT, new byte[0]));

        assertEquals(Status.Code.NOT_FOUND, failure.getStatus().getCode());
        assertEquals("no such spoon", failure.getStatus().getDescription());
        assertEquals("drawer 7", failure.getTrailers().get(DETAIL));
    }

    @Test
    void theServerSeesTheAuthorityThatOverridesThePath() throws Exception {
        CompletableFuture<String> authority = new CompletableFuture<>();
        lab.start(lab.server()
                .addService(Greeter.service())
                .intercept(GrpcLab.seeing(call -> authority.complete(call.getAuthority()))));
        new GreeterClient(lab.connect(lab.client().usePlaintext().overrideAuthority("greeter.example"))).greet("x");

        assertEquals("greeter.example", authority.get(HangLimit.SECONDS, TimeUnit.SECONDS));
    }
}
