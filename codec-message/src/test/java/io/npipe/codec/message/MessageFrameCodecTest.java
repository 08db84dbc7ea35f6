/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Framing where the channel keeps no boundaries: bytes on the wire, limits, ends. */
@Tag("any-jvm")
class MessageFrameCodecTest {

    private static byte[] joined(List<byte[]> parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        parts.forEach(all::writeBytes);
        return all.toByteArray();
    }

    @Test
    void theLengthIsFourBytesBigEndian() throws Exception {
        try (Embedded end = new Embedded(new MessageFrameCodec(10))) {
            end.channel().writeOutbound(end.buffer((byte) 7, (byte) 8));
            assertArrayEquals(new byte[] {0, 0, 0, 2, 7, 8}, joined(end.sent()));
        }
    }

    @Test
    void orLittleEndianIfAskedFor() throws Exception {
        try (Embedded end =
                new Embedded(new MessageFrameCodec(10, MessageFraming.OF_CHANNEL, ByteOrder.LITTLE_ENDIAN))) {
            end.channel().writeOutbound(end.buffer((byte) 7, (byte) 8));
            assertArrayEquals(new byte[] {2, 0, 0, 0, 7, 8}, joined(end.sent()));
            assertArrayEquals(
                    new byte[] {7},
                    end.receive((byte) 1, (byte) 0, (byte) 0, (byte) 0, (byte) 7)
                            .get(0));
        }
    }

    @Test
    void anEmptyMessageIsAMessage() throws Exception {
        try (Embedded end = new Embedded(new MessageFrameCodec(10))) {
            end.channel().writeOutbound(end.buffer());
            List<byte[]> sent = end.sent();
            assertEquals(1, sent.size(), "no empty buffer behind the length");
            List<byte[]> received = end.receive(sent.get(0));
            assertEquals(1, received.size());
            assertEquals(0, received.get(0).length);
        }
    }

    @Test
    void aMessageOfTheLimitPassesAndALongerOneIsSkippedAtOnce() throws Exception {
        try (Embedded end = new Embedded(new MessageFrameCodec(3))) {
            List<byte[]> received =
                    end.receive(new byte[] {0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 4, 9, 9, 9, 9, 0, 0, 0, 1, 5, 0, 0, 0, 4, 9});
            assertEquals(2, received.size(), "what is behind the long one does not wait for more bytes");
            assertArrayEquals(new byte[] {1, 2, 3}, received.get(0));
            assertArrayEquals(new byte[] {5}, received.get(1));
            assertEquals(2, end.caught().size(), "told as soon as the length is read");
            end.caught().forEach(cause -> assertInstanceOf(TooLongFrameException.class, cause));

            assertArrayEquals(
                    new byte[] {6},
                    end.receive(new byte[] {9, 9, 9, 0, 0, 0, 1, 6}).get(0));
            assertTrue(end.channel().isActive());
        }
    }

    /** 4 GiB - 1 and 2 GiB: the field is unsigned. */
    @ParameterizedTest
    @ValueSource(bytes = {(byte) 0xFF, (byte) 0x80})
    void anAbsurdLengthAllocatesNothing(byte first) throws Exception {
        try (Embedded end = new Embedded(new MessageFrameCodec(1000))) {
            end.receive(first, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 1);
            assertInstanceOf(TooLongFrameException.class, end.caught().get(0));
            assertTrue(
                    end.ledger().largest() < 100,
                    () -> "allocated " + end.ledger().largest());
        }
    }

    @Test
    void aLongerMessageIsNotWritten() throws Exception {
        try (Embedded end = new Embedded(new MessageFrameCodec(3))) {
            ChannelFuture write = end.channel().writeAndFlush(end.buffer(new byte[4]));
            assertInstanceOf(TooLongFrameException.class, write.cause());
            assertEquals(List.of(), end.sent());
            assertTrue(end.channel().writeAndFlush(end.buffer(new byte[3])).isSuccess());
        }
    }

