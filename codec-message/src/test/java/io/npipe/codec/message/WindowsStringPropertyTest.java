/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** What holds for any text, and for any bytes that claim to be text. */
@Tag("any-jvm")
class WindowsStringPropertyTest {

    private static final int MAX = 300;

    /** Code points but NUL, surrogates, and U+FFFE, which is a byte order mark the wrong way round. */
    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.integers()
                .between(1, Character.MAX_CODE_POINT)
                .filter(point ->
                        point != 0xFFFE && (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE))
                .list()
                .ofMaxSize(50)
                .map(points -> points.stream()
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, (a, b) -> {})
                        .toString());
    }

    @Provide
    Arbitrary<Charset> charsets() {
        return Arbitraries.of("UTF-16LE", "windows-1252", "windows-1251", "windows-31j", "GBK", "x-windows-949")
                .map(Charset::forName);
    }

    private static byte[] encoded(String text, StringTermination termination) throws Exception {
        try (Embedded sender = new Embedded(new WindowsStringEncoder(WindowsCharset.UNICODE, MAX, termination))) {
            assertTrue(sender.channel().writeOutbound(text));
            return sender.sent().get(0);
        }
    }

    private static String decoded(Embedded receiver, byte[] bytes) {
        receiver.channel().writeInbound(receiver.buffer(bytes));
        return receiver.channel().readInbound();
    }

    @Property
    void textArrivesAsItWasWithANulOrWithout(
            @ForAll("texts") String text, @ForAll StringTermination sent, @ForAll StringTermination required)
            throws Exception {
        try (Embedded receiver = new Embedded(new WindowsStringDecoder(WindowsCharset.UNICODE, MAX, required))) {
            String arrived = decoded(receiver, encoded(text, sent));
            if (required == StringTermination.NUL && sent == StringTermination.NONE) {
                assertEquals(null, arrived);
                assertInstanceOf(
                        CorruptedFrameException.class, receiver.caught().get(0));
            } else {
                assertEquals(text, arrived);
                assertEquals(List.of(), receiver.caught());
            }
        }
    }

    /** Where a NUL is required, each cut shows. */
    @Property
    void textThatWasCutIsReported(@ForAll("texts") String text, @ForAll @IntRange(max = 200) int cut) throws Exception {
        byte[] whole = encoded(text, StringTermination.NUL);
        byte[] part = Arrays.copyOf(whole, Math.max(0, whole.length - 1 - cut));
        try (Embedded receiver =
                new Embedded(new WindowsStringDecoder(WindowsCharset.UNICODE, MAX, StringTermination.NUL))) {
            assertEquals(null, decoded(receiver, part));
            assertInstanceOf(CorruptedFrameException.class, receiver.caught().get(0));
        }
    }

    /** What is text in some character set is the same bytes again; all else is refused. */
    @Property
    void randomBytesAreTextOrRefused(@ForAll byte[] bytes, @ForAll("charsets") Charset charset) throws Exception {
        try (Embedded receiver = new Embedded(new WindowsStringDecoder(charset, MAX))) {
            String text = decoded(receiver, bytes);
            if (text == null) {
                assertEquals(1, receiver.caught().size());
                Class<? extends DecoderException> expected =
                        bytes.length > MAX ? TooLongFrameException.class : CorruptedFrameException.class;
                assertInstanceOf(expected, receiver.caught().get(0));
            } else if (charset.equals(WindowsCharset.UNICODE)) {
                byte[] again = text.getBytes(charset);
                assertTrue(again.length == bytes.length || again.length == bytes.length - 2, text);
                assertArrayEquals(Arrays.copyOf(bytes, again.length), again);
            } else {
                assertTrue(text.indexOf('\0') < 0 && text.indexOf('\ufffd') < 0, text);
            }
            assertTrue(receiver.ledger().largest() <= Math.max(1, bytes.length));
        }
    }
}
