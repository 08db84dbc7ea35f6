/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A request, its answer, the next request. */
@Tag("any-jvm")
class AnswerHandlerTest {

    /** Notes what is asked for, and leaves writes under way. */
    private static final class Notes extends ChannelOutboundHandlerAdapter {

        private final List<String> asked = new ArrayList<>();
        private ChannelPromise written;

        @Override
        public void read(ChannelHandlerContext ctx) {
            asked.add("read");
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            asked.add((String) message);
            written = promise;
        }
    }

    private final Notes notes = new Notes();
    private final Traffic traffic = new Traffic();

    private EmbeddedChannel channel(Answer answer) {
        EmbeddedChannel channel = new EmbeddedChannel(notes);
        channel.config().setAutoRead(false);
        notes.asked.clear();
        channel.pipeline().addLast(new AnswerHandler(answer, channel.eventLoop(), traffic));
        channel.pipeline().fireChannelActive();
        return channel;
    }

    @Test
    void theNextRequestIsReadWhenTheAnswerIsInThePipe() {
        EmbeddedChannel channel = channel(Answer.DEFAULT);
        assertEquals(List.of("read"), notes.asked);
        assertEquals(1, traffic.clients());

        channel.pipeline().fireChannelRead("a request");
        channel.runPendingTasks();
        assertEquals(List.of("read", "default answer from server"), notes.asked);
        assertEquals(0, traffic.answers());

        notes.written.setSuccess();
        channel.runPendingTasks();
        assertEquals(List.of("read", "default answer from server", "read"), notes.asked);
        assertEquals(1, traffic.answers());

        channel.close();
        assertEquals(0, traffic.clients());
        assertEquals(1, traffic.clientsSeen());
    }

    @Test
    void aClientThatDoesNotTakeItsAnswerIsGivenUp() {
        EmbeddedChannel channel = channel(Answer.ECHO);
        channel.pipeline().fireChannelRead("a request");
        channel.runPendingTasks();

        notes.written.setFailure(new IOException("gone"));
        channel.runPendingTasks();
        assertFalse(channel.isActive());
        assertEquals(List.of("read", "a request"), notes.asked);
        assertEquals(0, traffic.answers());
    }

    @Test
    void anAnswerThatCannotBeMadeEndsTheClient() {
        EmbeddedChannel channel = channel(request -> {
            throw new IOException("no answer");
        });
        assertTrue(channel.isActive());

        channel.pipeline().fireChannelRead("a request");
        channel.runPendingTasks();
        assertFalse(channel.isActive());
        assertEquals(0, traffic.answers());
    }
}
