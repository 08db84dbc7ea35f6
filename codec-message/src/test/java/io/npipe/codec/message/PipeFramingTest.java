/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.TooLongFrameException;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.PipeMode;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.PipeLab;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What framing makes of a pipe: of its type, of how each end reads, of its options. */
@Tag("any-jvm")
class PipeFramingTest {

    private static final int MAX = 1000;

    private final PipeLab lab = new PipeLab();
    private final Inbox atServer = new Inbox();
    private final Inbox atClient = new Inbox();

    @AfterEach
    void endLoops() {
        lab.close();
    }

    private static ChannelHandler all(ChannelHandler... handlers) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(handlers);
            }
        };
    }

    private static MessageFrameCodec ofChannel() {
        return new MessageFrameCodec(MAX);
    }

    private static MessageFrameCodec lengthField() {
        return new MessageFrameCodec(MAX, MessageFraming.LENGTH_FIELD, ByteOrder.BIG_ENDIAN);
    }

    private static ByteBuf bytes(int... values) {
        ByteBuf buffer = Unpooled.buffer(Math.max(1, values.length));
        for (int value : values) {
            buffer.writeByte(value);
        }
        return buffer;
    }

    private void serve(PipeMode type, ChannelHandler... handlers) throws Exception {
        lab.server(() -> all(handlers))
                .option(NamedPipeChannelOption.PIPE_TYPE, type)
                .bind(lab.address())
                .sync();
    }

    @Test
    void aPipeOfMessagesCarriesThemAsTheyAre() throws Exception {
        serve(PipeMode.MESSAGE, ofChannel(), atServer);
        Channel client = lab.connect(atClient);

        atServer.awaitActive().writeAndFlush(bytes(7, 8)).sync();
        assertArrayEquals(new byte[] {7, 8}, atClient.awaitBytes(2));

        client.write(bytes(1, 2, 3));
        client.writeAndFlush(bytes(4)).sync();
        atServer.awaitBytes(4);
        assertEquals(List.of(3, 1), atServer.reads());
    }

    @Test
    void aPipeOfBytesCarriesLengths() throws Exception {
        serve(PipeMode.BYTE, ofChannel(), atServer);
        Channel client = lab.connect(atClient);

        atServer.awaitActive().writeAndFlush(bytes(7, 8)).sync();
        assertArrayEquals(new byte[] {0, 0, 0, 2, 7, 8}, atClient.awaitBytes(6));

        client.writeAndFlush(bytes(0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 1, 4)).sync();
        atServer.awaitBytes(4);
        assertEquals(List.of(3, 1), atServer.reads());
    }

    @ParameterizedTest
    @EnumSource(PipeMode.class)
    void aMessageBeyondTheLimitIsSkippedAndTheChannelLivesOn(PipeMode type) throws Exception {
        serve(type, ofChannel(), atServer);
        Channel client = lab.connect(all(new MessageFrameCodec(10 * MAX), atClient));
        client.writeAndFlush(Unpooled.buffer().writeZero(MAX + 1));
        client.writeAndFlush(Unpooled.buffer().writeZero(MAX));

        assertEquals(MAX, atServer.awaitBytes(MAX).length);
        assertEquals(List.of(MAX), atServer.reads());
        assertEquals(1, atServer.failures().size());
        assertInstanceOf(TooLongFrameException.class, atServer.failures().get(0));
        assertTrue(atServer.awaitActive().isActive());
    }

    @Test
    void theTransportKnowsTheLimitOfAPipeOfMessagesUnlessItHasALowerOne() throws Exception {
        serve(PipeMode.MESSAGE, ofChannel(), atServer);
        NamedPipeChannel client = (NamedPipeChannel) lab.client(all(ofChannel(), atClient))
                .option(NamedPipeChannelOption.MAX_MESSAGE_SIZE, MAX - 1)
                .connect(lab.address())
                .sync()
                .channel();
        atClient.awaitActive();

        assertEquals(MAX, ((NamedPipeChannel) atServer.awaitActive()).config().getMaxMessageSize());
        assertEquals(MAX - 1, client.config().getMaxMessageSize());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEndThatReadsAPipeOfMessagesAsBytesIsRefused(boolean child) throws Exception {
        lab.server(() -> all(ofChannel(), atServer))
                .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                .childOption(NamedPipeChannelOption.READ_MODE, child ? PipeMode.BYTE : PipeMode.MESSAGE)
                .bind(lab.address())
                .sync();
        lab.client(all(ofChannel(), atClient))
                .option(NamedPipeChannelOption.READ_MODE, child ? PipeMode.MESSAGE : PipeMode.BYTE)
                .connect(lab.address())
                .sync();
        Inbox refused = child ? atServer : atClient;

        refused.awaitInactive();
        assertEquals(1, refused.failures().size());
        Throwable cause = refused.failures().get(0);
        assertInstanceOf(IllegalStateException.class, cause);
        assertTrue(cause.getMessage().contains("READ_MODE is BYTE"), cause::getMessage);
    }

    @Test
    void aRefusedEndSendsNothing() throws Exception {
        serve(PipeMode.MESSAGE, ofChannel(), atServer);
        NamedPipeChannel client = (NamedPipeChannel) lab.client(atClient)
                .option(NamedPipeChannelOption.READ_MODE, PipeMode.BYTE)
                .connect(lab.address())
                .sync()
                .channel();
        client.pipeline().addFirst(ofChannel()); // late: it learns of the mode by its first use

        Exception cause = assertThrows(IllegalStateException.class, () -> client.writeAndFlush(bytes(1))
                .sync());
        assertTrue(cause.getMessage().contains("READ_MODE is BYTE"), cause::getMessage);
        atServer.awaitActive().writeAndFlush(bytes(2)).sync();
        atClient.awaitInactive();
        assertEquals(1, atClient.failures().size());
        assertEquals(0, atClient.received().length);
        atServer.awaitInactive();
        assertEquals(0, atServer.received().length);
    }

    @ParameterizedTest
    @CsvSource({"MESSAGE, MESSAGE", "MESSAGE, BYTE", "BYTE, MESSAGE", "BYTE, BYTE"})
    void withLengthsEachEndMayReadAPipeOfMessagesAsItLikes(PipeMode childReads, PipeMode clientReads) throws Exception {
        lab.server(() -> all(lengthField(), atServer))
                .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                .childOption(NamedPipeChannelOption.READ_MODE, childReads)
                .childOption(NamedPipeChannelOption.HALF_CLOSE, true)
                .bind(lab.address())
                .sync();
        Channel client = lab.client(all(lengthField(), atClient))
                .option(NamedPipeChannelOption.READ_MODE, clientReads)
                .connect(lab.address())
                .sync()
                .channel();
        for (Channel from : List.of(client, atServer.awaitActive())) {
            Inbox to = from == client ? atServer : atClient;
            from.write(bytes(1, 2, 3));
            from.write(bytes());
            from.writeAndFlush(bytes(4)).sync();
            to.awaitBytes(4);
            assertEquals(List.of(3, 0, 1), to.reads(), "also the empty one, which ends nothing");
        }
    }

    @Test
    void anEmptyMessageArrivesButWithHalfCloseItsWriteFails() throws Exception {
        serve(PipeMode.MESSAGE, ofChannel(), atServer);
        Channel client = lab.connect(all(ofChannel(), atClient));
        client.writeAndFlush(bytes()).sync();
        client.config().setOption(NamedPipeChannelOption.HALF_CLOSE, true);
        assertThrows(IllegalArgumentException.class, () -> client.writeAndFlush(bytes())
                .sync());
        client.writeAndFlush(bytes(1)).sync();

        atServer.awaitBytes(1);
        assertEquals(List.of(0, 1), atServer.reads());
    }

    @Test
    void aPipeThatIsNotConnectedIsNotWritten() throws Exception {
        NamedPipeChannel client = Kernels.clients().newChannel();
        client.pipeline().addLast(ofChannel());
        lab.clientGroup().register(client).sync();
        ByteBuf message = bytes(1);

        assertThrows(NotYetConnectedException.class, () -> client.write(message).sync());
        assertEquals(0, message.refCnt());
        ByteBuf afterTheClose = bytes(1);
        lab.clientGroup()
                .next()
                .submit(() -> {
                    client.close();
                    assertInstanceOf(
                            ClosedChannelException.class,
                            client.write(afterTheClose).cause());
                })
                .sync();
        assertEquals(0, afterTheClose.refCnt());
    }

    /** Its limit is that of the channel's only as long as it is there. */
    @Test
    void aCodecOfLongerMessagesMayTakeThePlaceOfOneOfShorterOnes() throws Exception {
        serve(PipeMode.MESSAGE, new MessageFrameCodec(10), atServer);
        Channel client = lab.connect(all(new MessageFrameCodec(MAX), atClient));
        client.writeAndFlush(bytes(1)).sync();
        atServer.awaitBytes(1);
        NamedPipeChannel served = (NamedPipeChannel) atServer.awaitActive();
        assertEquals(10, served.config().getMaxMessageSize());
        served.eventLoop()
                .submit(() -> served.pipeline().replace(MessageFrameCodec.class, "longer", ofChannel()))
                .sync();
        client.writeAndFlush(Unpooled.buffer().writeZero(MAX)).sync();
        assertEquals(1 + MAX, atServer.awaitBytes(1 + MAX).length);
        assertEquals(MAX, served.config().getMaxMessageSize());
        served.config().setMaxMessageSize(MAX - 1); // somebody else's
        served.eventLoop().submit(() -> served.pipeline().remove("longer")).sync();
        assertEquals(MAX - 1, served.config().getMaxMessageSize());
    }
}
