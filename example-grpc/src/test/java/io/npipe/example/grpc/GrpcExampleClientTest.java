/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.PipeSecurity;
import io.npipe.testkit.Program;
import io.npipe.testkit.Program.Run;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The example's client, and servers that are not as they should be. */
class GrpcExampleClientTest {

    private final GrpcLab lab = new GrpcLab();

    @AfterEach
    void end() {
        lab.close();
    }

    private Run client() {
        return Program.call(
                GrpcExample::run, "--client", "--name", lab.address().path(), "--calls", "0");
    }

    @Test
    void answersThatAreWrongAreTold() throws Exception {
        lab.start(lab.server().addService(Greeter.service()).intercept(new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                return next.startCall(
                        new SimpleForwardingServerCall<>(call) {
                            @Override
                            @SuppressWarnings("unchecked") // the greeter's are texts
                            public void sendMessage(R greeting) {
                                super.sendMessage((R) (greeting + "?"));
                            }
                        },
                        headers);
            }
        }));

        Run run = client();

        assertEquals(1, run.exitCode(), run.out());
        assertTrue(run.out().contains("unary: Hello, pipe!?, NOT Hello, pipe!\n"), run.out());
        assertTrue(run.out().endsWith("\nNOT all answers were right\n"), run.out());
    }

    @Test
    void aServerOfAnotherOwnerIsToldNothing() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        PipeSecurity ofAdministrators = PipeSecurity.sddl("O:BAD:(A;;FA;;;WD)");
        try {
            lab.start(lab.server()
                    .withOption(NamedPipeChannelOption.SECURITY, ofAdministrators)
                    .addService(Greeter.service())
                    .intercept(GrpcLab.seeing(call -> calls.incrementAndGet())));
        } catch (IOException e) {
            abort("only an administrator may let the administrators own a pipe: " + e.getCause());
        }

        Run run = client();

        assertEquals(1, run.exitCode(), run.out());
        assertTrue(run.err().contains("S-1-5-32-544"), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertEquals(0, calls.get());
    }
}
