/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_BAD_IMPERSONATION_LEVEL;
import static io.npipe.win32.Win32Error.ERROR_INVALID_HANDLE;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Promise;
import io.netty.util.internal.PlatformDependent;
import io.netty.util.internal.ThreadExecutorMap;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Win32;
import java.nio.channels.ClosedChannelException;

/**
 * Runs a task as the client of a pipe, on a thread of the application's.
 *
 * <pre>
 *   refused: event loop, virtual thread, nested ──▶ failed
 *   ImpersonateNamedPipeClient ─ error ───────────▶ failed
 *     └▶ level ─ too low ─▶ RevertToSelf ─────────▶ failed
 *          └▶ task ───────▶ RevertToSelf ─────────▶ done
 *                             └ error ────────────▶ failed, and the thread never runs again
 * </pre>
 *
 * @param <T> the task's result
 */
final class ClientImpersonation<T> implements Runnable {

    private final Win32 win32;
    private final PipeHandle handle;
    private final Surroundings surroundings;
    private final ImpersonationLevel required;
    private final ImpersonatedTask<T> task;
    private final Promise<T> promise;

    ClientImpersonation(
            Win32 win32,
            PipeHandle handle,
            Surroundings surroundings,
            ImpersonationLevel required,
            ImpersonatedTask<T> task,
            Promise<T> promise) {
        this.win32 = win32;
        this.handle = handle;
        this.surroundings = surroundings;
        this.required = required;
        this.task = task;
        this.promise = promise;
    }

    @Override
    public void run() {
        if (!promise.setUncancellable()) {
            return;
        }
        NativeMemory memory = null;
        T result;
        try {
            memory = ThreadToken.memory();
            refuseUnfitThread(memory);
            result = asClient(memory);
        } catch (Throwable t) { // also the task's own: else nobody would hear of it
            promise.tryFailure(t);
            return;
        } finally {
            if (memory != null) {
                memory.free();
            }
        }
        promise.trySuccess(result);
    }

    private void refuseUnfitThread(NativeMemory memory) throws NamedPipeException {
        if (ThreadExecutorMap.currentExecutor() instanceof EventLoop) {
            throw new IllegalStateException("impersonate() was given an executor that runs on an event loop");
        }
        if (PlatformDependent.isVirtualThread(Thread.currentThread())) {
            throw new IllegalStateException(
                    "impersonate() was given an executor of virtual threads: Windows impersonates by platform thread");
        }
        ThreadToken.Opened token = ThreadToken.open(win32, handle, memory);
        if (token.isNone()) {
            return;
        }
        token.close();
        if (token.code() == ERROR_SUCCESS || token.isAnonymous()) {
            throw new IllegalStateException("this thread impersonates already; it cannot do that twice at a time");
        }
        throw handle.failure(token.code(), "OpenThreadToken");
    }

    private T asClient(NativeMemory memory) throws Exception {
        int code = handle.useElsewhere(win32::ImpersonateNamedPipeClient);
        if (code == ERROR_INVALID_HANDLE) {
            throw new ClosedChannelException();
        }
        if (code != ERROR_SUCCESS) {
            throw handle.failure(code, "ImpersonateNamedPipeClient");
        }
        try {
            ImpersonationLevel granted = level(memory);
            if (granted.compareTo(required) < 0) {
                throw handle.failure(ERROR_BAD_IMPERSONATION_LEVEL, "impersonate(" + granted + ")");
            }
            return task.call(granted);
        } finally {
            revert();
        }
    }

    private ImpersonationLevel level(NativeMemory memory) throws NamedPipeException {
        ThreadToken.Opened token = ThreadToken.open(win32, handle, memory);
        if (token.isAnonymous()) {
            return ImpersonationLevel.ANONYMOUS;
        }
        if (token.code() != ERROR_SUCCESS) {
            throw handle.failure(token.code(), "OpenThreadToken");
        }
        try {
            return token.token().level();
        } finally {
            token.close();
        }
    }

    private void revert() {
        int code = win32.RevertToSelf();
        if (code != ERROR_SUCCESS) {
            NamedPipeException failure = handle.failure(code, "RevertToSelf");
            promise.tryFailure(failure);
            surroundings.endThread().because(failure);
        }
    }
}
