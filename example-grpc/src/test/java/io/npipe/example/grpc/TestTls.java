/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.npipe.testkit.HangLimit;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;

/** A server's certificate for {@code localhost}, signed by itself, and clients that trust it. The JDK's TLS. */
final class TestTls {

    /** Has as much time for a handshake as a slow machine needs, instead of 10 s. */
    private static final class Patient extends DelegatingSslContext {

        Patient(SslContext delegate) {
            super(delegate);
        }

        @Override
        protected void initEngine(SSLEngine engine) {}

        @Override
        protected void initHandler(SslHandler handler) {
            handler.setHandshakeTimeout(HangLimit.SECONDS, TimeUnit.SECONDS);
        }
    }

    private final X509Bundle certificate;

    TestTls() throws Exception {
        certificate = new CertificateBuilder()
                .subject("cn=localhost")
                .addSanDnsName("localhost")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    SslContext server() throws Exception {
        return new Patient(GrpcSslContexts.configure(
                        SslContextBuilder.forServer(certificate.toKeyManagerFactory()), SslProvider.JDK)
                .build());
    }

    ServerCredentials serverCredentials() throws Exception {
        return TlsServerCredentials.newBuilder()
                .keyManager(certificate.toKeyManagerFactory().getKeyManagers())
                .build();
    }

    ChannelCredentials clientCredentials() throws Exception {
        return TlsChannelCredentials.newBuilder()
                .trustManager(certificate.toTrustManagerFactory().getTrustManagers())
                .build();
    }

    SslContext client() throws Exception {
        return new Patient(GrpcSslContexts.configure(
                        SslContextBuilder.forClient().trustManager(certificate.toTrustManagerFactory()),
                        SslProvider.JDK)
                .build());
    }
}
