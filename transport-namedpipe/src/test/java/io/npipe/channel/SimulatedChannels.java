/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.channel.ChannelFactory;
import io.npipe.simulation.SimulatedWorld;
import java.util.Random;

/** Makes channels for a {@link SimulatedWorld}, on any JVM. */
public final class SimulatedChannels {

    private final Surroundings surroundings;

    /** For that world. */
    public SimulatedChannels(SimulatedWorld world, Random random) {
        surroundings = new Surroundings(world::startThread, random::nextInt);
    }

    /** Servers. */
    public ChannelFactory<NamedPipeServerChannel> servers() {
        return () -> new NamedPipeServerChannel(surroundings);
    }

    /** Clients. */
    public ChannelFactory<NamedPipeChannel> clients() {
        return () -> new NamedPipeChannel(surroundings);
    }
}
