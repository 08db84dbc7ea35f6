/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import com.sun.jna.Pointer;
import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Keeps the books of handles: what was opened must be closed, and nothing twice. Any thread. */
public final class HandleLedger extends ObservedWin32 {

    private final Map<Long, String> open = new LinkedHashMap<>();
    private final List<String> wrong = new ArrayList<>();

    /** In front of the given one. */
    public HandleLedger(Win32 delegate) {
        super(delegate);
    }

    private synchronized long opened(long handle, String call) {
        if (handle > 0) {
            String before = open.put(handle, call);
            if (before != null) {
                wrong.add("the kernel gave out handle " + handle + " of " + before + ", which was not closed here");
            }
        }
        return handle;
    }

    /** Waits until everything is closed; fails if it never is, or if something was closed twice. */
    public synchronized void assertBalanced() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(HangLimit.SECONDS);
        try {
            while (!open.isEmpty() && System.nanoTime() < deadline) {
                wait(100); // the thread that waited for listening instances closes its events last
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (!open.isEmpty() || !wrong.isEmpty()) {
            throw new AssertionError("handles left open: " + open + "; " + wrong);
        }
    }

    @Override
    public int CloseHandle(long hObject) {
        synchronized (this) { // before the call: afterwards the value may be given out again
            if (open.remove(hObject) == null) {
                wrong.add("handle " + hObject + " closed without being open");
            }
            notifyAll();
        }
        return super.CloseHandle(hObject);
    }

    @Override
    public long CreateNamedPipeW(
            long lpName,
            int dwOpenMode,
            int dwPipeMode,
            int nMaxInstances,
            int nOutBufferSize,
            int nInBufferSize,
            int nDefaultTimeOut,
            long lpSecurityAttributes) {
        return opened(
                super.CreateNamedPipeW(
                        lpName,
                        dwOpenMode,
                        dwPipeMode,
                        nMaxInstances,
                        nOutBufferSize,
                        nInBufferSize,
                        nDefaultTimeOut,
                        lpSecurityAttributes),
                "CreateNamedPipeW");
    }

    @Override
    public long CreateFileW(
            long lpFileName,
            int dwDesiredAccess,
            int dwShareMode,
            long lpSecurityAttributes,
            int dwCreationDisposition,
            int dwFlagsAndAttributes,
            long hTemplateFile) {
        return opened(
                super.CreateFileW(
                        lpFileName,
                        dwDesiredAccess,
                        dwShareMode,
                        lpSecurityAttributes,
                        dwCreationDisposition,
                        dwFlagsAndAttributes,
                        hTemplateFile),
                "CreateFileW");
    }

    @Override
    public long CreateIoCompletionPort(
            long fileHandle, long existingCompletionPort, long completionKey, int numberOfConcurrentThreads) {
        long port = super.CreateIoCompletionPort(
                fileHandle, existingCompletionPort, completionKey, numberOfConcurrentThreads);
        return existingCompletionPort == 0 ? opened(port, "CreateIoCompletionPort") : port;
    }

    @Override
    public long CreateEventW(long lpEventAttributes, int bManualReset, int bInitialState, long lpName) {
        return opened(super.CreateEventW(lpEventAttributes, bManualReset, bInitialState, lpName), "CreateEventW");
    }

    @Override
    public int OpenThreadToken(long threadHandle, int desiredAccess, int openAsSelf, long tokenHandle) {
        int code = super.OpenThreadToken(threadHandle, desiredAccess, openAsSelf, tokenHandle);
        if (code == Win32Error.ERROR_SUCCESS) {
            opened(new Pointer(tokenHandle).getLong(0), "OpenThreadToken");
        }
        return code;
    }
}
