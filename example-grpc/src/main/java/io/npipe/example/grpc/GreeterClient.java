/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.npipe.example.common.Patience;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Calls the greeter. Each call fails if it is not answered within {@value Patience#SECONDS} s. */
final class GreeterClient {

    private final Channel channel;

    GreeterClient(Channel channel) {
        this.channel = channel;
    }

    private static CallOptions options() {
        return CallOptions.DEFAULT.withDeadlineAfter(Patience.SECONDS, TimeUnit.SECONDS);
    }

    /** Unary. */
    String greet(String name) {
        return ClientCalls.blockingUnaryCall(channel, Greeter.GREET, options(), name);
    }

    /** Server streaming. */
    List<String> greetInEachLanguage(String name) {
        Iterator<String> greetings =
                ClientCalls.blockingServerStreamingCall(channel, Greeter.GREET_IN_EACH_LANGUAGE, options(), name);
        List<String> all = new ArrayList<>();
        greetings.forEachRemaining(all::add);
        return all;
    }

    /** Client streaming. */
    String greetTogether(List<String> names) throws InterruptedException, ExecutionException, TimeoutException {
        return stream(
                        names,
                        response -> ClientCalls.asyncClientStreamingCall(
                                channel.newCall(Greeter.GREET_TOGETHER, options()), response))
                .get(0);
    }

    /** Bidirectional streaming. */
    List<String> greetEach(List<String> names) throws InterruptedException, ExecutionException, TimeoutException {
        return stream(
                names,
                response ->
                        ClientCalls.asyncBidiStreamingCall(channel.newCall(Greeter.GREET_EACH, options()), response));
    }

    /** Who the server says it is. */
    String whoAmI() {
        return ClientCalls.blockingUnaryCall(channel, Greeter.WHO_AM_I, options(), "");
    }

    private static List<String> stream(
            List<String> names, Function<StreamObserver<String>, StreamObserver<String>> call)
            throws InterruptedException, ExecutionException, TimeoutException {
        Answers answers = new Answers();
        StreamObserver<String> request = call.apply(answers);
        names.forEach(request::onNext);
        request.onCompleted();
        return answers.all.get(2 * Patience.SECONDS, TimeUnit.SECONDS);
    }

    private static final class Answers implements StreamObserver<String> {

        final CompletableFuture<List<String>> all = new CompletableFuture<>();
        private final List<String> received = new ArrayList<>();

        @Override
        public void onNext(String answer) {
            received.add(answer);
        }

        @Override
        public void onError(Throwable cause) {
            all.completeExceptionally(cause);
        }

        @Override
        public void onCompleted() {
            all.complete(received);
        }
    }
}
