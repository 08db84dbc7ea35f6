/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.string.StringEncoder;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeServerChannel;
import io.npipe.iocp.IocpIoHandler;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Snippet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The README's snippet, word for word. */
class ReadmeTest {

    private static final BlockingQueue<String> PRINTED = new LinkedBlockingQueue<>();

    /** Instead of the README's, since other builds run on this machine. */
    private static final String NAME = "greeter-" + UUID.randomUUID();

    @Test
    void theSnippetRuns() throws Exception {
        // snippet
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(IocpIoHandler.newFactory());
        NamedPipeAddress address = NamedPipeAddress.of(NAME);

        Channel server = new ServerBootstrap()
                .group(group)
                .channel(NamedPipeServerChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel child) {
                        child.pipeline().addLast(new StringEncoder(), new Greeter());
                    }
                })
                .bind(address)
                .sync()
                .channel();

        Channel client = new Bootstrap()
                .group(group)
                .channel(NamedPipeChannel.class)
                .handler(new Printer())
                .connect(address)
                .sync()
                .channel();
        // snippet

        assertEquals("hello", PRINTED.poll(HangLimit.SECONDS, TimeUnit.SECONDS));
        client.close().sync();
        server.close().sync();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    @Test
    void theReadmeShowsTheSameLines() throws IOException {
        Snippet.assertShown(
                "README.md", ReadmeTest.class, "snippet", snippet -> snippet.replace("NAME", "\"greeter\""));
    }

    private static final class Greeter extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush("hello");
        }
    }

    private static final class Printer extends SimpleChannelInboundHandler<ByteBuf> {

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf data) {
            PRINTED.add(data.toString(StandardCharsets.UTF_8));
        }
    }
}
