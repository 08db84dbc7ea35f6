/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.npipe.simulation.SimulatedWorld;
import java.util.Random;

/** Makes channels for a simulated kernel, on any JVM. */
public final class SimulatedChannels {

    private final Surroundings surroundings;

    private SimulatedChannels(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** For a world without threads. */
    public static SimulatedChannels of(SimulatedWorld world, Random random) {
        return new SimulatedChannels(new Surroundings(world::startThread, random::nextInt, (code, tellFirst) -> {
            tellFirst.run();
            world.endThread();
        }));
    }

    /** With the threads that channels have by default. */
    public static SimulatedChannels withThreads() {
        return new SimulatedChannels(Surroundings.DEFAULT);
    }

    /** Makes a server. */
    public NamedPipeServerChannel server() {
        return new NamedPipeServerChannel(surroundings);
    }

    /** Makes a client. */
    public NamedPipeChannel client() {
        return new NamedPipeChannel(surroundings);
    }
}
