/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.SimulatedChannels;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.simulation.SimulatedLoops;
import io.npipe.simulation.SimulatedProcess;
import io.npipe.simulation.SimulatedWorld;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.SecurityDescriptor;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;

/**
 * What {@link PipeLab} is, on a simulated kernel: on any JVM, on the caller's thread, in virtual time. Nothing happens
 * but within {@link #settle()}, which the methods that return a channel call. {@link #close()} fails if anything is left.
 */
public final class SimulatedPipeLab implements AutoCloseable {

    private static final long MAX_STEPS = 1_000_000;

    private final Random random;
    private final SimulatedWorld world;
    private final SimulatedChannels channels;
    private final SimulatedLoops serverGroup;
    private final SimulatedLoops clientGroup;
    private final NamedPipeAddress address = NamedPipeAddress.of("lab");

    /** With a kernel that does everything at once. */
    public SimulatedPipeLab() {
        this(1, Chances.NONE, Faults.NONE);
    }

    /** With a kernel that takes its freedom and fails; failing begins with {@code world().kernel().beginFailing()}. */
    public SimulatedPipeLab(long seed, Chances chances, Faults faults) {
        random = new Random(seed);
        world = new SimulatedWorld(random, chances, faults, false);
        channels = SimulatedChannels.of(world, random);
        serverGroup = world.loops("server", 1);
        clientGroup = world.loops("client", 1);
    }

    /** The world, for time and kernel. */
    public SimulatedWorld world() {
        return world;
    }

    /** The address of this lab's server. */
    public NamedPipeAddress address() {
        return address;
    }

    /** The servers' loop. */
    public SimulatedLoops serverGroup() {
        return serverGroup;
    }

    /** The clients' loop. */
    public SimulatedLoops clientGroup() {
        return clientGroup;
    }

    /** A server to be bound, with a handler for each child. */
    public ServerBootstrap server(Supplier<? extends ChannelHandler> childHandler) {
        return new ServerBootstrap()
                .group(serverGroup)
                .channelFactory(channels::server)
                .option(ChannelOption.ALLOCATOR, world.allocator())
                .childOption(ChannelOption.ALLOCATOR, world.allocator())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel child) {
                        child.pipeline().addLast(childHandler.get());
                    }
                });
    }

    /** A client to be connected. */
    public Bootstrap client(ChannelHandler handler) {
        return new Bootstrap()
                .group(clientGroup)
                .channelFactory(channels::client)
                .option(ChannelOption.ALLOCATOR, world.allocator())
                .handler(handler);
    }

    /** Binds a server to this lab's address. */
    public Channel bind(Supplier<? extends ChannelHandler> childHandler) {
        Channel[] bound = new Channel[1];
        on(serverGroup, () -> bound[0] = server(childHandler).bind(address).channel());
        settle();
        return bound[0];
    }

    /** Connects a client to this lab's address. */
    public Channel connect(ChannelHandler handler) {
        Channel[] connected = new Channel[1];
        on(clientGroup, () -> connected[0] = client(handler).connect(address).channel());
        settle();
        return connected[0];
    }

    /** Another process' client of this lab's address, connected; it ends by {@code world().kernel().vanish}. */
    public long openRaw() {
        return openRaw(world.kernel().process(), PipeConstants.GENERIC_READ | PipeConstants.GENERIC_WRITE, 0);
    }

    /** The same for a certain process, which may be refused: then it is the negated error code. */
    public long openRaw(SimulatedProcess process, int access, int flags) {
        return as(process, address, path -> world.kernel()
                .CreateFileW(
                        path,
                        access,
                        0,
                        0,
                        PipeConstants.OPEN_EXISTING,
                        PipeConstants.FILE_FLAG_OVERLAPPED | flags,
                        0));
    }

    /** Another process' server of this lab's address, with one instance and quotas of 100 bytes; it ends likewise. */
    public long createRaw(int pipeMode) {
        return createRaw(world.kernel().process(), pipeMode, 1, null);
    }

    /** The same for a certain process, which may be refused: then it is the negated error code. */
    public long createRaw(SimulatedProcess process, int pipeMode, int maxInstances, SecurityDescriptor security) {
        return as(process, address, path -> world.kernel()
                .CreateNamedPipeW(
                        path,
                        PipeConstants.PIPE_ACCESS_DUPLEX | PipeConstants.FILE_FLAG_OVERLAPPED,
                        pipeMode,
                        maxInstances,
                        100,
                        100,
                        0,
                        security == null ? 0 : security.attributesAddress()));
    }

    private long as(SimulatedProcess process, NamedPipeAddress pipe, LongUnaryOperator call) {
        SimulatedProcess before = world.kernel().process();
        NativeMemory path = NativeMemory.ofWideString(pipe.path());
        world.kernel().setProcess(process);
        long result = call.applyAsLong(path.address());
        world.kernel().setProcess(before);
        path.free();
        return result;
    }

    /** Does something on a group's loop, at the next {@link #settle()}. */
    public void on(SimulatedLoops loops, Runnable action) {
        loops.all().get(0).execute(action);
    }

    /** Lets everything happen that will happen by itself. */
    public void settle() {
        world.run(MAX_STEPS);
    }

    /** Lets everything happen within a time, and no longer. */
    public void settleFor(long duration, TimeUnit unit) {
        boolean[] over = new boolean[1];
        world.later(unit.toNanos(duration), () -> over[0] = true);
        settleUntil(() -> over[0]);
    }

    /** Lets things happen until something holds, or nothing is left to happen. */
    public void settleUntil(BooleanSupplier condition) {
        while (!condition.getAsBoolean() && world.step()) {
            world.rules().check();
        }
    }

    @Override
    public void close() {
        try {
            serverGroup.shutdownGracefully(0, 10, TimeUnit.SECONDS);
            clientGroup.shutdownGracefully(0, 10, TimeUnit.SECONDS);
            settle();
            world.assertNothingLeft();
        } finally {
            world.close();
        }
    }
}
