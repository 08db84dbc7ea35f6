/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.netty.InternalNettyChannelBuilder;
import io.grpc.netty.InternalNettyServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.testing.integration.AbstractInteropTest;
import io.netty.handler.ssl.SslContext;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeServerChannel;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.PipeLab;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.rules.TestRule;
import org.junit.runners.BlockJUnit4ClassRunner;
import org.junit.runners.model.InitializationError;

/**
 * gRPC's own interoperability suite, as its {@code Http2NettyTest} runs it, but over a pipe. Run by {@link InteropTest};
 * JUnit 4 makes one for each method.
 */
public class PipeInterop extends AbstractInteropTest {

    private static PipeLab lab;
    private static SslContext serverTls;
    private static SslContext clientTls;

    private final NamedPipeAddress address = PipeLab.freshAddress();

    /** Made by JUnit. */
    public PipeInterop() {}

    /** What the next runs use; without TLS if the contexts are null. */
    static void use(PipeLab newLab, SslContext newServerTls, SslContext newClientTls) {
        lab = newLab;
        serverTls = newServerTls;
        clientTls = newClientTls;
    }

    /** Instead of 7 s. */
    @Override
    protected int operationTimeoutMillis() {
        return (int) TimeUnit.SECONDS.toMillis(HangLimit.SECONDS);
    }

    /** Without the suite's limit of 90 s: {@link HangLimit} ends what hangs. */
    static final class Unlimited extends BlockJUnit4ClassRunner {

        Unlimited() throws InitializationError {
            super(PipeInterop.class);
        }

        @Override
        protected List<TestRule> getTestRules(Object target) {
            return super.getTestRules(target).stream()
                    .filter(rule -> rule != ((PipeInterop) target).globalTimeout)
                    .toList();
        }
    }

    @Override
    protected ServerBuilder<?> getServerBuilder() {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address)
                .channelType(NamedPipeServerChannel.class)
                .bossEventLoopGroup(lab.serverGroup())
                .workerEventLoopGroup(lab.serverGroup())
                .sslContext(serverTls)
                .flowControlWindow(TEST_FLOW_CONTROL_WINDOW)
                .maxInboundMessageSize(MAX_MESSAGE_SIZE);
        // The suite counts with a tracer of its own.
        InternalNettyServerBuilder.setStatsEnabled(builder, false);
        return builder.addStreamTracerFactory(createCustomCensusTracerFactory());
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(address)
                .channelType(NamedPipeChannel.class, NamedPipeAddress.class)
                .eventLoopGroup(lab.clientGroup())
                .overrideAuthority("localhost")
                .flowControlWindow(TEST_FLOW_CONTROL_WINDOW)
                .maxInboundMessageSize(MAX_MESSAGE_SIZE);
        if (clientTls == null) {
            builder.usePlaintext();
        } else {
            builder.sslContext(clientTls);
        }
        InternalNettyChannelBuilder.setStatsEnabled(builder, false);
        return builder.intercept(createCensusStatsClientInterceptor());
    }
}
