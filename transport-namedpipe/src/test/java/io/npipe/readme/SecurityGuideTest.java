/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.readme;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.npipe.channel.ImpersonationLevel;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.NamedPipePeerAddress;
import io.npipe.channel.NamedPipeServerChannel;
import io.npipe.channel.PeerAuthorizationHandler;
import io.npipe.channel.PipeRights;
import io.npipe.channel.PipeSecurity;
import io.npipe.iocp.IocpEventLoopGroup;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Snippet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The snippets of docs/security.md, word for word. */
class SecurityGuideTest {

    private static final String GUIDE = "docs/security.md";

    private static final CompletableFuture<String> SERVED = new CompletableFuture<>();
    private static EventExecutorGroup blocking;

    @Test
    void theSnippetsRun(@TempDir Path folder) throws Exception {
        IocpEventLoopGroup group = new IocpEventLoopGroup(1);
        blocking = new DefaultEventExecutorGroup(1);
        Path file = Files.writeString(folder.resolve("file"), "of the client");
        NamedPipeAddress address = NamedPipeAddress.of("npipe-security-guide-" + UUID.randomUUID());

        // server
        PipeSecurity users = PipeSecurity.builder()
                .allow("S-1-5-32-545", PipeRights.READ, PipeRights.WRITE) // BUILTIN\\Users, in any language
                .build();
        Set<String> subscribers = ConcurrentHashMap.newKeySet(); // SIDs; may change at any time

        Channel server = new ServerBootstrap()
                .group(group)
                .channel(NamedPipeServerChannel.class)
                .option(NamedPipeChannelOption.SECURITY, users)
                .childHandler(new ChannelInitializer<NamedPipeChannel>() {
                    @Override
                    protected void initChannel(NamedPipeChannel child) {
                        child.pipeline()
                                .addLast(
                                        new PeerAuthorizationHandler(
                                                peer -> peer.userSid() != null && subscribers.contains(peer.userSid())),
                                        new Reader());
                    }
                })
                .bind(address)
                .sync()
                .channel();
        // server
        subscribers.add(PipeSecurity.currentUserSid());

        // client
        Channel client = new Bootstrap()
                .group(group)
                .channel(NamedPipeChannel.class)
                .option(NamedPipeChannelOption.REQUIRED_SERVER_OWNER, PipeSecurity.currentUserSid())
                .option(NamedPipeChannelOption.IMPERSONATION_LEVEL, ImpersonationLevel.IMPERSONATION)
                .handler(new ChannelInitializer<NamedPipeChannel>() {
                    @Override
                    protected void initChannel(NamedPipeChannel channel) {
                        channel.pipeline().addLast(new Printer());
                    }
                })
                .connect(address)
                .sync()
                .channel();
        // client

        client.writeAndFlush(Unpooled.copiedBuffer(file.toString(), StandardCharsets.UTF_8));
        String served = SERVED.get(HangLimit.SECONDS, TimeUnit.SECONDS);
        assertTrue(served.endsWith("of the client"), served);
        assertTrue(served.startsWith("S-1-5-"), served);
        client.close().sync();
        server.close().sync();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        blocking.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    @Test
    void theGuideShowsTheSameLines() throws IOException {
        for (String name : new String[] {"server", "client", "reader"}) {
            Snippet.assertShown(GUIDE, SecurityGuideTest.class, name);
        }
    }

    // reader
    /** Reads a file for its client, with the client's rights. */
    static final class Reader extends SimpleChannelInboundHandler<ByteBuf> {

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
            Path file = Path.of(message.toString(StandardCharsets.UTF_8));
            NamedPipePeerAddress client = (NamedPipePeerAddress) ctx.channel().remoteAddress();
            ((NamedPipeChannel) ctx.channel())
                    .impersonate(() -> Files.readString(file), blocking) // a DefaultEventExecutorGroup
                    .addListener(read -> served(client, read.isSuccess() ? read.getNow() : read.cause()));
        }
    }
    // reader

    private static final class Printer extends SimpleChannelInboundHandler<ByteBuf> {

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
            // the server says nothing here
        }
    }

    private static void served(NamedPipePeerAddress client, Object result) {
        SERVED.complete(client.credentials().userSid() + ": " + result);
    }
}
