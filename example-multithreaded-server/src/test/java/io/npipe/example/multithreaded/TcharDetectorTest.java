/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client was compiled for shows in its first request. */
@Tag("any-jvm")
class TcharDetectorTest {

    private final EmbeddedChannel channel = new EmbeddedChannel(new TcharDetector());

    private static ByteBuf bytes(String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }

    @ParameterizedTest
    @CsvSource({
        "4100, A, ANSI",
        "41000000, A, UNICODE",
        "410042000000, AB, UNICODE",
        "414200, AB, ANSI", // odd, as a Unicode string never is
        "414243444500, ABCDE, ANSI", // even
        "00, '', ANSI",
        "0000, '', UNICODE",
        "00010000, \u0100, UNICODE", // its own zero byte comes first
        "ff000000, \u00ff, UNICODE",
    })
    void theTerminatorTellsAndTheAnswerIsOfTheSameKind(String hex, String text, Tchar tchar) {
        channel.writeInbound(bytes(hex));
        assertEquals(text, channel.readInbound());

        channel.writeOutbound("ok");
        ByteBuf answer = channel.readOutbound();
        assertEquals(tchar == Tchar.UNICODE ? "6f006b000000" : "6f6b00", ByteBufUtil.hexDump(answer));
        answer.release();

        channel.writeInbound(bytes(hex));
        assertEquals(text, channel.readInbound());
        assertNull(channel.pipeline().get(TcharDetector.class));
        channel.finish();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "41", "4142", "410041"})
    void aRequestWithoutTerminatorIsRefused(String hex) {
        CorruptedFrameException refusal =
                assertThrows(CorruptedFrameException.class, () -> channel.writeInbound(bytes(hex)));

        assertEquals("a request of " + hex.length() / 2 + " bytes has no NUL at its end", refusal.getMessage());
        channel.finish();
    }

    @Test
    void aProgramDoesNotChange() {
        channel.writeInbound(bytes("4100"));
        assertEquals("A", channel.readInbound());

        assertThrows(CorruptedFrameException.class, () -> channel.writeInbound(bytes("41000000")));
        channel.finish();
    }

    @Test
    void aRequestOfMoreThan512CharactersIsRefused() {
        assertThrows(TooLongFrameException.class, () -> channel.writeInbound(bytes("41".repeat(512) + "00")));
        channel.finish();
    }
}
