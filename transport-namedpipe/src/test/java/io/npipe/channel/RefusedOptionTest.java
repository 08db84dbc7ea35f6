/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.npipe.testkit.LogWatch;
import io.npipe.testkit.SimulatedPipeLab;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An option that was refused fails what comes next, also if a bootstrap only logs the refusal, as Netty 4.2.7's does. */
@Tag("any-jvm")
class RefusedOptionTest {

    private final SimulatedPipeLab lab = new SimulatedPipeLab();

    @AfterEach
    void nothingIsLeft() {
        lab.close();
    }

    private record Refused<T>(ChannelOption<T> option, T value) {

        /** As a bootstrap that goes on. */
        Throwable setOn(Channel channel) {
            ChannelConfig config = channel.config();
            return assertThrows(RuntimeException.class, () -> config.setOption(option, value));
        }

        @Override
        public String toString() {
            return option + " = " + value;
        }
    }

    static Stream<Refused<?>> onAServer() {
        return Stream.of(
                new Refused<>(NamedPipeChannelOption.REQUIRED_SERVER_OWNER, "S-1-5-18"),
                new Refused<>(NamedPipeChannelOption.READ_MODE, PipeMode.MESSAGE),
                new Refused<>(NamedPipeChannelOption.MAX_INSTANCES, 999),
                new Refused<>(NamedPipeChannelOption.LISTENING_INSTANCES, 0),
                new Refused<>(NamedPipeChannelOption.PIPE_TYPE, null),
                new Refused<>(ChannelOption.SO_BACKLOG, 0),
                new Refused<>(ChannelOption.WRITE_SPIN_COUNT, 0));
    }

    static Stream<Refused<?>> onAClient() {
        return Stream.of(
                new Refused<>(NamedPipeChannelOption.COLLECT_BYTES, -5),
                new Refused<>(NamedPipeChannelOption.PIPE_TYPE, PipeMode.BYTE),
                new Refused<>(NamedPipeChannelOption.MAX_MESSAGE_SIZE, 0),
                new Refused<>(NamedPipeChannelOption.ACCESS, null),
                new Refused<>(ChannelOption.CONNECT_TIMEOUT_MILLIS, -1));
    }

    static Stream<Refused<?>> onAChild() {
        return Stream.of(
                new Refused<>(NamedPipeChannelOption.PIPE_TYPE, PipeMode.BYTE),
                new Refused<>(NamedPipeChannelOption.ACCESS, PipeAccess.READ),
                new Refused<>(NamedPipeChannelOption.MAX_MESSAGE_SIZE, -1));
    }

    private Channel server() {
        return lab.server(ChannelInboundHandlerAdapter::new).register().channel();
    }

    private Channel client() {
        return lab.client(new ChannelInboundHandlerAdapter()).register().channel();
    }

    @ParameterizedTest
    @MethodSource("onAServer")
    void ofAServerFailsTheBind(Refused<?> refused) {
        Channel server = server();
        lab.settle();
        Throwable reason = refused.setOn(server);
        ChannelFuture bind = bind(server);

        assertSame(reason, bind.cause());
        assertFalse(server.isActive());
        lab.on(lab.serverGroup(), server::close);
        lab.settle();
    }

    private ChannelFuture bind(Channel server) {
        ChannelFuture bind = server.bind(lab.address());
        lab.settle();
        assertTrue(bind.isDone());
        return bind;
    }

    @ParameterizedTest
    @MethodSource("onAClient")
    void ofAClientFailsTheConnect(Refused<?> refused) {
        lab.bind(ChannelInboundHandlerAdapter::new);
        Channel client = client();
        lab.settle();
        Throwable reason = refused.setOn(client);
        ChannelFuture connect = client.connect(lab.address());
        lab.settle();

        assertSame(reason, connect.cause());
        assertFalse(client.isActive());
        lab.on(lab.clientGroup(), client::close);
        lab.settle();
    }

    @ParameterizedTest
    @MethodSource("onAChild")
    void ofAChildClosesItAndIsReported(Refused<?> refused) {
        lab.on(lab.serverGroup(), () -> lab.server(ChannelInboundHandlerAdapter::new)
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object child) {
                        refused.setOn((Channel) child);
                        ctx.fireChannelRead(child);
                    }
                })
                .bind(lab.address()));
        lab.settle();
        try (LogWatch log = LogWatch.begin()) {
            Channel client = lab.connect(new ChannelInboundHandlerAdapter());
            assertFalse(client.isOpen());
            assertEquals(1, log.problems().size(), () -> "" + log.problems());
            assertTrue(
                    log.problems().get(0).contains("Failed to register an accepted channel"),
                    log.problems().get(0));
            assertTrue(
                    log.problems().get(0).contains("setOption"), log.problems().get(0));
        }
    }

    @Test
    void theFirstOfSeveralIsReportedUntilItIsSetToAValidValue() {
        Channel server = server();
        lab.settle();
        Throwable first = new Refused<>(NamedPipeChannelOption.MAX_INSTANCES, 0).setOn(server);
        new Refused<>(NamedPipeChannelOption.DEFAULT_WAIT_MILLIS, -1).setOn(server);
        assertSame(first, bind(server).cause());

        Channel other = server();
        lab.settle();
        new Refused<>(NamedPipeChannelOption.MAX_INSTANCES, 0).setOn(other);
        assertTrue(other.config().setOption(NamedPipeChannelOption.MAX_INSTANCES, 3));
        assertTrue(bind(other).isSuccess());
        new Refused<>(NamedPipeChannelOption.MAX_INSTANCES, 3).setOn(other);
        lab.on(lab.serverGroup(), server::close);
        lab.settle();
    }
}
