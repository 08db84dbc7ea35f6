/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.iocp.IocpEventLoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Runs the clients and waits for all of them. */
final class EchoClient {

    private static final int LOOPS = 2;

    private final NamedPipeAddress address;
    private final Workload workload;
    private final int clients;

    EchoClient(NamedPipeAddress address, Workload workload, int clients) {
        this.address = address;
        this.workload = workload;
        this.clients = clients;
    }

    Report run() throws Exception {
        long total = 0;
        for (int i = 0; i < clients; i++) {
            total += workload.bytesPerClient(i);
        }
        EventLoopGroup loops = new IocpEventLoopGroup(LOOPS);
        try (Progress progress = new Progress(total)) {
            List<EchoClientHandler> handlers = connectAll(loops, progress);
            Report report = new Report(workload.description());
            for (EchoClientHandler handler : handlers) {
                report.add(handler.result().get());
            }
            return report;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private List<EchoClientHandler> connectAll(EventLoopGroup loops, Progress progress) throws Exception {
        List<EchoClientHandler> handlers = new ArrayList<>();
        List<ChannelFuture> connects = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            EchoClientHandler handler = new EchoClientHandler(workload.open(i), workload.oneAtATime(), progress);
            handlers.add(handler);
            connects.add(new Bootstrap()
                    .group(loops)
                    .channel(NamedPipeChannel.class)
                    .handler(handler)
                    .connect(address));
        }
        for (ChannelFuture connect : connects) {
            connect.sync();
        }
        return handlers;
    }
}
