/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.npipe.channel.ImpersonationLevel;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.NamedPipePeerCredentials;
import io.npipe.channel.PipeSecurity;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Wine;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The server knows the caller's user, and refuses others. */
class PipeCallerInterceptorTest {

    private final GrpcLab lab = new GrpcLab();
    private final BlockingQueue<NamedPipePeerCredentials> asked = new LinkedBlockingQueue<>();

    @AfterEach
    void end() {
        lab.close();
    }

    private void serve(Predicate<NamedPipePeerCredentials> allowed) throws Exception {
        Predicate<NamedPipePeerCredentials> watched = caller -> {
            asked.add(caller);
            return allowed.test(caller);
        };
        lab.start(lab.server().intercept(new PipeCallerInterceptor(watched)).addService(Greeter.service()));
    }

    private static void assertRefused(GreeterClient client) {
        StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, () -> client.greet("x"));
        assertEquals(Status.Code.PERMISSION_DENIED, refused.getStatus().getCode());
    }

    @Test
    void theServiceKnowsItsCaller() throws Exception {
        String me = PipeSecurity.currentUserSid();
        serve(caller -> me.equals(caller.userSid()));
        GreeterClient client = new GreeterClient(lab.connect());

        assertEquals("Hello, x!", client.greet("x"));
        NamedPipePeerCredentials caller = asked.poll(HangLimit.SECONDS, TimeUnit.SECONDS);
        assertEquals(me, caller.userSid());
        assertEquals(ProcessHandle.current().pid(), caller.processId());
        assertEquals(caller.toString(), client.whoAmI());
    }

    @Test
    void anotherUserIsRefused() throws Exception {
        String me = PipeSecurity.currentUserSid();
        serve(caller -> !me.equals(caller.userSid()));

        assertRefused(new GreeterClient(lab.connect()));
    }

    @Test
    void aCallerWhoDoesNotSayWhoItIsIsRefused() throws Exception {
        String me = PipeSecurity.currentUserSid();
        serve(caller -> me.equals(caller.userSid()));
        NettyChannelBuilder anonymous = lab.client()
                .usePlaintext()
                .withOption(NamedPipeChannelOption.IMPERSONATION_LEVEL, ImpersonationLevel.ANONYMOUS);

        GreeterClient client = new GreeterClient(lab.connect(anonymous));

        if (Wine.isWine()) { // tells who it is all the same
            assertEquals("Hello, x!", client.greet("x"));
        } else {
            assertRefused(client);
        }
        assertEquals(
                Wine.isWine() ? me : null,
                asked.poll(HangLimit.SECONDS, TimeUnit.SECONDS).userSid());
    }

    @Test
    void eachCallIsDecidedAnewOnTheSameConnection() throws Exception {
        Set<String> subscribers = ConcurrentHashMap.newKeySet();
        serve(caller -> subscribers.contains(caller.userSid()));
        GreeterClient client = new GreeterClient(lab.connect());

        assertRefused(client);
        subscribers.add(PipeSecurity.currentUserSid());
        assertEquals("Hello, x!", client.greet("x"));
        subscribers.clear();
        assertRefused(client);
        NamedPipePeerCredentials first = asked.take();
        assertSame(first, asked.take()); // of one connection
        assertSame(first, asked.take());
    }

    @Test
    @Tag("not-on-wine-21")
    void whoeverDoesNotComeOverAPipeIsRefused() throws Exception {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .intercept(new PipeCallerInterceptor(caller -> {
                    asked.add(caller);
                    return true;
                }))
                .addService(Greeter.service())
                .build()
                .start();
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
                .usePlaintext()
                .build();
        try {
            assertRefused(new GreeterClient(channel));
            assertTrue(asked.isEmpty());
        } finally {
            GrpcLab.end(channel);
            GrpcLab.end(server);
        }
    }
}
