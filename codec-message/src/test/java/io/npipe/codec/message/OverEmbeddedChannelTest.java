/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;

/** Over two {@link EmbeddedChannel}s, each of which gets what the other one writes. */
@Tag("any-jvm")
class OverEmbeddedChannelTest extends SamePipelineContract {

    private EmbeddedChannel atServer;
    private EmbeddedChannel atClient;

    @Override
    Channel connect(Supplier<ChannelHandler> server, ChannelHandler client) {
        atServer = new EmbeddedChannel(server.get());
        atClient = new EmbeddedChannel(client);
        atClient.freezeTime();
        return atClient;
    }

    @Override
    void await(Future<?> future) {
        while (!future.isDone() && (moves(atClient, atServer) || moves(atServer, atClient))) {
            // on until nothing moves
        }
        if (!future.isDone()) {
            atClient.advanceTimeBy(1, TimeUnit.MILLISECONDS);
            atClient.runScheduledPendingTasks();
        }
        assertTrue(future.isDone(), "nothing happens");
    }

    private static boolean moves(EmbeddedChannel from, EmbeddedChannel to) {
        boolean moved = false;
        for (Object part; (part = from.readOutbound()) != null; ) {
            to.writeOneInbound(part);
            moved = true;
        }
        if (to.isOpen()) {
            to.flushInbound();
        }
        if (!from.isOpen() && to.isOpen()) {
            to.close();
            moved = true;
        }
        return moved;
    }

    @Override
    void end() {
        atServer.finishAndReleaseAll();
        atClient.finishAndReleaseAll();
    }
}
