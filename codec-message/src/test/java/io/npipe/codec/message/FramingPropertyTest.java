/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import io.npipe.testkit.HangLimit;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** What holds for any messages, cut anywhere, and for any bytes. */
@Tag("any-jvm")
class FramingPropertyTest {

    private static final int MAX = 40;

    @Provide
    Arbitrary<List<byte[]>> messages() {
        return ofLength(MAX).list().ofMaxSize(12);
    }

    /** Some of them longer than the limit. */
    @Provide
    Arbitrary<List<byte[]>> messagesOfAnyLength() {
        return ofLength(3 * MAX).list().ofMaxSize(12);
    }

    private static Arbitrary<byte[]> ofLength(int max) {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(max);
    }

    /** Lengths of the pieces in which a stream arrives, again and again. */
    @Provide
    Arbitrary<List<Integer>> cuts() {
        return Arbitraries.integers().between(1, 2 * MAX).list().ofMinSize(1).ofMaxSize(10);
    }

    /** Bytes among which some look like lengths, or like part of one. */
    @Provide
    Arbitrary<byte[]> noise() {
        Arbitrary<byte[]> lengths = Arbitraries.integers()
                .between(-2, 600)
                .map(length -> ByteBuffer.allocate(4).putInt(length).array());
        Arbitrary<byte[]> zeros = Arbitraries.integers().between(0, 300).map(byte[]::new);
        return Arbitraries.oneOf(ofLength(100), lengths, zeros)
                .list()
                .ofMaxSize(20)
                .map(pieces -> {
                    ByteArrayOutputStream all = new ByteArrayOutputStream();
                    pieces.forEach(all::writeBytes);
                    return all.toByteArray();
                });
    }

    private static byte[] encoded(List<byte[]> messages, int limit) throws Exception {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        try (Embedded sender = new Embedded(new MessageFrameCodec(limit))) {
            for (byte[] message : messages) {
                sender.channel().writeOutbound(sender.buffer(message));
            }
            sender.sent().forEach(stream::writeBytes);
        }
        return stream.toByteArray();
    }

    private static List<byte[]> decoded(Embedded receiver, byte[] stream, List<Integer> cuts) {
        List<byte[]> messages = new ArrayList<>();
        int at = 0;
        for (int i = 0; at < stream.length; i++) {
            int end = Math.min(stream.length, at + cuts.get(i % cuts.size()));
            messages.addAll(receiver.receive(Arrays.copyOfRange(stream, at, end)));
            at = end;
        }
        return messages;
    }

    private static void assertSame(List<byte[]> expected, List<byte[]> actual) {
        assertArrayEquals(expected.toArray(), actual.toArray());
    }

    @Property
    void messagesArriveAsTheyWereHoweverTheStreamIsCut(
            @ForAll("messages") List<byte[]> messages, @ForAll("cuts") List<Integer> cuts) throws Exception {
        try (Embedded receiver = new Embedded(new MessageFrameCodec(MAX))) {
            assertSame(messages, decoded(receiver, encoded(messages, MAX), cuts));
            receiver.channel().close();
            assertEquals(List.of(), receiver.caught());
        }
    }

    @Property
    void thoseThatAreTooLongAreReportedAndAllOthersArrive(
            @ForAll("messagesOfAnyLength") List<byte[]> messages, @ForAll("cuts") List<Integer> cuts) throws Exception {
        List<byte[]> fitting =
                messages.stream().filter(message -> message.length <= MAX).toList();
        try (Embedded receiver = new Embedded(new MessageFrameCodec(MAX))) {
            assertSame(fitting, decoded(receiver, encoded(messages, 3 * MAX), cuts));
            assertEquals(messages.size() - fitting.size(), receiver.caught().size());
            receiver.caught().forEach(cause -> assertInstanceOf(TooLongFrameException.class, cause));
        }
    }

    @Property
    void aStreamThatIsCutOffTellsOfItUnlessItWasCutBetweenMessages(
            @ForAll("messages") List<byte[]> messages, @ForAll @IntRange(max = 12 * (MAX + 4)) int length)
            throws Exception {
        byte[] whole = encoded(messages, MAX);
        byte[] part = Arrays.copyOf(whole, Math.min(length, whole.length));
        int complete = 0;
        int bytes = 0;
        while (complete < messages.size() && bytes + 4 + messages.get(complete).length <= part.length) {
            bytes += 4 + messages.get(complete++).length;
        }
        try (Embedded receiver = new Embedded(new MessageFrameCodec(MAX))) {
            assertSame(messages.subList(0, complete), receiver.receive(part));
            receiver.channel().close();
            assertEquals(bytes == part.length ? 0 : 1, receiver.caught().size());
            receiver.caught().forEach(cause -> assertInstanceOf(CorruptedFrameException.class, cause));
        }
    }

    @Property
    void randomBytesNeitherHangNorAllocateMuchNorLeak(
            @ForAll("noise") byte[] bytes,
            @ForAll("cuts") List<Integer> cuts,
            @ForAll @IntRange(min = 1, max = 500) int limit) {
        assertTimeoutPreemptively(Duration.ofSeconds(HangLimit.SECONDS), () -> {
            try (Embedded receiver = new Embedded(new MessageFrameCodec(limit))) {
                for (byte[] message : decoded(receiver, bytes, cuts)) {
                    assertTrue(message.length <= limit);
                }
                receiver.caught().forEach(cause -> assertInstanceOf(TooLongFrameException.class, cause));
                // A message with its length, and a piece. Netty drops what was read when it is half of a buffer or
                // more, and
                // rounds capacities up to powers of two.
                int bound = 2 * Integer.highestOneBit(limit + 4 + 2 * MAX) * 2;
                int largest = receiver.ledger().largest();
                assertTrue(largest <= bound, () -> "allocated " + largest + " bytes at once");
            }
        });
    }
}
