/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.Future;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.NamedPipeServerChannel;
import io.npipe.channel.PipeMode;
import io.npipe.codec.message.MessageFrameCodec;
import io.npipe.codec.message.RequestResponseClientHandler;
import io.npipe.codec.message.RequestResponseServerHandler;
import io.npipe.iocp.IocpIoHandler;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Snippet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The snippet of docs/messages.md, word for word. */
class MessagesDocTest {

    /** Instead of the document's, since other builds run on this machine. */
    private static final String NAME = "shouter-" + UUID.randomUUID();

    @Test
    void theSnippetRuns() throws Exception {
        // snippet
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(IocpIoHandler.newFactory());
        NamedPipeAddress address = NamedPipeAddress.of(NAME);

        Channel server = new ServerBootstrap()
                .group(group)
                .channel(NamedPipeServerChannel.class)
                .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE) // or BYTE: all else stays as it is
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel child) {
                        child.pipeline()
                                .addLast(
                                        new MessageFrameCodec(64 * 1024),
                                        new RequestResponseServerHandler(MessagesDocTest::shout));
                    }
                })
                .bind(address)
                .sync()
                .channel();

        RequestResponseClientHandler calls = new RequestResponseClientHandler();
        Channel client = new Bootstrap()
                .group(group)
                .channel(NamedPipeChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new MessageFrameCodec(64 * 1024), calls);
                    }
                })
                .connect(address)
                .sync()
                .channel();

        Future<ByteBuf> first = calls.call(Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8));
        Future<ByteBuf> second = calls.call(Unpooled.copiedBuffer("world", StandardCharsets.UTF_8));
        // snippet

        assertEquals("HELLO", text(first.get(HangLimit.SECONDS, TimeUnit.SECONDS)));
        assertEquals("WORLD", text(second.get(HangLimit.SECONDS, TimeUnit.SECONDS)));
        client.close().sync();
        server.close().sync();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    // responder
    static Future<ByteBuf> shout(ChannelHandlerContext ctx, ByteBuf request) {
        String text = request.toString(StandardCharsets.UTF_8);
        request.release();
        return ctx.executor()
                .newSucceededFuture(Unpooled.copiedBuffer(text.toUpperCase(Locale.ROOT), StandardCharsets.UTF_8));
    }
    // responder

    private static String text(ByteBuf reply) {
        String text = reply.toString(StandardCharsets.UTF_8);
        reply.release();
        return text;
    }

    @Test
    void theDocumentShowsTheSameLines() throws IOException {
        for (String name : List.of("snippet", "responder")) {
            Snippet.assertShown(
                    "docs/messages.md", MessagesDocTest.class, name, snippet -> snippet.replace("NAME", "\"shouter\""));
        }
    }
}
