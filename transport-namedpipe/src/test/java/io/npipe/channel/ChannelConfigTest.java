/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultMessageSizeEstimator;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.npipe.testkit.SimulatedPipeLab;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The options of both channels: by name and by method, their ranges, and when they can be set. */
@Tag("any-jvm")
class ChannelConfigTest {

    private static final List<ChannelOption<Integer>> SERVER_OPTIONS = List.of(
            NamedPipeChannelOption.LISTENING_INSTANCES,
            NamedPipeChannelOption.MAX_INSTANCES,
            NamedPipeChannelOption.DEFAULT_WAIT_MILLIS,
            ChannelOption.SO_BACKLOG,
            ChannelOption.SO_RCVBUF,
            ChannelOption.SO_SNDBUF);

    private final SimulatedPipeLab lab = new SimulatedPipeLab();

    @AfterEach
    void nothingIsLeft() {
        lab.close();
    }

    private NamedPipeChannelConfig client() {
        return ((NamedPipeChannel) lab.client(new ChannelInboundHandlerAdapter())
                        .register()
                        .channel())
                .config();
    }

    private NamedPipeServerChannelConfig server() {
        return ((NamedPipeServerChannel)
                        lab.server(ChannelInboundHandlerAdapter::new).register().channel())
                .config();
    }

    @Test
    void everyOptionOfAServerIsSetAndReadByNameAndListed() {
        NamedPipeServerChannelConfig config = server();
        int value = 17;
        for (ChannelOption<Integer> option : SERVER_OPTIONS) {
            assertTrue(config.setOption(option, ++value), option.name());
            assertEquals(value, config.getOption(option), option.name());
            assertEquals(value, config.getOptions().get(option), option.name());
        }
        assertTrue(config.setOption(ChannelOption.AUTO_READ, false));
        assertEquals(false, config.getOption(ChannelOption.AUTO_READ));
        assertEquals(false, config.getOptions().get(ChannelOption.AUTO_READ));

        assertSame(config, config.setListeningInstances(1).setBacklog(2));
        assertSame(config, config.setReceiveBufferSize(3).setSendBufferSize(4));
        assertEquals(1, config.getListeningInstances());
        assertEquals(2, config.getBacklog());
        assertEquals(3, config.getReceiveBufferSize());
        assertEquals(4, config.getSendBufferSize());
    }

    @ParameterizedTest
    @CsvSource({"5, 10, 5", "10, 5, 5"})
    void theBacklogMayOnlyLowerTheListeningInstances(int instances, int backlog, int effective) {
        NamedPipeServerChannelConfig config =
                server().setListeningInstances(instances).setBacklog(backlog);
        assertEquals(effective, config.effectiveListeningInstances());
    }

    @Test
    void valuesOutOfRangeAreRefused() {
        NamedPipeServerChannelConfig config = server();
        for (int instances : new int[] {-1, 0, NamedPipeServerChannelConfig.MAX_LISTENING_INSTANCES + 1}) {
            assertThrows(IllegalArgumentException.class, () -> config.setListeningInstances(instances));
        }
        config.setListeningInstances(NamedPipeServerChannelConfig.MAX_LISTENING_INSTANCES);
        assertThrows(IllegalArgumentException.class, () -> config.setBacklog(0));
        assertThrows(IllegalArgumentException.class, () -> config.setReceiveBufferSize(-1));
        assertThrows(IllegalArgumentException.class, () -> config.setSendBufferSize(-1));
        config.setReceiveBufferSize(0).setSendBufferSize(0);
        assertThrows(NullPointerException.class, () -> config.setOption(ChannelOption.SO_RCVBUF, null));
        assertThrows(NullPointerException.class, () -> client().setOption(ChannelOption.ALLOW_HALF_CLOSURE, null));
        assertThrows(NullPointerException.class, () -> client().setOption(ChannelOption.SO_KEEPALIVE, null));
        assertThrows(NullPointerException.class, () -> config.setOption(ChannelOption.SO_KEEPALIVE, null));
    }

    @Test
    void whatTheBindUsesCannotBeSetAfterIt() {
        NamedPipeServerChannelConfig config = (NamedPipeServerChannelConfig)
                lab.bind(ChannelInboundHandlerAdapter::new).config();
        for (ChannelOption<Integer> option : SERVER_OPTIONS) {
            IllegalStateException refusal =
                    assertThrows(IllegalStateException.class, () -> config.setOption(option, 1));
            assertTrue(refusal.getMessage().contains(option.name()), refusal.getMessage());
        }
    }

