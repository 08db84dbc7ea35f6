/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The service by itself: how much it takes. */
@Tag("any-jvm")
class GreeterTest {

    private final Response response = new Response();

    /** What gRPC gives a service. */
    private static final class Response extends ServerCallStreamObserver<String> {

        final List<String> sent = new ArrayList<>();
        boolean isReady;
        boolean isAutomatic = true;
        int requested;
        Runnable onReady;
        int failures;

        void becomeReady() {
            isReady = true;
            onReady.run();
        }

        @Override
        public boolean isReady() {
            return isReady;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            onReady = handler;
        }

        @Override
        public void disableAutoRequest() {
            isAutomatic = false;
        }

        @Override
        public void disableAutoInboundFlowControl() {
            disableAutoRequest();
        }

        @Override
        public void request(int count) {
            requested += count;
        }

        @Override
        public void onNext(String message) {
            sent.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            failures++;
        }

        @Override
        public void onCompleted() {
            sent.add("end");
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void setMessageCompression(boolean enable) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void setCompression(String compression) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void noNameIsAskedForWithoutRoomForItsGreeting() {
        Greeter.Each names = new Greeter.Each(response);
        assertFalse(response.isAutomatic);
        assertEquals(0, response.requested);

        response.becomeReady();
        assertEquals(1, response.requested);

        response.isReady = false;
        names.onNext("a");
        assertEquals(List.of("Hello, a!"), response.sent);
        assertEquals(1, response.requested);

        response.becomeReady();
        assertEquals(2, response.requested);
        response.onReady.run(); // asked already
        assertEquals(2, response.requested);
    }

    @Test
    void theNextNameIsAskedForAtOnceWhereThereIsRoom() {
        Greeter.Each names = new Greeter.Each(response);
        response.becomeReady();
        names.onNext("a");
        names.onNext("b");
        assertEquals(3, response.requested);
        names.onCompleted();
        assertEquals(List.of("Hello, a!", "Hello, b!", "end"), response.sent);
    }

    @Test
    void tooManyToBeGreetedTogetherAreRefusedOnce() {
        Greeter.Together names = new Greeter.Together(response);
        for (int i = 0; i < Greeter.MAX_TOGETHER + 2; i++) {
            names.onNext("x");
        }
        names.onCompleted();
        assertEquals(1, response.failures);
        assertEquals(List.of(), response.sent);
    }
}
