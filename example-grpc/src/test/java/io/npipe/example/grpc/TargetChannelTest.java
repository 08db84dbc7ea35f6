/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.NamedPipeServerChannel;
import io.npipe.channel.PipeSecurity;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Channels that are made from a target alone. */
class TargetChannelTest {

    private static final ChannelCredentials INSECURE = InsecureChannelCredentials.create();

    private final GrpcLab lab = new GrpcLab();
    private String target;

    @BeforeEach
    void spellTarget() {
        target = PipeNameResolverProvider.target(lab.address());
    }

    @AfterEach
    void end() {
        lab.close();
    }

    private static void assertGreets(ManagedChannelBuilder<?> builder) throws InterruptedException {
        ManagedChannel channel = builder.build();
        try {
            assertEquals("Hello, x!", new GreeterClient(channel).greet("x"));
            assertEquals("localhost", channel.authority());
        } finally {
            GrpcLab.end(channel);
        }
    }

    @Test
    void grpcMakesAChannelOfATarget() throws Exception {
        lab.start(Greeter.service());
        assertTrue(target.startsWith("npipe:////./pipe/"), target);

        assertGreets(Grpc.newChannelBuilder(target, INSECURE));
    }

    @Test
    void soItDoesWithTls() throws Exception {
        TestTls tls = new TestTls();
        lab.start(NettyServerBuilder.forAddress(lab.address(), tls.serverCredentials())
                .channelType(NamedPipeServerChannel.class)
                .bossEventLoopGroup(lab.pipes().serverGroup())
                .workerEventLoopGroup(lab.pipes().serverGroup())
                .addService(Greeter.service()));

        assertGreets(Grpc.newChannelBuilder(target, tls.clientCredentials()));
    }

    @Test
    void oneMayHaveEventLoopsOfItsOwn() throws Exception {
        lab.start(Greeter.service());

        assertGreets(NettyChannelBuilder.forTarget(target, INSECURE)
                .channelType(NamedPipeChannel.class, NamedPipeAddress.class)
                .eventLoopGroup(lab.pipes().clientGroup()));
    }

    /** Why there is a provider of channels beside the one of names. */
    @Test
    void theChannelsOfGrpcNettyAloneTakeNoPipes() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> NettyChannelBuilder.forTarget(target, INSECURE)
                        .build());
        assertTrue(refused.getMessage().contains("not supported by transport"), refused::getMessage);
    }

    @Test
    @Tag("not-on-wine-21")
    void otherTargetsGoTheirWay() throws Exception {
        Server server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(Greeter.service())
                .build()
                .start();
        try {
            for (String other : List.of("dns:///127.0.0.1:", "127.0.0.1:")) {
                ManagedChannel channel = Grpc.newChannelBuilder(other + server.getPort(), INSECURE)
                        .build();
                try {
                    assertEquals("Hello, x!", new GreeterClient(channel).greet("x"));
                    assertEquals("unknown", new GreeterClient(channel).whoAmI());
                } finally {
                    GrpcLab.end(channel);
                }
            }
        } finally {
            GrpcLab.end(server);
        }
    }

    /** Whatever makes addresses of pipes. */
    @Test
    void aRegistryOfResolversMayBeGiven() throws Exception {
        lab.start(Greeter.service());
        NameResolverRegistry registry = new NameResolverRegistry();
        registry.register(new Renamed());

        assertGreets(Grpc.newChannelBuilder(target.replace("npipe:", "renamed:"), INSECURE, registry));
    }

    private static final class Renamed extends NameResolverProvider {

        private final PipeNameResolverProvider pipes = new PipeNameResolverProvider();

        @Override
        public NameResolver newNameResolver(URI uri, NameResolver.Args args) {
            return pipes.newNameResolver(URI.create(uri.toString().replace("renamed:", "npipe:")), args);
        }

        @Override
        public String getDefaultScheme() {
            return "renamed";
        }

        @Override
        public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
            return pipes.getProducedSocketAddressTypes();
        }

        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 1;
        }
    }

    /** How a client that has only a target insists on who serves it. */
    @Test
    void theOwnerOfTheServerMayBeRequired() throws Exception {
        lab.start(Greeter.service());

        assertGreets(((NettyChannelBuilder) Grpc.newChannelBuilder(target, INSECURE))
                .withOption(NamedPipeChannelOption.REQUIRED_SERVER_OWNER, PipeSecurity.currentUserSid()));

        ManagedChannel channel = ((NettyChannelBuilder) Grpc.newChannelBuilder(target, INSECURE))
                .withOption(NamedPipeChannelOption.REQUIRED_SERVER_OWNER, "S-1-5-7")
                .build();
        try {
            StatusRuntimeException refused =
                    assertThrows(StatusRuntimeException.class, () -> new GreeterClient(channel).greet("x"));
            assertTrue(refused.getCause().getMessage().contains("S-1-5-7"), refused.getCause()::toString);
        } finally {
            GrpcLab.end(channel);
        }
    }

    @Test
    void credentialsThatNobodyKnowsAreRefused() {
        ChannelCredentials strange = new ChannelCredentials() {
            @Override
            public ChannelCredentials withoutBearerTokens() {
                return this;
            }
        };
        RuntimeException refused = assertThrows(RuntimeException.class, () -> Grpc.newChannelBuilder(target, strange));
        assertTrue(refused.getMessage().contains(PipeChannelProvider.class.getName()), refused::getMessage);
    }
}
