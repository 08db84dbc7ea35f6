/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

/**
 * What {@link NamedPipeChannel#impersonate(ImpersonatedTask, java.util.concurrent.Executor)} runs as the client.
 *
 * @param <T> its result
 */
@FunctionalInterface
public interface ImpersonatedTask<T> {

    /**
     * Runs, on a thread that acts as the client.
     *
     * @param granted how far it really does, which is the least of what the client allows, what the server may do and, for
     *     a server without the privilege to impersonate, {@link ImpersonationLevel#IDENTIFICATION}. Below {@link
     *     ImpersonationLevel#IMPERSONATION} Windows refuses to open anything on this thread.
     * @return result
     * @throws Exception to fail the future
     */
    T call(ImpersonationLevel granted) throws Exception;
}
