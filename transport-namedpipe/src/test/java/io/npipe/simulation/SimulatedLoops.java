/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.util.concurrent.AbstractEventExecutorGroup;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Several {@link SimulatedEventLoop}s, taken in turn. */
public final class SimulatedLoops extends AbstractEventExecutorGroup implements IoEventLoopGroup {

    private final List<SimulatedEventLoop> loops;
    private final Promise<Void> termination = new DefaultPromise<>(ImmediateEventExecutor.INSTANCE);
    private int next;

    SimulatedLoops(List<SimulatedEventLoop> loops) {
        this.loops = loops;
        for (SimulatedEventLoop loop : loops) {
            loop.terminationFuture().addListener(ended -> {
                if (loops.stream().allMatch(SimulatedEventLoop::isTerminated)) {
                    termination.trySuccess(null);
                }
            });
        }
    }

    /** All of them. */
    public List<SimulatedEventLoop> all() {
        return loops;
    }

    @Override
    public IoEventLoop next() {
        return loops.get(next++ % loops.size());
    }

    @Deprecated
    @Override
    public ChannelFuture register(Channel channel) {
        return next().register(channel);
    }

    @Deprecated
    @Override
    public ChannelFuture register(ChannelPromise promise) {
        return next().register(promise);
    }

    @Deprecated
    @Override
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        return next().register(channel, promise);
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return loops.get(0).isCompatible(handleType);
    }

    @Override
    public boolean isIoType(Class<? extends IoHandler> handlerType) {
        return loops.get(0).isIoType(handlerType);
    }

    @Override
    public Iterator<EventExecutor> iterator() {
        return new ArrayList<EventExecutor>(loops).iterator();
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        loops.forEach(loop -> loop.shutdownGracefully(quietPeriod, timeout, unit));
        return termination;
    }

    @Deprecated
    @Override
    public void shutdown() {
        throw new UnsupportedOperationException("deprecated");
    }

    @Override
    public Future<?> terminationFuture() {
        return termination;
    }

    @Override
    public boolean isShuttingDown() {
        return loops.stream().allMatch(SimulatedEventLoop::isShuttingDown);
    }

    @Override
    public boolean isShutdown() {
        return loops.stream().allMatch(SimulatedEventLoop::isShutdown);
    }

    @Override
    public boolean isTerminated() {
        return loops.stream().allMatch(SimulatedEventLoop::isTerminated);
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isTerminated();
    }
}
