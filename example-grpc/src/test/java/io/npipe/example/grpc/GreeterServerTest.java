/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.testkit.HangLimit;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The end of the greeter. */
class GreeterServerTest {

    private final GrpcLab lab = new GrpcLab();
    private final BlockingQueue<String> greetings = new LinkedBlockingQueue<>();
    private final CompletableFuture<Throwable> ended = new CompletableFuture<>();

    /** The lab's have another name. */
    private static void assertLoopsEnd() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("iocpEventLoopGroup")) {
                thread.join(TimeUnit.SECONDS.toMillis(HangLimit.SECONDS));
                assertFalse(thread.isAlive(), thread::getName);
            }
        }
    }

    @AfterEach
    void end() {
        lab.close();
    }

    /** Begins a call, and is greeted once. */
    private StreamObserver<String> call() throws Exception {
        StreamObserver<String> names = ClientCalls.asyncBidiStreamingCall(
                lab.connect().newCall(Greeter.GREET_EACH, CallOptions.DEFAULT), new StreamObserver<String>() {
                    @Override
                    public void onNext(String greeting) {
                        greetings.add(greeting);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        ended.complete(failure);
                    }

                    @Override
                    public void onCompleted() {
                        ended.complete(null);
                    }
                });
        names.onNext("a");
        assertEquals("Hello, a!", greetings.poll(HangLimit.SECONDS, TimeUnit.SECONDS));
        return names;
    }

    @Test
    void callsThatAreUnderWayEndBeforeIt() throws Exception {
        GreeterServer server = GreeterServer.start(lab.address(), false);
        StreamObserver<String> names = call();

        CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> server.close(HangLimit.SECONDS));
        names.onNext("b");
        assertEquals("Hello, b!", greetings.poll(HangLimit.SECONDS, TimeUnit.SECONDS));
        names.onCompleted();

        assertNull(ended.get(HangLimit.SECONDS, TimeUnit.SECONDS));
        closed.get(HangLimit.SECONDS, TimeUnit.SECONDS);
        assertLoopsEnd();
    }

    @Test
    void callsThatDoNotEndAreCancelled() throws Exception {
        GreeterServer server = GreeterServer.start(lab.address(), false);
        call();

        server.close();

        assertFalse(ended.get(HangLimit.SECONDS, TimeUnit.SECONDS) == null);
    }

    @Test
    void aServerThatDoesNotStartLeavesNothingBehind() throws Exception {
        IOException failure = assertThrows(
                IOException.class, () -> GreeterServer.start(NamedPipeAddress.of("\\\\elsewhere\\pipe\\x"), false));
        assertTrue(failure.getMessage().contains("a server can create pipes on"), failure::getMessage);
        assertLoopsEnd();
    }
}
