/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import io.netty.channel.IoHandle;

/**
 * What an {@link IocpIoHandler} serves: the owner of one or more kernel handles whose completions come through its
 * port. Its methods are called on the event loop, with {@link IocpIoEvent}s.
 */
public interface IocpIoHandle extends IoHandle {

    /**
     * Begins to close: cancels what is under way. Further events may arrive until {@link #unregistered()}. Called by the
     * loop when it shuts down, perhaps more than once.
     */
    @Override
    void close();
}
