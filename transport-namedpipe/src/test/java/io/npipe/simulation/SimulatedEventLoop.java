/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * An event loop without a thread, which a {@link SimulatedWorld} gives its turns: what {@code SingleThreadIoEventLoop}
 * does, in the same order.
 */
public final class SimulatedEventLoop extends AbstractScheduledEventExecutor implements IoEventLoop {

    private static final long PURGE_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long QUIET_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int MAX_IDLE_TURNS = 8;
    private static final int MAX_TASKS_IN_TURN = 100_000;

    private enum Phase {
        STARTED,
        SHUTTING_DOWN,
        SHUTDOWN,
        TERMINATED
    }

    private final SimulatedWorld world;
    private final IoHandler handler;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Promise<Void> termination = new DefaultPromise<>(ImmediateEventExecutor.INSTANCE);
    private final LoopActor actor;
    private Phase phase = Phase.STARTED;
    private long quietPeriod;
    private long shutdownTimeout;
    private long shutdownBegan = -1;
    private long lastTask;
    private int idleTurns;
    private boolean running;

    SimulatedEventLoop(SimulatedWorld world, String name, IoHandlerFactory factory) {
        this.world = world;
        actor = new LoopActor(name);
        handler = factory.newHandler(this);
        handler.initialize();
    }

    Actor actor() {
        return actor;
    }

    /** As it was named. */
    public String name() {
        return actor.name();
    }

    /** What it runs. */
    public IoHandler ioHandler() {
        return handler;
    }

    boolean hasTasks() {
        return !tasks.isEmpty() || nextScheduledTaskDeadlineNanos() >= 0;
    }

    private final class LoopActor extends Actor {

        LoopActor(String name) {
            super(name);
        }

        @Override
        void turn() {
            EventExecutor before = ThreadExecutorMap.setCurrentExecutor(SimulatedEventLoop.this);
            try {
                loop();
            } finally {
                ThreadExecutorMap.setCurrentExecutor(before);
            }
        }

        @Override
        boolean mayPark() {
            return running;
        }

        @Override
        boolean isEventLoop() {
            return true;
        }

        @Override
        boolean isDone() {
            return phase == Phase.TERMINATED;
        }
    }

    // ---- a turn ----------------------------------------------------------------------------------------------------

    private final IoHandlerContext context = new IoHandlerContext() {

        @Override
        public boolean canBlock() {
            return tasks.isEmpty() && !hasScheduledTasks();
        }

        @Override
        public long delayNanos(long currentTimeNanos) {
            return SimulatedEventLoop.this.delayNanos(currentTimeNanos, PURGE_INTERVAL_NANOS);
        }

        @Override
        public long deadlineNanos() {
            return nextScheduledTaskDeadlineNanos();
        }
    };

    private void loop() {
        int handled;
        running = true;
        try {
            handled = handler.run(context);
        } catch (Parked sleeping) {
            idleTurns = 0;
            throw sleeping;
        } finally {
            running = false;
        }
        if (isShuttingDown()) {
            handler.prepareToDestroy();
        }
        int done = runTasks();
        idleTurns = handled + done > 0 ? 0 : idleTurns + 1;
        if (idleTurns > MAX_IDLE_TURNS) {
            world.rules().violated(actor.name() + " spins: it neither works nor sleeps");
        }
        if (confirmShutdown()) {
            terminate();
        }
    }

    private int runTasks() {
        fetchFromScheduledTaskQueue(tasks);
        int count = 0;
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            safeExecute(task);
            if (++count > MAX_TASKS_IN_TURN) {
                world.rules().violated("no end of tasks on " + actor.name());
                break;
            }
            lastTask = world.time().nanoTime();
        }
        return count;
    }

    // ---- its end ---------------------------------------------------------------------------------------------------

    private boolean confirmShutdown() {
        if (!isShuttingDown()) {
            return false;
        }
        cancelScheduledTasks();
        long now = world.time().nanoTime();
        if (shutdownBegan < 0) {
            shutdownBegan = now;
        }
        if (runTasks() > 0) {
            if (isShutdown() || quietPeriod == 0) {
                return true;
            }
            tasks.add(() -> {}); // it must look again
            return false;
        }
        if (isShutdown() || now - shutdownBegan > shutdownTimeout) {
            return true;
        }
        if (now - lastTask < quietPeriod) {
            tasks.add(() -> {}); // it must look again
            throw new Parked(() -> tasks.size() > 1, now + QUIET_CHECK_NANOS);
        }
        return true;
    }

    private void terminate() {
        phase = Phase.SHUTDOWN;
        confirmShutdown();
        handler.destroy();
        phase = Phase.TERMINATED;
        tasks.clear();
        termination.setSuccess(null);
    }

    @Override
    public Future<?> shutdownGracefully(long quiet, long timeout, TimeUnit unit) {
        if (phase == Phase.STARTED) {
            phase = Phase.SHUTTING_DOWN;
            quietPeriod = unit.toNanos(quiet);
            shutdownTimeout = unit.toNanos(timeout);
            tasks.add(() -> {});
            handler.wakeup();
        }
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
        return phase.compareTo(Phase.SHUTTING_DOWN) >= 0;
    }

    @Override
    public boolean isShutdown() {
        return phase.compareTo(Phase.SHUTDOWN) >= 0;
    }

    @Override
    public boolean isTerminated() {
        return phase == Phase.TERMINATED;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isTerminated();
    }

    // ---- an executor -----------------------------------------------------------------------------------------------

    @Override
    public Ticker ticker() {
        return world.time();
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return world.isCurrent(actor);
    }

    @Override
    public void execute(Runnable task) {
        if (isShutdown()) {
            throw new RejectedExecutionException("event executor terminated");
        }
        tasks.add(task);
        handler.wakeup();
    }

    // ---- an event loop ---------------------------------------------------------------------------------------------

    @Override
    public IoEventLoop next() {
        return this;
    }

    @Override
    public IoEventLoopGroup parent() {
        return null;
    }

    @Deprecated
    @Override
    public ChannelFuture register(Channel channel) {
        return register(new DefaultChannelPromise(channel, this));
    }

    @Deprecated
    @Override
    public ChannelFuture register(ChannelPromise promise) {
        promise.channel().unsafe().register(this, promise);
        return promise;
    }

    @Deprecated
    @Override
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        channel.unsafe().register(this, promise);
        return promise;
    }

    @Override
    public Future<IoRegistration> register(IoHandle handle) {
        Promise<IoRegistration> promise = newPromise();
        if (inEventLoop()) {
            register(handle, promise);
        } else {
            execute(() -> register(handle, promise));
        }
        return promise;
    }

    private void register(IoHandle handle, Promise<IoRegistration> promise) {
        IoRegistration registration;
        try {
            registration = handler.register(handle);
        } catch (Exception e) {
            promise.setFailure(e);
            return;
        }
        promise.setSuccess(registration);
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return handler.isCompatible(handleType);
    }

    @Override
    public boolean isIoType(Class<? extends IoHandler> handlerType) {
        return handler.getClass().equals(handlerType);
    }
}