    @Test
    void inputThatEndsWithinAMessageIsReportedAheadOfTheEnd() throws Exception {
        List<String> heard = new ArrayList<>();
        try (Embedded end = new Embedded(new MessageFrameCodec(10), new ChannelInboundHandlerAdapter() {
            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                heard.add(cause.getClass().getSimpleName());
            }

            @Override
            public void channelInactive(ChannelHandlerContext ctx) {
                heard.add("inactive");
            }
        })) {
            assertEquals(1, end.receive(new byte[] {0, 0, 0, 1, 7, 0, 0}).size());
            end.channel().close();
        }
        assertEquals(List.of(CorruptedFrameException.class.getSimpleName(), "inactive"), heard);
    }

    @Test
    void soIsInputThatIsShutDownAndOnlyOnce() throws Exception {
        try (Embedded end = new Embedded(new MessageFrameCodec(10))) {
            end.receive(new byte[] {0, 0, 0, 5, 7});
            end.channel().pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            assertEquals(1, end.caught().size());
            assertInstanceOf(CorruptedFrameException.class, end.caught().get(0));
            end.channel().close();
            assertEquals(1, end.caught().size());
        }
    }

    @Test
    void inputThatEndsBetweenMessagesIsFine() throws Exception {
        try (Embedded end = new Embedded(new MessageFrameCodec(10))) {
            end.receive(new byte[] {0, 0, 0, 1, 7});
            end.channel().close();
            assertEquals(List.of(), end.caught());
        }
    }

    @Test
    void whatIsNoBufferPassesExceptFileRegions() {
        EmbeddedChannel channel = new EmbeddedChannel(new MessageFrameCodec(10));
        Object other = new Object();
        channel.writeInbound(other);
        assertSame(other, channel.readInbound());
        channel.writeOutbound(other);
        assertSame(other, channel.readOutbound());

        DefaultFileRegion region = new DefaultFileRegion(new File("unopened"), 0, 1);
        ChannelFuture write = channel.writeAndFlush(region);
        assertInstanceOf(UnsupportedOperationException.class, write.cause());
        assertEquals(0, region.refCnt());
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE - 3, Integer.MAX_VALUE})
    void limitsOutOfRangeAreRefused(int maxLength) {
        assertThrows(IllegalArgumentException.class, () -> new MessageFrameCodec(maxLength));
    }

    // ---- removed and replaced --------------------------------------------------------------------------------------

    @Test
    void aCodecThatIsReplacedWithinAMessageGoesOnWithIt() throws Exception {
        try (Embedded end = new Embedded(new MessageFrameCodec(10))) {
            assertEquals(
                    1, end.receive(new byte[] {0, 0, 0, 1, 7, 0, 0, 0, 3, 1}).size());
            end.channel().pipeline().replace(MessageFrameCodec.class, "second", new MessageFrameCodec(10));
            assertArrayEquals(
                    new byte[] {1, 2, 3}, end.receive((byte) 2, (byte) 3).get(0));
            assertEquals(List.of(), end.caught());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCodecThatIsReplacedWithinAMessageThatItSkipsClosesTheChannel(boolean littleEndian) throws Exception {
        ByteOrder order = littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        try (Embedded end = new Embedded(new MessageFrameCodec(3, MessageFraming.OF_CHANNEL, order))) {
            byte[] message = ByteBuffer.allocate(6).order(order).putInt(20).array();
            end.receive(message);
            end.receive(new byte[17]);
            assertEquals(1, end.caught().size(), "too long");
            end.channel()
                    .pipeline()
                    .replace(
                            MessageFrameCodec.class,
                            "second",
                            new MessageFrameCodec(3, MessageFraming.OF_CHANNEL, order));
            assertEquals(2, end.caught().size());
            assertInstanceOf(CorruptedFrameException.class, end.caught().get(1));
            assertTrue(
                    end.caught().get(1).getMessage().contains("with 1 bytes"),
                    () -> end.caught().get(1).getMessage());
            assertFalse(end.channel().isOpen());
        }
    }

    @Test
    void aCodecThatIsReplacedWhenItHasSkippedAMessageIsReplaced() throws Exception {
        try (Embedded end = new Embedded(new MessageFrameCodec(3))) {
            end.receive(new byte[] {0, 0, 0, 4, 9});
            assertEquals(1, end.receive(new byte[] {9, 9, 9, 0, 0, 0, 1, 6}).size());
            end.receive(new byte[] {0, 0, 0, 4, 9, 9, 9, 9});
            end.channel().pipeline().replace(MessageFrameCodec.class, "second", new MessageFrameCodec(3));
            assertArrayEquals(
                    new byte[] {5}, end.receive(new byte[] {0, 0, 0, 1, 5}).get(0));
            assertEquals(2, end.caught().size());
        }
    }

    /** As a handshake does, whose last message is followed by another protocol. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCodecThatIsRemovedByWhoeverItCallsPassesOnTheRest(boolean tooLong) throws Exception {
        ChannelInboundHandlerAdapter removing = new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.fireChannelRead(message);
                remove(ctx);
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                remove(ctx);
            }

            private void remove(ChannelHandlerContext ctx) {
                if (ctx.pipeline().get(MessageFrameCodec.class) != null) {
                    ctx.pipeline().remove(MessageFrameCodec.class);
                }
            }
        };
        try (Embedded end = new Embedded(new MessageFrameCodec(3), removing)) {
            byte[] input = tooLong
                    ? new byte[] {0, 0, 0, 4, 9, 9, 9, 9, 0, 0, 0, 1, 5}
                    : new byte[] {0, 0, 0, 1, 9, 0, 0, 0, 1, 5};
            List<byte[]> received = end.receive(input);
            byte[] rest = received.get(received.size() - 1);
            assertArrayEquals(new byte[] {0, 0, 0, 1, 5}, rest);
            assertEquals(tooLong ? 1 : 2, received.size());
            assertTrue(end.channel().isOpen());
        }
    }
}
