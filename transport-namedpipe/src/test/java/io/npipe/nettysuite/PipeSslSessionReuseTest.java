/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.AbstractSocketTest;
import io.netty.util.CharsetUtil;
import java.net.SocketAddress;
import java.util.List;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code SocketSslSessionReuseTest} asks of sockets: a second connection resumes the session of the first. */
@Tag("any-jvm")
@ExtendWith(NettySuite.class)
class PipeSslSessionReuseTest extends AbstractSocketTest {

    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return NettySuite.serversAndClients();
    }

    @Override
    protected List<ByteBufAllocator> newAllocators() {
        return NettySuite.allocators();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return NettySuite.freshAddress();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    @Timeout(60)
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
                            channel.pipeline().addLast(server.newHandler(channel.alloc()), new Echo());
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

    private static SSLSession sessionOf(SslContext context, Bootstrap cb, Channel server) throws Exception {
        Received received = new Received();
        Channel client = cb.clone()
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(context.newHandler(channel.alloc(), "pipe", 1), received);
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
