/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.NamedPipeServerChannel;
import io.npipe.channel.NamedPipeServerChannelConfig;
import io.npipe.channel.PipeMode;
import io.npipe.codec.message.MessageFrameCodec;

/**
 * The sample's server: a pipe of messages, which answers each client's requests. Where the sample has a thread for each
 * client, this one has a few event loops for all of them.
 */
final class PipeServer {

    /** No limit of instances. */
    static final int UNLIMITED = 0;

    /** The sample's buffers, in bytes. */
    private static final int QUOTA = 512;

    /** The sample has one at a time, and clients that come together wait for each other. */
    private static final int MOST_LISTENING = 32;

    private final Answer answer;
    private final EventExecutorGroup blocking;
    private final Traffic traffic;

    /**
     * Makes a server.
     *
     * @param answer what it says
     * @param blocking threads on which it makes its answers, since they block: one for a client, and maybe for others,
     *     too; null if they do not block
     * @param traffic counts what it does
     */
    PipeServer(Answer answer, EventExecutorGroup blocking, Traffic traffic) {
        this.answer = answer;
        this.blocking = blocking;
        this.traffic = traffic;
    }

    /** Begins to serve: until the channel that it returns is closed, or those loops end. */
    Channel bind(NamedPipeAddress address, int maxInstances, EventLoopGroup boss, EventLoopGroup workers)
            throws InterruptedException {
        boolean limited = maxInstances != UNLIMITED;
        return new ServerBootstrap()
                .group(boss, workers)
                .channel(NamedPipeServerChannel.class)
                .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                .option(
                        NamedPipeChannelOption.MAX_INSTANCES,
                        limited ? maxInstances : NamedPipeServerChannelConfig.UNLIMITED_INSTANCES)
                .option(
                        NamedPipeChannelOption.LISTENING_INSTANCES,
                        limited ? Math.min(maxInstances, MOST_LISTENING) : MOST_LISTENING)
                .option(ChannelOption.SO_RCVBUF, QUOTA)
                .option(ChannelOption.SO_SNDBUF, QUOTA)
                .childOption(ChannelOption.AUTO_READ, false) // AnswerHandler asks for each request
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel child) {
                        child.pipeline()
                                .addLast(
                                        new MessageFrameCodec(Tchar.MAX_BYTES),
                                        new TcharDetector(),
                                        new AnswerHandler(
                                                answer,
                                                blocking == null ? child.eventLoop() : blocking.next(),
                                                traffic));
                    }
                })
                .bind(address)
                .sync()
                .channel();
    }
}
