/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.EncoderException;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text as Windows programs send it: bytes on the wire, NULs, what is refused. Bytes are in hexadecimal. */
@Tag("any-jvm")
class WindowsStringTest {

    private static final int MAX = 16;

    private static String encoded(Charset charset, StringTermination termination, String text) throws Exception {
        try (Embedded end = new Embedded(new WindowsStringEncoder(charset, MAX, termination))) {
            end.channel().writeOutbound(text);
            List<byte[]> sent = end.sent();
            assertEquals(1, sent.size());
            return HexFormat.of().formatHex(sent.get(0));
        }
    }

    private static Throwable encodingFailure(Charset charset, StringTermination termination, String text)
            throws Exception {
        try (Embedded end = new Embedded(new WindowsStringEncoder(charset, MAX, termination))) {
            ChannelFuture write = end.channel().writeAndFlush(text);
            assertInstanceOf(EncoderException.class, write.cause());
            assertEquals(List.of(), end.sent());
            assertTrue(end.ledger().largest() <= MAX, "allocated beyond the limit");
            assertTrue(end.channel().writeAndFlush("a").isSuccess(), "the next one is fine");
            return write.cause().getCause();
        }
    }

    /** The text, or the exception. */
    private static Object decoded(ChannelHandler decoder, String hex) throws Exception {
        try (Embedded end = new Embedded(decoder)) {
            end.channel().writeInbound(end.buffer(HexFormat.of().parseHex(hex)));
            String text = end.channel().readInbound();
            if (text != null) {
                assertEquals(List.of(), end.caught());
                return text;
            }
            assertEquals(1, end.caught().size());
            return end.caught().get(0);
        }
    }

    private static Object decoded(Charset charset, String hex) throws Exception {
        return decoded(new WindowsStringDecoder(charset, MAX), hex);
    }

    @ParameterizedTest
    @CsvSource({
        "UTF-16LE, NONE, aé€, 6100e900ac20",
        "UTF-16LE, NUL, aé€, 6100e900ac200000",
        "UTF-16LE, NUL, '', 0000",
        "UTF-16LE, NONE, '', ''",
        "UTF-16LE, NONE, 𐐷, 01d837dc",
        "windows-1252, NONE, aé€, 61e980",
        "windows-1252, NUL, aé€, 61e98000",
        "windows-31j, NUL, aソ, 61835c00"
    })
    void textIsTheseBytesBothWays(Charset charset, StringTermination termination, String text, String hex)
            throws Exception {
        assertEquals(hex, encoded(charset, termination, text));
        assertEquals(text, decoded(charset, hex));
    }

    @ParameterizedTest
    @CsvSource({
        "UTF-16LE, 610062, odd",
        "UTF-16LE, 6100620000, odd with a NUL",
        "UTF-16LE, 610001d8, half a pair at the end",
        "UTF-16LE, 610001d80000, half a pair and a NUL",
        "UTF-16LE, 37dc6100, the other half",
        "windows-31j, 6183, half a double-byte character",
        "windows-1252, 6181, unassigned"
    })
    void bytesThatAreNoTextAreRefused(Charset charset, String hex, String what) throws Exception {
        assertInstanceOf(CorruptedFrameException.class, decoded(charset, hex), what);
    }

    @ParameterizedTest
    @CsvSource({
        "windows-1252, 610000, two",
        "UTF-16LE, 610000000000, two",
        "windows-1252, 610062, within",
        "UTF-16LE, 0000610000000000, ahead"
    })
    void aNulAheadOfTheEndIsRefused(Charset charset, String hex, String where) throws Exception {
        assertInstanceOf(CorruptedFrameException.class, decoded(charset, hex), where);
    }

