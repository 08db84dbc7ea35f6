/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.npipe.testkit.HangLimit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A channel outlives its server. */
class ReconnectTest {

    private static final CallOptions WAITING =
            CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(HangLimit.SECONDS, TimeUnit.SECONDS);

    private final GrpcLab lab = new GrpcLab();

    @AfterEach
    void end() {
        lab.close();
    }

    @Test
    void callsGoOnWithTheNextAttemptAfterTheServerIsThereAgain() throws Exception {
        ManagedChannel channel = lab.connect();
        GreeterClient client = new GreeterClient(channel);
        for (int life = 1; life <= 3; life++) {
            Server server = lab.start(Greeter.service());
            assertEquals("Hello, x!", ClientCalls.blockingUnaryCall(channel, Greeter.GREET, WAITING, "x"));

            GrpcLab.end(server);
            StatusRuntimeException failure =
                    assertThrows(StatusRuntimeException.class, () -> client.greet("between two lives"));
            assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode(), failure::toString);
        }
    }

    @Test
    void aCallThatWaitsIsAnsweredByAServerThatComesLater() throws Exception {
        ManagedChannel channel = lab.connect();
        var answer = ClientCalls.futureUnaryCall(channel.newCall(Greeter.GREET, WAITING), "x");
        CompletableFuture<ConnectivityState> failed = new CompletableFuture<>();
        watch(channel, failed);
        failed.get(HangLimit.SECONDS, TimeUnit.SECONDS);

        lab.start(Greeter.service());
        channel.resetConnectBackoff();

        assertEquals("Hello, x!", answer.get(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    private static void watch(ManagedChannel channel, CompletableFuture<ConnectivityState> failed) {
        ConnectivityState state = channel.getState(false);
        if (state == ConnectivityState.TRANSIENT_FAILURE) {
            failed.complete(state);
        } else {
            channel.notifyWhenStateChanged(state, () -> watch(channel, failed));
        }
    }
}
