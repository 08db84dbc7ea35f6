/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.CharsetUtil;
import io.npipe.testkit.HangLimit;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code SocketSslSessionReuseTest} asks of sockets: a second connection resumes the session of the first. */
class PipeSslSessionReuseTest extends PipeSuiteTest {

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theSecondConnectionResumesTheSession(String protocol, TestInfo testInfo) throws Throwable {
        X509Bundle certificate = new CertificateBuilder()
                .subject("cn=localhost")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        SslContext server = SslContextBuilder.forServer(certificate.toKeyManagerFactory())
                .sslProvider(SslProvider.JDK)
                .protocols(protocol)
                .build();
        run(testInfo, (sb, cb) -> {
            SslContext client = SslContextBuilder.forClient()
                    .trustManager(certificate.toTrustManagerFactory())
                    .endpointIdentificationAlgorithm(null)
                    .sslProvider(SslProvider.JDK)
                    .protocols(protocol)
                    .build();
            Channel listening = sb.childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(patient(server.newHandler(channel.alloc())), new Echo());
                        }
                    })
                    .bind()
                    .sync()
                    .channel();
            long created = sessionOf(client, cb, listening).getCreationTime();
            SSLSession resumed = sessionOf(client, cb, listening);
            assertEquals(created, resumed.getCreationTime());
            listening.close().sync();
        });
    }

    /** Instead of 10 s for the handshake. */
    private static SslHandler patient(SslHandler handler) {
        handler.setHandshakeTimeout(HangLimit.SECONDS, TimeUnit.SECONDS);
        return handler;
    }

    private static SSLSession sessionOf(SslContext context, Bootstrap cb, Channel server) throws Exception {
        Received received = new Received();
        Channel client = cb.clone()
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(patient(context.newHandler(channel.alloc(), "pipe", 1)), received);
                    }
                })
                .connect(server.localAddress())
                .sync()
                .channel();
        client.writeAndFlush(Unpooled.copiedBuffer("x", CharsetUtil.US_ASCII)).sync();
        received.await(1); // with TLS 1.3 the ticket comes after the handshake
        SSLSession session = client.pipeline().get(SslHandler.class).engine().getSession();
        client.close().sync();
        return session;
    }
}
