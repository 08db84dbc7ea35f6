/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.channel.ThreadEnd.NOT_CALLED;
import static io.npipe.win32.Win32Error.ERROR_BAD_IMPERSONATION_LEVEL;
import static io.npipe.win32.Win32Error.ERROR_CANT_OPEN_ANONYMOUS;
import static io.npipe.win32.Win32Error.ERROR_INVALID_HANDLE;
import static io.npipe.win32.Win32Error.ERROR_NO_TOKEN;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Promise;
import io.netty.util.internal.PlatformDependent;
import io.netty.util.internal.ThreadExecutorMap;
import io.npipe.win32.Win32;
import java.nio.channels.ClosedChannelException;

/**
 * Runs a task as the client of a pipe, on a thread of the application's.
 *
 * <pre>
 *   refused: event loop, virtual thread, nested ──▶ failed
 *   look: ImpersonateNamedPipeClient, token, RevertToSelf
 *     └▶ closed, not allowed, level too low, somebody else than at the connection ──▶ failed
 *          └▶ ImpersonateNamedPipeClient, the same token? task, RevertToSelf ──▶ done
 *   RevertToSelf failed ──▶ failed, and the thread never runs again
 * </pre>
 *
 * <p>The look comes first and by itself, so that what is refused is refused, and what classes that takes are loaded, with
 * the process' own rights.
 *
 * @param <T> the task's result
 */
final class ClientImpersonation<T> implements Runnable {

    private final Win32 win32;
    private final PipeHandle handle;
    private final Surroundings surroundings;
    private final String identified;
    private final ImpersonationLevel required;
    private final ImpersonatedTask<T> task;
    private final Promise<T> promise;

    /**
     * Makes one.
     *
     * @param identified SID of the client as it was identified, or null
     */
    ClientImpersonation(
            Win32 win32,
            PipeHandle handle,
            Surroundings surroundings,
            String identified,
            ImpersonationLevel required,
            ImpersonatedTask<T> task,
            Promise<T> promise) {
        this.win32 = win32;
        this.handle = handle;
        this.surroundings = surroundings;
        this.identified = identified;
        this.required = required;
        this.task = task;
        this.promise = promise;
    }

    @Override
    public void run() {
        if (!promise.setUncancellable()) {
            return;
        }
        T result;
        try {
            refuseUnfitThread();
            result = asClient(look());
        } catch (Throwable t) { // also the task's own: else nobody would hear of it
            promise.tryFailure(t);
            return;
        }
        promise.trySuccess(result);
    }

    private void refuseUnfitThread() throws NamedPipeException {
        if (ThreadExecutorMap.currentExecutor() instanceof EventLoop) {
            throw new IllegalStateException("impersonate() was given an executor that runs on an event loop");
        }
        if (PlatformDependent.isVirtualThread(Thread.currentThread())) {
            throw new IllegalStateException(
                    "impersonate() was given an executor of virtual threads: Windows impersonates by platform thread");
        }
        ThreadToken token = new ThreadToken(win32, handle);
        try {
            int code = token.open();
            if (code == ERROR_SUCCESS || code == ERROR_CANT_OPEN_ANONYMOUS) {
                throw new IllegalStateException("this thread impersonates already; it cannot do that twice at a time");
            }
            if (code != ERROR_NO_TOKEN) {
                throw handle.failure(code, "OpenThreadToken");
            }
        } finally {
            token.close();
        }
    }

    /**
     * Whom the thread would act as.
     *
     * @param opened code of opening the token
     * @param user null if it is not known
     */
    private record Client(int opened, String user, ImpersonationLevel level) {

        static Client of(ThreadToken token) throws NamedPipeException {
            return token.opened() == ERROR_SUCCESS
                    ? new Client(token.opened(), token.user(), token.level())
                    : new Client(token.opened(), null, ImpersonationLevel.ANONYMOUS);
        }
    }

    /** Finds out whom it would act as, and whether it may. */
    private Client look() throws Exception {
        ThreadToken token = new ThreadToken(win32, handle);
        try {
            requireImpersonated(token.openOfClient(surroundings.endThread(), () -> giveUp(token)));
            Client client = Client.of(token);
            require(client);
            return client;
        } finally {
            token.close();
        }
    }

    private void require(Client client) throws NamedPipeException {
        if (client.opened != ERROR_SUCCESS && client.opened != ERROR_CANT_OPEN_ANONYMOUS) {
            throw handle.failure(client.opened, "OpenThreadToken");
        }
        if (client.level.compareTo(required) < 0) {
            throw handle.failure(ERROR_BAD_IMPERSONATION_LEVEL, "impersonate(" + client.level + ")");
        }
        if (identified != null && !identified.equals(client.user)) {
            throw somebodyElse(client.user);
        }
    }

    /** Windows goes by the last message that was read, if the client has asked for that. */
    private SecurityException somebodyElse(String now) {
        return new SecurityException(handle.address() + ": the client was " + identified
                + " when it was identified, and what was read last is of " + (now == null ? "somebody unknown" : now));
    }

    private void requireImpersonated(int code) throws Exception {
        if (code == ERROR_INVALID_HANDLE) {
            throw new ClosedChannelException();
        }
        if (code != ERROR_SUCCESS) {
            throw handle.failure(code, "ImpersonateNamedPipeClient");
        }
    }

    private T asClient(Client looked) throws Exception {
        ThreadToken token = new ThreadToken(win32, handle);
        try {
            int impersonated = NOT_CALLED;
            Client client = null;
            try {
                impersonated = handle.useElsewhere(win32::ImpersonateNamedPipeClient);
                if (impersonated == ERROR_SUCCESS) {
                    token.open();
                    client = Client.of(token);
                    if (client.equals(looked)) {
                        return task.call(client.level);
                    }
                }
            } finally {
                surroundings.endThread().unlessReverted(win32, impersonated, () -> giveUp(token));
            }
            requireImpersonated(impersonated);
            throw somebodyElse(client.user);
        } finally {
            token.close();
        }
    }

    /** The thread ends here, and with it what it has begun. */
    private void giveUp(ThreadToken token) {
        promise.tryFailure(
                new IllegalStateException(handle.address() + ": RevertToSelf failed; the thread never runs again"));
        token.close();
    }
}
