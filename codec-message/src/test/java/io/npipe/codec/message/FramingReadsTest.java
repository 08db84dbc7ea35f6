/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.codec.TooLongFrameException;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.PipeMode;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.SimulatedPipeLab;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who asks for data, when framing is between: step by step on the simulated kernel. */
@Tag("any-jvm")
class FramingReadsTest {

    private final SimulatedPipeLab lab = new SimulatedPipeLab();
    private final Inbox atServer = new Inbox();
    private final Inbox atClient = new Inbox();

    @AfterEach
    void nothingIsLeft() {
        lab.close();
    }

    private Channel connect(PipeMode type) throws Exception {
        lab.on(lab.serverGroup(), () -> lab.server(() -> new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel child) {
                        child.pipeline().addLast(new MessageFrameCodec(100), atServer);
                    }
                })
                .option(NamedPipeChannelOption.PIPE_TYPE, type)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(5).maxMessagesPerRead(1))
                .bind(lab.address()));
        lab.settle();
        lab.connect(atClient);
        return atClient.awaitActive();
    }

    private void read() throws Exception {
        Channel child = atServer.awaitActive();
        lab.on(lab.serverGroup(), child::read);
        lab.settle();
    }

    @ParameterizedTest
    @EnumSource(PipeMode.class)
    void oneReadIsOneMessage(PipeMode type) throws Exception {
        Channel client = connect(type);
        byte[] message = type == PipeMode.MESSAGE ? new byte[] {1} : new byte[] {0, 0, 0, 1, 1};
        lab.on(lab.clientGroup(), () -> {
            client.writeAndFlush(Unpooled.wrappedBuffer(message));
            client.writeAndFlush(Unpooled.wrappedBuffer(message));
        });
        lab.settle();
        assertEquals(List.of(), atServer.reads());
        read();
        assertEquals(List.of(1), atServer.reads());
        read();
        assertEquals(List.of(1, 1), atServer.reads());
    }

    @Test
    void aMessageInPiecesIsReadToItsEndByOneRead() throws Exception {
        Channel client = connect(PipeMode.BYTE);
        lab.on(
                lab.clientGroup(),
                () -> client.writeAndFlush(Unpooled.buffer().writeInt(21).writeZero(21)));
        read();
        assertEquals(List.of(21), atServer.reads());
    }

    @Test
    void aMessageThatWasReadBeforeTheLimitWasKnownIsRefusedAllTheSame() throws Exception {
        Channel server = connect(PipeMode.MESSAGE);
        read();
        Channel child = atServer.awaitActive();
        lab.on(lab.clientGroup(), () -> server.pipeline().addFirst(new MessageFrameCodec(3)));
        lab.settle();
        lab.on(lab.serverGroup(), () -> {
            child.writeAndFlush(Unpooled.buffer().writeZero(4));
            child.writeAndFlush(Unpooled.buffer().writeZero(3));
        });
        lab.settle();
        assertEquals(List.of(3), atClient.reads());
        assertEquals(1, atClient.failures().size());
        assertInstanceOf(TooLongFrameException.class, atClient.failures().get(0));
    }

    /** The allocator of the lab knows at its end. */
    @Test
    void whatARefusedEndReadsIsReleased() throws Exception {
        lab.on(lab.serverGroup(), () -> lab.server(() -> atServer)
                .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                .bind(lab.address()));
        lab.settle();
        lab.on(lab.clientGroup(), () -> lab.client(atClient)
                .option(NamedPipeChannelOption.READ_MODE, PipeMode.BYTE)
                .connect(lab.address()));
        lab.settle();
        Channel client = atClient.awaitActive();
        Channel child = atServer.awaitActive();
        lab.on(lab.clientGroup(), () -> client.pipeline().addFirst(new MessageFrameCodec(100)));
        lab.settle();
        lab.on(lab.serverGroup(), () -> child.writeAndFlush(Unpooled.buffer().writeZero(4)));
        lab.settle();
        assertEquals(List.of(), atClient.reads());
        assertInstanceOf(IllegalStateException.class, atClient.failures().get(0));
        assertTrue(atClient.isInactive());
    }
}
