/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import io.netty.channel.ChannelFactory;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeServerChannel;
import io.npipe.channel.SimulatedChannels;
import io.npipe.simulation.ThreadedKernel;
import io.npipe.win32.NativeWin32;
import io.npipe.win32.Win32;

/**
 * The kernel that tests with threads run on, and its channels: this system's on Windows, elsewhere a simulated one. So the
 * same tests run on both.
 */
public final class Kernels {

    private static final ThreadedKernel SIMULATED =
            NativeWin32.unavailabilityCause() == null ? null : new ThreadedKernel();

    /** Whether it is the simulated one. */
    public static boolean areSimulated() {
        return SIMULATED != null;
    }

    /** The seam. */
    public static Win32 win32() {
        return SIMULATED == null ? NativeWin32.get() : SIMULATED.win32();
    }

    /** Makes servers. */
    public static ChannelFactory<NamedPipeServerChannel> servers() {
        return SIMULATED == null ? NamedPipeServerChannel::new : SimulatedChannels.withThreads()::server;
    }

    /** Makes clients. */
    public static ChannelFactory<NamedPipeChannel> clients() {
        return SIMULATED == null ? NamedPipeChannel::new : SimulatedChannels.withThreads()::client;
    }

    /** Fails if the kernel is simulated and was misused. */
    public static void check() {
        if (SIMULATED != null) {
            SIMULATED.check();
        }
    }

    private Kernels() {}
}