    @Test
    void aStringWithoutItsNulIsRefusedIfOneIsRequired() throws Exception {
        assertEquals(
                "a",
                decoded(new WindowsStringDecoder(StandardCharsets.UTF_16LE, MAX, StringTermination.NUL), "61000000"));
        assertInstanceOf(
                CorruptedFrameException.class,
                decoded(new WindowsStringDecoder(StandardCharsets.UTF_16LE, MAX, StringTermination.NUL), "6100"));
        assertInstanceOf(
                CorruptedFrameException.class,
                decoded(new WindowsStringDecoder(StandardCharsets.UTF_16LE, MAX, StringTermination.NUL), ""));
    }

    @Test
    void aLongerMessageIsRefusedBeforeAnythingIsAllocated() throws Exception {
        try (Embedded end = new Embedded(new WindowsStringDecoder(StandardCharsets.UTF_16LE, MAX))) {
            end.channel().writeInbound(end.buffer(new byte[MAX + 1]));
            assertInstanceOf(TooLongFrameException.class, end.caught().get(0));
            assertEquals(MAX + 1, end.ledger().largest());
        }
    }

    @Test
    void theLimitCountsTheNul() throws Exception {
        String text = "x".repeat(MAX / 2);
        assertEquals(
                2 * MAX,
                encoded(StandardCharsets.UTF_16LE, StringTermination.NONE, text).length());
        assertInstanceOf(
                TooLongFrameException.class, encodingFailure(StandardCharsets.UTF_16LE, StringTermination.NUL, text));
        assertInstanceOf(
                TooLongFrameException.class,
                encodingFailure(StandardCharsets.UTF_16LE, StringTermination.NONE, "x".repeat(100)));
    }

    @Test
    void whatCannotBeEncodedIsNotSent() throws Exception {
        Charset ansi = Charset.forName("windows-1252");
        assertInstanceOf(CharacterCodingException.class, encodingFailure(ansi, StringTermination.NONE, "aЖ"));
        assertInstanceOf(
                CharacterCodingException.class,
                encodingFailure(StandardCharsets.UTF_16LE, StringTermination.NUL, "a\ud801"));
        assertInstanceOf(IllegalArgumentException.class, encodingFailure(ansi, StringTermination.NONE, "a\0b"));
        assertInstanceOf(IllegalArgumentException.class, encodingFailure(ansi, StringTermination.NUL, "a\0"));
    }

    @Test
    void aBadMessageDoesNotSpoilTheNext() throws Exception {
        try (Embedded end = new Embedded(new WindowsStringDecoder(StandardCharsets.UTF_16LE, MAX))) {
            end.channel().writeInbound(end.buffer((byte) 1, (byte) 0xd8));
            end.channel().writeInbound(end.buffer((byte) 'a', (byte) 0));
            assertEquals("a", end.channel().readInbound());
            assertEquals(1, end.caught().size());
        }
    }

    @Test
    void theAnsiCodePageIsTheOneOfTheJvm() throws Exception {
        String name = System.getProperty("sun.jnu.encoding");
        assertEquals(Charset.forName(name), WindowsCharset.ansi());
        assertArrayEquals(
                "aZ".getBytes(WindowsCharset.ansi()),
                HexFormat.of().parseHex(encoded(WindowsCharset.ansi(), StringTermination.NONE, "aZ")));
    }

    @Test
    void aCodePageThatIsNotThereIsNamed() {
        assertEquals(
                "Cp0",
                assertThrows(UnsupportedCharsetException.class, () -> WindowsCharset.named("Cp0"))
                        .getCharsetName());
        assertThrows(IllegalStateException.class, () -> WindowsCharset.named(null));
        assertThrows(IllegalStateException.class, () -> WindowsCharset.named("?"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void limitsOutOfRangeAreRefused(int maxBytes) {
        assertThrows(
                IllegalArgumentException.class, () -> new WindowsStringDecoder(StandardCharsets.UTF_16LE, maxBytes));
        assertThrows(
                IllegalArgumentException.class,
                () -> new WindowsStringEncoder(StandardCharsets.UTF_16LE, maxBytes, StringTermination.NUL));
    }
}
