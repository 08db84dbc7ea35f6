/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Event loops over completion ports: {@link MultiThreadIoEventLoopGroup} with {@link IocpIoHandler#newFactory()}.
 *
 * <p>Every constructor throws {@link UnsatisfiedLinkError} on a JVM that is not 64-bit Windows.
 */
public final class IocpEventLoopGroup extends MultiThreadIoEventLoopGroup {

    /** Makes Netty's default number of loops, twice the processors. */
    public IocpEventLoopGroup() {
        this(0);
    }

    /**
     * Makes loops.
     *
     * @param nThreads how many; 0 for Netty's default
     */
    public IocpEventLoopGroup(int nThreads) {
        super(nThreads, IocpIoHandler.newFactory());
    }

    /**
     * Makes loops on threads of a factory.
     *
     * @param nThreads how many; 0 for Netty's default
     * @param threadFactory makes their threads
     */
    public IocpEventLoopGroup(int nThreads, ThreadFactory threadFactory) {
        super(nThreads, threadFactory, IocpIoHandler.newFactory());
    }

    /**
     * Makes loops that run in an executor.
     *
     * @param nThreads how many; 0 for Netty's default
     * @param executor runs them, each for the loop's whole life
     */
    public IocpEventLoopGroup(int nThreads, Executor executor) {
        super(nThreads, executor, IocpIoHandler.newFactory());
    }

    /**
     * Makes loops with options.
     *
     * @param nThreads how many; 0 for Netty's default
     * @param options how each works
     */
    public IocpEventLoopGroup(int nThreads, IocpIoHandlerOptions options) {
        super(nThreads, IocpIoHandler.newFactory(options));
    }
}
