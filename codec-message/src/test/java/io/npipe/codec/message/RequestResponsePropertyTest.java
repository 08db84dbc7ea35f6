/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** Any requests, answered in any order over streams cut anywhere, get their own replies; any bytes do no harm. */
@Tag("any-jvm")
class RequestResponsePropertyTest {

    @Provide
    Arbitrary<List<byte[]>> requests() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(30).list().ofMaxSize(20);
    }

    @Provide
    Arbitrary<List<Integer>> numbers() {
        return Arbitraries.integers().between(1, 60).list().ofMinSize(1).ofMaxSize(20);
    }

    @Property
    void eachCallGetsTheReplyToItsRequest(
            @ForAll("requests") List<byte[]> requests,
            @ForAll("numbers") List<Integer> order,
            @ForAll("numbers") List<Integer> cuts)
            throws Exception {
        Conversation conversation = new Conversation();
        conversation.run(requests, order, cuts);
        conversation.end();
    }

    /** That the property above notices a reply that goes to another call. */
    @Example
    void twoIdsThatAreSwappedAreNoticed() throws Exception {
        List<byte[]> requests = List.of(new byte[] {1}, new byte[] {2});
        List<Integer> once = List.of(1);
        Conversation right = new Conversation();
        right.run(requests, once, once);
        right.end();

        Conversation swapped = new Conversation(new SwapsIds());
        AssertionError error = assertThrows(AssertionError.class, () -> swapped.run(requests, once, once));
        assertEquals(true, error.getMessage().startsWith("the reply to another request"), error::getMessage);
    }

    private static final class SwapsIds extends ChannelOutboundHandlerAdapter {

        private ByteBuf held;

        @Override
        public void write(ChannelHandlerContext ctx, Object output, ChannelPromise promise) {
            ByteBuf message = (ByteBuf) output;
            if (held == null) {
                held = message;
                promise.setSuccess();
                return;
            }
            long id = message.getLong(message.readerIndex());
            message.setLong(message.readerIndex(), held.getLong(held.readerIndex()));
            held.setLong(held.readerIndex(), id);
            ctx.write(held);
            ctx.write(message, promise);
        }
    }

    @Property
    void randomBytesNeitherHarmTheClientNorTheServer(
            @ForAll byte[] bytes, @ForAll("requests") List<byte[]> messages, @ForAll boolean framed) throws Exception {
        RequestResponseClientHandler client = new RequestResponseClientHandler();
        RequestResponseServerHandler echo = new RequestResponseServerHandler(
                (ctx, request) -> ctx.executor().newSucceededFuture(request));
        for (var handler : List.of(client, echo)) {
            try (Embedded end = framed ? new Embedded(new MessageFrameCodec(100), handler) : new Embedded(handler)) {
                client.call(end.buffer());
                end.receive(bytes);
                messages.forEach(end::receive);
                for (Throwable cause : end.caught()) {
                    if (!(cause instanceof TooLongFrameException)) {
                        assertInstanceOf(CorruptedFrameException.class, cause);
                    }
                }
            }
        }
    }
}
