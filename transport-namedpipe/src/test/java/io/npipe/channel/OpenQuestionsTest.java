/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.testkit.EchoHandler;
import io.npipe.testkit.SimulatedPipeLab;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What only a run on Windows can settle: the transport is right either way. */
@Tag("any-jvm")
class OpenQuestionsTest {

    private final StringBuilder received = new StringBuilder();

    private final class Collector extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf data = (ByteBuf) message;
            received.append(data.toString(StandardCharsets.US_ASCII));
            data.release();
        }
    }

    @ParameterizedTest
    @EnumSource
    void dataComesBackOnAKernelThatAnswersEachQuestionTheOtherWay(PipeMode type) {
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.OTHERWISE, Faults.NONE)) {
            lab.on(lab.serverGroup(), () -> lab.server(EchoHandler::new)
                    .option(NamedPipeChannelOption.PIPE_TYPE, type)
                    .bind(lab.address()));
            lab.settle();
            Channel client = lab.connect(new Collector());
            for (String text : new String[] {"one ", "two ", "x".repeat(70_000)}) {
                ByteBuf data = lab.world().allocator().directBuffer(text.length());
                data.writeCharSequence(text, StandardCharsets.US_ASCII);
                lab.on(lab.clientGroup(), () -> client.writeAndFlush(data));
                lab.settle();
            }

            assertEquals("one two " + "x".repeat(70_000), received.toString());
        }
    }
}