    @Test
    void optionsOfAClient() {
        NamedPipeChannelConfig config = client();
        assertFalse(config.isAllowHalfClosure());
        assertTrue(config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true));
        assertTrue(config.isAllowHalfClosure());
        assertEquals(true, config.getOption(ChannelOption.ALLOW_HALF_CLOSURE));
        assertEquals(true, config.getOptions().get(ChannelOption.ALLOW_HALF_CLOSURE));
        assertSame(config, config.setAllowHalfClosure(false));
        assertFalse(config.isAllowHalfClosure());
        assertTrue(config.setOption(ChannelOption.WRITE_SPIN_COUNT, 3));
        assertEquals(3, config.getOption(ChannelOption.WRITE_SPIN_COUNT));
    }

    /** Frameworks set these unasked; others are Netty's to refuse. */
    @Test
    void optionsOfSocketsThatMeanNothingAreTakenAndNoOthers() {
        for (ChannelConfig config : List.of(client(), server())) {
            assertTrue(config.setOption(ChannelOption.SO_KEEPALIVE, true));
            assertTrue(config.setOption(ChannelOption.TCP_NODELAY, true));
            assertTrue(config.setOption(ChannelOption.SO_REUSEADDR, true));
            assertFalse(config.setOption(ChannelOption.IP_TOS, 1));
        }
    }

    @SuppressWarnings("deprecation") // Netty's, as long as it has it
    private static ChannelConfig setAllOfNetty(ChannelConfig config) {
        ChannelConfig same = config.setConnectTimeoutMillis(1)
                .setMaxMessagesPerRead(2)
                .setWriteSpinCount(3)
                .setAutoRead(false)
                .setAutoClose(false)
                .setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2))
                .setMessageSizeEstimator(DefaultMessageSizeEstimator.DEFAULT)
                .setAllocator(UnpooledByteBufAllocator.DEFAULT);
        assertEquals(1, config.getConnectTimeoutMillis());
        assertEquals(2, config.getMaxMessagesPerRead());
        assertEquals(3, config.getWriteSpinCount());
        assertFalse(config.isAutoRead());
        assertFalse(config.isAutoClose());
        return same.setRecvByteBufAllocator(new FixedRecvByteBufAllocator(10));
    }

    @Test
    void nettysOwnSettersCanBeChained() {
        for (ChannelConfig config : List.of(client(), server())) {
            assertSame(config, setAllOfNetty(config));
        }
    }

    @Test
    void anOptionOnTheWrongSideIsRefusedWithASentence() {
        NamedPipeServerChannelConfig server = server();
        NamedPipeChannelConfig client = client();
        for (ChannelOption<?> option : List.of(
                NamedPipeChannelOption.READ_MODE,
                NamedPipeChannelOption.ACCESS,
                NamedPipeChannelOption.WAIT_FOR_SERVER,
                NamedPipeChannelOption.MAX_MESSAGE_SIZE,
                NamedPipeChannelOption.HALF_CLOSE,
                NamedPipeChannelOption.COLLECT_BYTES,
                NamedPipeChannelOption.COLLECT_MILLIS)) {
            assertRefused(server, option, client.getOption(option), "childOption");
        }
        for (ChannelOption<?> option : List.of(
                NamedPipeChannelOption.LISTENING_INSTANCES,
                NamedPipeChannelOption.PIPE_TYPE,
                NamedPipeChannelOption.DIRECTION,
                NamedPipeChannelOption.MAX_INSTANCES,
                NamedPipeChannelOption.DEFAULT_WAIT_MILLIS)) {
            assertRefused(client, option, server.getOption(option), "ServerBootstrap");
        }
    }

    @SuppressWarnings("unchecked") // any value of any type: it is not looked at
    private static void assertRefused(ChannelConfig config, ChannelOption<?> option, Object value, String hint) {
        Object some = value == null ? 1 : value;
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class, () -> config.setOption((ChannelOption<Object>) option, some));
        assertTrue(refusal.getMessage().contains(option.name()), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(hint), refusal.getMessage());
    }

    @Test
    void newOptionsHaveTheirDefaultsAndRanges() {
        NamedPipeServerChannelConfig server = server();
        assertEquals(PipeMode.BYTE, server.getOption(NamedPipeChannelOption.PIPE_TYPE));
        assertEquals(PipeDirection.DUPLEX, server.getOption(NamedPipeChannelOption.DIRECTION));
        assertEquals(255, server.getOption(NamedPipeChannelOption.MAX_INSTANCES));
        assertEquals(0, server.getOption(NamedPipeChannelOption.DEFAULT_WAIT_MILLIS));
        assertEquals(false, server.getOption(NamedPipeChannelOption.WRITE_THROUGH));
        for (int instances : new int[] {0, 256}) {
            assertThrows(IllegalArgumentException.class, () -> server.setMaxInstances(instances));
        }
        assertThrows(IllegalArgumentException.class, () -> server.setDefaultWaitMillis(-1));

        NamedPipeChannelConfig client = client();
        assertEquals(null, client.getOption(NamedPipeChannelOption.READ_MODE));
        assertEquals(PipeAccess.READ_WRITE, client.getOption(NamedPipeChannelOption.ACCESS));
        assertEquals(false, client.getOption(NamedPipeChannelOption.WAIT_FOR_SERVER));
        assertEquals(16 * 1024 * 1024, client.getOption(NamedPipeChannelOption.MAX_MESSAGE_SIZE));
        assertEquals(false, client.getOption(NamedPipeChannelOption.HALF_CLOSE));
        assertEquals(false, client.getOption(NamedPipeChannelOption.WRITE_THROUGH));
        assertEquals(null, client.getOption(NamedPipeChannelOption.COLLECT_BYTES));
        assertThrows(IllegalArgumentException.class, () -> client.setMaxMessageSize(0));
        assertThrows(IllegalArgumentException.class, () -> client.setCollectBytes(-1));
        assertThrows(IllegalArgumentException.class, () -> client.setCollectMillis(-1));
        assertSame(client, client.setReadMode(PipeMode.BYTE).setAccess(PipeAccess.READ));
        assertSame(client, client.setWaitForServer(true).setHalfClose(true).setWriteThrough(true));
        assertSame(client, client.setMaxMessageSize(1).setCollectBytes(0).setCollectMillis(0));
        assertEquals(PipeMode.BYTE, client.getOption(NamedPipeChannelOption.READ_MODE));
        assertEquals(0, client.getOption(NamedPipeChannelOption.COLLECT_MILLIS));
    }

    @Test
    void whatTheConnectUsesCannotBeSetAfterItNorOnAChild() {
        lab.bind(ChannelInboundHandlerAdapter::new);
        NamedPipeChannelConfig client = (NamedPipeChannelConfig)
                lab.connect(new ChannelInboundHandlerAdapter()).config();
        for (Runnable tooLate : List.<Runnable>of(
                () -> client.setReadMode(PipeMode.BYTE),
                () -> client.setAccess(PipeAccess.READ),
                () -> client.setWriteThrough(true),
                () -> client.setWaitForServer(true),
                () -> client.setCollectBytes(1),
                () -> client.setCollectMillis(1))) {
            IllegalStateException refusal = assertThrows(IllegalStateException.class, tooLate::run);
            assertTrue(refusal.getMessage().contains("before the connect of"), refusal.getMessage());
        }
        client.setMaxMessageSize(5).setHalfClose(true);
    }

    @Test
    void norWhileItConnects() {
        ChannelFuture[] connect = new ChannelFuture[1];
        lab.on(
                lab.clientGroup(),
                () -> connect[0] = lab.client(new ChannelInboundHandlerAdapter())
                        .option(NamedPipeChannelOption.WAIT_FOR_SERVER, true)
                        .connect(lab.address()));
        lab.settleUntil(() -> connect[0] != null);
        assertFalse(connect[0].isDone());
        NamedPipeChannelConfig client =
                (NamedPipeChannelConfig) connect[0].channel().config();

        assertThrows(IllegalStateException.class, () -> client.setAccess(PipeAccess.READ));
        assertEquals(PipeAccess.READ_WRITE, client.getAccess());
        lab.on(lab.clientGroup(), () -> connect[0].channel().close());
        lab.settle();
    }
}
