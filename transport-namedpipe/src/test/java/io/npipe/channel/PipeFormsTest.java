/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.PipeLab;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every type with every direction, read mode and access: data flows, or it is refused with the reason. */
@Tag("any-jvm")
class PipeFormsTest {

    private static final String TEXT = "a message that no buffer holds";
    private static final PipeMode[] READ_MODES = {null, PipeMode.BYTE, PipeMode.MESSAGE};

    private final PipeLab lab = new PipeLab();

    @AfterEach
    void endLoops() {
        lab.close();
    }

    static Stream<Arguments> servers() {
        return Stream.of(PipeMode.values()).flatMap(type -> Stream.of(PipeDirection.values())
                .flatMap(direction -> Stream.of(READ_MODES).map(readMode -> Arguments.of(type, direction, readMode))));
    }

    @ParameterizedTest
    @MethodSource("servers")
    void dataFlowsOrTheReasonIsGiven(PipeMode type, PipeDirection direction, PipeMode childReads) throws Exception {
        for (PipeAccess access : PipeAccess.values()) {
            for (PipeMode clientReads : READ_MODES) {
                BlockingQueue<Inbox> children = new LinkedBlockingQueue<>();
                NamedPipeAddress address = PipeLab.freshAddress(); // a child that only writes may outlive its server
                Channel server = bind(address, type, direction, childReads, children);
                Inbox atClient = new Inbox();
                ChannelFuture connect = lab.client(atClient)
                        .option(NamedPipeChannelOption.ACCESS, access)
                        .option(NamedPipeChannelOption.READ_MODE, clientReads)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(4))
                        .connect(address)
                        .await();
                if ((access.writes() && !direction.serverReads()) || (access.reads() && !direction.serverWrites())) {
                    assertInstanceOf(ConnectException.class, connect.cause());
                    assertReason(connect, "ACCESS " + access);
                } else if (type == PipeMode.BYTE && clientReads == PipeMode.MESSAGE) {
                    assertReason(connect, "READ_MODE is MESSAGE");
                } else if (type == PipeMode.BYTE && childReads == PipeMode.MESSAGE) {
                    assertRefused(connect.sync().channel(), access); // and Netty has logged why
                } else {
                    Inbox atServer = children.take();
                    flows(connect.sync().channel(), atClient, atServer.awaitActive(), atServer, access);
                }
                server.close().sync();
            }
        }
    }

    private Channel bind(
            NamedPipeAddress address,
            PipeMode type,
            PipeDirection direction,
            PipeMode childReads,
            BlockingQueue<Inbox> children)
            throws InterruptedException {
        return lab.server(() -> {
                    Inbox child = new Inbox();
                    children.add(child);
                    return child;
                })
                .option(NamedPipeChannelOption.PIPE_TYPE, type)
                .option(NamedPipeChannelOption.DIRECTION, direction)
                .option(NamedPipeChannelOption.LISTENING_INSTANCES, 1)
                .childOption(NamedPipeChannelOption.READ_MODE, childReads)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(4))
                .bind(address)
                .sync()
                .channel();
    }

    private static void assertReason(ChannelFuture connect, String reason) {
        assertNotNull(connect.cause());
        assertTrue(connect.cause().getMessage().contains(reason), connect.cause()::getMessage);
    }

    private static void assertRefused(Channel client, PipeAccess access) throws InterruptedException {
        if (access.reads()) { // else nothing but a write shows it, which may come first
            client.closeFuture().sync();
        } else {
            client.close().sync();
        }
    }

    private static void flows(Channel client, Inbox atClient, Channel child, Inbox atServer, PipeAccess access)
            throws InterruptedException {
        if (access.writes()) {
            flows(client, (NamedPipeChannel) child, atServer);
        }
        if (access.reads()) {
            flows(child, (NamedPipeChannel) client, atClient);
        }
        child.close().sync();
        client.close().sync();
    }

    private static void flows(Channel from, NamedPipeChannel to, Inbox inbox) throws InterruptedException {
        from.writeAndFlush(Unpooled.copiedBuffer(TEXT, StandardCharsets.US_ASCII))
                .sync();
        from.writeAndFlush(Unpooled.copiedBuffer(TEXT, StandardCharsets.US_ASCII))
                .sync();
        assertEquals(TEXT + TEXT, inbox.awaitText(2 * TEXT.length()));
        if (to.readMode() == PipeMode.MESSAGE) {
            assertEquals(List.of(TEXT.length(), TEXT.length()), inbox.reads());
        }
        assertEquals(List.of(), inbox.failures());
    }
}
