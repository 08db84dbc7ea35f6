/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.NamedPipeServerChannel;
import io.npipe.channel.PipeSecurity;
import io.npipe.iocp.IocpEventLoopGroup;
import io.npipe.testkit.Snippet;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The snippets of docs/integrations.md, word for word but for the pipe's name. */
class IntegrationsDocTest {

    /** Instead of the document's, since other builds run on this machine. */
    private static final String NAME = "grpc-greeter-" + UUID.randomUUID();

    @Test
    void theSnippetsRun() throws Exception {
        // server
        IocpEventLoopGroup group = new IocpEventLoopGroup(2);
        NamedPipeAddress address = NamedPipeAddress.of(NAME);
        String me = PipeSecurity.currentUserSid();

        Server server = NettyServerBuilder.forAddress(address)
                .channelType(NamedPipeServerChannel.class)
                .bossEventLoopGroup(group)
                .workerEventLoopGroup(group)
                .intercept(new PipeCallerInterceptor(caller -> me.equals(caller.userSid())))
                .addService(Greeter.service())
                .build()
                .start();
        // server

        // client
        ManagedChannel channel = NettyChannelBuilder.forAddress(address)
                .channelType(NamedPipeChannel.class, NamedPipeAddress.class)
                .eventLoopGroup(group)
                .withOption(NamedPipeChannelOption.REQUIRED_SERVER_OWNER, me)
                .usePlaintext()
                .overrideAuthority("localhost")
                .build();
        // client

        // target
        ManagedChannel byTarget = Grpc.newChannelBuilder(
                        "npipe:////./pipe/" + NAME, InsecureChannelCredentials.create())
                .build();
        // target

        // owner
        ManagedChannel byTargetOfMine = ((NettyChannelBuilder)
                        Grpc.newChannelBuilder("npipe:////./pipe/" + NAME, InsecureChannelCredentials.create()))
                .withOption(NamedPipeChannelOption.REQUIRED_SERVER_OWNER, me)
                .build();
        // owner
        try {
            for (ManagedChannel each : List.of(channel, byTarget, byTargetOfMine)) {
                assertEquals("Hello, x!", new GreeterClient(each).greet("x"));
                GrpcLab.end(each);
            }
        } finally {
            server.shutdownNow();
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    @Tag("any-jvm")
    void theDocumentShowsTheSameLines() throws IOException {
        for (String name : List.of("server", "client", "target", "owner")) {
            Snippet.assertShown("docs/integrations.md", IntegrationsDocTest.class, name, snippet -> snippet.replace(
                            "\" + NAME", "grpc-greeter\"")
                    .replace("NAME", "\"grpc-greeter\""));
        }
    }
}
