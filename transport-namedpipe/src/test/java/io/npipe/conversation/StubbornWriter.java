/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.npipe.simulation.SimulatedWorld;
import java.util.concurrent.TimeUnit;

/** Writes again when a write fails, at once and in the listener, as long as the channel says that it is active. */
final class StubbornWriter {

    private static final int MAX_TRIES_WITHIN_TASK = 200;
    private static final int PATIENCE = 10;
    private static final int PAUSE_MILLIS = 50;
    private static final int MAX_TRIES = 100;

    private final SimulatedWorld world;
    private final Party party;
    private int tries;
    private int triesWithinTask;
    private boolean taskUnderWay;

    StubbornWriter(SimulatedWorld world, Party party) {
        this.world = world;
        this.party = party;
    }

    void write() {
        Channel channel = party.channel();
        if (!channel.isRegistered() || channel.eventLoop().isShuttingDown()) {
            return;
        }
        if (!taskUnderWay) {
            taskUnderWay = true;
            triesWithinTask = 0;
            channel.eventLoop().execute(() -> taskUnderWay = false);
        }
        if (++triesWithinTask > MAX_TRIES_WITHIN_TASK) {
            if (triesWithinTask == MAX_TRIES_WITHIN_TASK + 1) {
                world.rules().violated("an endless loop: writes of " + party + " fail and are made again in one task");
            }
            return;
        }
        ChannelFuture written = party.write(true);
        if (written != null) {
            written.addListener(done -> {
                if (!done.isSuccess() && channel.isActive()) {
                    again(channel);
                }
            });
        }
    }

    private void again(Channel channel) {
        if (taskUnderWay || ++tries % PATIENCE != 0) {
            write();
        } else if (channel.isRegistered() && !channel.eventLoop().isShuttingDown() && tries < MAX_TRIES) {
            channel.eventLoop().schedule(this::write, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
