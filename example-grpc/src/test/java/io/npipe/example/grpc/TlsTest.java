/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.npipe.channel.PipeSecurity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** TLS between gRPC and the pipe. */
class TlsTest {

    private final GrpcLab lab = new GrpcLab();
    private TestTls tls;

    @BeforeEach
    void serve() throws Exception {
        tls = new TestTls();
        String me = PipeSecurity.currentUserSid();
        lab.start(lab.server()
                .sslContext(tls.server())
                .intercept(new PipeCallerInterceptor(caller -> me.equals(caller.userSid())))
                .addService(Greeter.service()));
    }

    @AfterEach
    void end() {
        lab.close();
    }

    private void assertUnavailable(NettyChannelBuilder builder) {
        ManagedChannel channel = lab.connect(builder);
        StatusRuntimeException failure =
                assertThrows(StatusRuntimeException.class, () -> new GreeterClient(channel).greet("x"));
        assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode(), failure::toString);
    }

    @Test
    void callsAreAnsweredAndTheCallerIsKnown() throws Exception {
        GreeterClient client = new GreeterClient(lab.connect(lab.client().sslContext(tls.client())));

        assertEquals("Hello, x!", client.greet("x"));
        assertEquals(5, client.greetInEachLanguage("x").size());
        String many = "x".repeat(3_000_000); // of TLS's records
        assertEquals(Greeter.greeting("Hello", many), client.greet(many));
    }

    @Test
    void aServerThatTheClientDoesNotTrustIsRefused() throws Exception {
        assertUnavailable(lab.client().sslContext(new TestTls().client()));
    }

    @Test
    void theCertificateMustBeForTheAuthority() throws Exception {
        assertUnavailable(lab.client().sslContext(tls.client()).overrideAuthority("elsewhere"));
    }

    @Test
    void aClientWithoutTlsIsRefused() {
        assertUnavailable(lab.client().usePlaintext());
    }
}
