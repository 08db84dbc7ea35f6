/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoopGroup;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.PipeMode;
import io.npipe.codec.message.MessageFrameCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Many clients at the same time. As in the sample, each tries to open the pipe, and waits if all instances are busy. When
 * all have tried, those that have an instance begin to talk.
 */
final class PipeClients {

    /** As little as can be: a pipe of this machine that has an instance is open before any time passes. */
    private static final int TRY_MILLIS = 1;

    private final EventLoopGroup loops;
    private final NamedPipeAddress address;
    private final Tchar tchar;
    private final int waitMillis;
    private final boolean together;

    /**
     * Makes no client yet.
     *
     * @param loops run them
     * @param address of the server
     * @param tchar in what they send strings
     * @param waitMillis how long each waits for an instance, at most
     * @param together whether nobody begins until all have an instance; there must be that many
     */
    PipeClients(EventLoopGroup loops, NamedPipeAddress address, Tchar tchar, int waitMillis, boolean together) {
        this.loops = loops;
        this.address = address;
        this.tchar = tchar;
        this.waitMillis = waitMillis;
        this.together = together;
    }

    /** Runs them, waits for all, and returns what became of each. */
    List<Outcome> run(List<ClientHandler> clients) throws InterruptedException, ExecutionException {
        List<ChannelFuture> connects = connectAll(clients);
        if (together) {
            for (ChannelFuture connect : connects) {
                connect.await();
            }
        }
        for (int i = 0; i < clients.size(); i++) {
            ClientHandler client = clients.get(i);
            connects.get(i).addListener((ChannelFuture connect) -> {
                if (connect.isSuccess()) {
                    connect.channel().pipeline().addLast(client);
                } else {
                    client.end(connect.cause());
                }
            });
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (ClientHandler client : clients) {
            outcomes.add(client.outcome().get());
        }
        return outcomes;
    }

    /** When all have tried; those that found the pipe busy are connecting still. */
    private List<ChannelFuture> connectAll(List<ClientHandler> clients) throws InterruptedException {
        long start = System.nanoTime();
        List<ChannelFuture> connects = new ArrayList<>();
        for (int i = 0; i < clients.size(); i++) {
            // Over a network opening takes its time, so there is no telling who is busy.
            connects.add(connect(address.isLocal() ? TRY_MILLIS : waitMillis, false));
        }
        for (ChannelFuture connect : connects) {
            connect.await();
        }
        for (int i = 0; i < clients.size(); i++) {
            if (address.isLocal() && connects.get(i).cause() instanceof ConnectTimeoutException) {
                ClientHandler client = clients.get(i);
                // The name is gone for a moment when all instances of a limited server have been closed and none is
                // made yet.
                connects.set(i, connect(waitMillis, true));
                connects.get(i)
                        .addListener(done -> client.waited(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)));
            }
        }
        return connects;
    }

    private ChannelFuture connect(int timeoutMillis, boolean waitForServer) {
        return new Bootstrap()
                .group(loops)
                .channel(NamedPipeChannel.class)
                .option(NamedPipeChannelOption.READ_MODE, PipeMode.MESSAGE)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
                .option(NamedPipeChannelOption.WAIT_FOR_SERVER, waitForServer)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new MessageFrameCodec(Tchar.MAX_BYTES), tchar.newEncoder(), tchar.newDecoder());
                    }
                })
                .connect(address);
    }
}
