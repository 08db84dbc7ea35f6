/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.npipe.channel.NamedPipePeerCredentials;
import java.util.ArrayList;
import java.util.List;

/** The service: a method of each kind. What a code generator would write of it is here, too. */
final class Greeter {

    static final String SERVICE = "io.npipe.example.Greeter";

    /** One name, one greeting. */
    static final MethodDescriptor<String, String> GREET = method(MethodType.UNARY, "Greet");

    /** One name, a greeting in each language. */
    static final MethodDescriptor<String, String> GREET_IN_EACH_LANGUAGE =
            method(MethodType.SERVER_STREAMING, "GreetInEachLanguage");

    /** Many names, one greeting of all. */
    static final MethodDescriptor<String, String> GREET_TOGETHER = method(MethodType.CLIENT_STREAMING, "GreetTogether");

    /** Many names, a greeting of each as it comes. */
    static final MethodDescriptor<String, String> GREET_EACH = method(MethodType.BIDI_STREAMING, "GreetEach");

    /** Nothing in, who calls out. */
    static final MethodDescriptor<String, String> WHO_AM_I = method(MethodType.UNARY, "WhoAmI");

    static final List<String> LANGUAGES = List.of("Hello", "Hallo", "Salut", "Hola", "Ciao");

    static final int MAX_TOGETHER = 1000;

    private Greeter() {}

    private static MethodDescriptor<String, String> method(MethodType type, String name) {
        return MethodDescriptor.newBuilder(Utf8.TEXT, Utf8.TEXT)
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .build();
    }

    /** A greeter for a server. */
    static ServerServiceDefinition service() {
        return ServerServiceDefinition.builder(SERVICE)
                .addMethod(GREET, ServerCalls.asyncUnaryCall(Greeter::greet))
                .addMethod(GREET_IN_EACH_LANGUAGE, ServerCalls.asyncServerStreamingCall(Greeter::greetInEachLanguage))
                .addMethod(GREET_TOGETHER, ServerCalls.asyncClientStreamingCall(Together::new))
                .addMethod(GREET_EACH, ServerCalls.asyncBidiStreamingCall(Each::new))
                .addMethod(WHO_AM_I, ServerCalls.asyncUnaryCall(Greeter::whoAmI))
                .build();
    }

    static String greeting(String hello, String name) {
        return hello + ", " + name + "!";
    }

    private static void greet(String name, StreamObserver<String> response) {
        response.onNext(greeting(LANGUAGES.get(0), name));
        response.onCompleted();
    }

    private static void greetInEachLanguage(String name, StreamObserver<String> response) {
        for (String hello : LANGUAGES) {
            response.onNext(greeting(hello, name));
        }
        response.onCompleted();
    }

    private static void whoAmI(String nothing, StreamObserver<String> response) {
        NamedPipePeerCredentials caller = PipeCallerInterceptor.CALLER.get();
        response.onNext(caller == null ? "unknown" : caller.toString());
        response.onCompleted();
    }

    private abstract static class Names implements StreamObserver<String> {

        final ServerCallStreamObserver<String> response;

        Names(StreamObserver<String> response) {
            this.response = (ServerCallStreamObserver<String>) response;
        }

        /** The client has cancelled, or is gone. */
        @Override
        public void onError(Throwable cause) {
            response.onError(cause);
        }
    }

    /** Keeps what comes, and so only so much of it. */
    static final class Together extends Names {

        private final List<String> names = new ArrayList<>();
        private boolean isRefused;

        Together(StreamObserver<String> response) {
            super(response);
        }

        @Override
        public void onNext(String name) {
            if (names.size() < MAX_TOGETHER) {
                names.add(name);
            } else if (!isRefused) {
                isRefused = true;
                response.onError(Status.RESOURCE_EXHAUSTED
                        .withDescription("more than " + MAX_TOGETHER + " names")
                        .asRuntimeException());
            }
        }

        @Override
        public void onCompleted() {
            if (!isRefused) {
                response.onNext(greeting(LANGUAGES.get(0), String.join(" and ", names)));
                response.onCompleted();
            }
        }
    }

    /** Takes the next name when there is room for its greeting: a client that does not read is not served ahead. */
    static final class Each extends Names {

        private boolean isAsked;

        Each(StreamObserver<String> response) {
            super(response);
            this.response.disableAutoRequest();
            this.response.setOnReadyHandler(this::askOnce);
        }

        private void askOnce() {
            if (!isAsked && response.isReady()) {
                isAsked = true;
                response.request(1);
            }
        }

        @Override
        public void onNext(String name) {
            isAsked = false;
            response.onNext(greeting(LANGUAGES.get(0), name));
            askOnce(); // else when there is room again
        }

        @Override
        public void onCompleted() {
            response.onCompleted();
        }
    }
}
