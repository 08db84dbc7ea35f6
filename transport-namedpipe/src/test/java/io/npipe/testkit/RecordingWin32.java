/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import io.npipe.win32.Win32;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Records the arguments of the calls that create and open pipes, for assertions on what Windows is asked for. */
public class RecordingWin32 extends ObservedWin32 {

    /** A {@code CreateNamedPipeW}. */
    public record Created(
            String name,
            int openMode,
            int pipeMode,
            int maxInstances,
            int outBufferSize,
            int inBufferSize,
            int defaultTimeOut,
            boolean withSecurityAttributes) {}

    /** A {@code CreateFileW}. */
    public record Opened(
            String name, int desiredAccess, int shareMode, int creationDisposition, int flagsAndAttributes) {}

    /** A {@code SetNamedPipeHandleState}; null where an argument was not given. */
    public record StateSet(Integer mode, Integer maxCollectionCount, Integer collectDataTimeout) {}

    private final List<StateSet> statesSet = new CopyOnWriteArrayList<>();
    private final List<Created> created = new CopyOnWriteArrayList<>();
    private final List<Opened> opened = new CopyOnWriteArrayList<>();

    /** In front of the given one. */
    public RecordingWin32(Win32 delegate) {
        super(delegate);
    }

    /** In order. */
    public List<Created> created() {
        return created;
    }

    /** In order. */
    public List<Opened> opened() {
        return opened;
    }

    /** In order. */
    public List<StateSet> statesSet() {
        return statesSet;
    }

    @Override
    public int SetNamedPipeHandleState(
            long hNamedPipe, long lpMode, long lpMaxCollectionCount, long lpCollectDataTimeout) {
        statesSet.add(new StateSet(
                NativeText.int32(lpMode),
                NativeText.int32(lpMaxCollectionCount),
                NativeText.int32(lpCollectDataTimeout)));
        return super.SetNamedPipeHandleState(hNamedPipe, lpMode, lpMaxCollectionCount, lpCollectDataTimeout);
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
        created.add(new Created(
                NativeText.wide(lpName),
                dwOpenMode,
                dwPipeMode,
                nMaxInstances,
                nOutBufferSize,
                nInBufferSize,
                nDefaultTimeOut,
                lpSecurityAttributes != 0));
        return super.CreateNamedPipeW(
                lpName,
                dwOpenMode,
                dwPipeMode,
                nMaxInstances,
                nOutBufferSize,
                nInBufferSize,
                nDefaultTimeOut,
                lpSecurityAttributes);
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
        opened.add(new Opened(
                NativeText.wide(lpFileName),
                dwDesiredAccess,
                dwShareMode,
                dwCreationDisposition,
                dwFlagsAndAttributes));
        return super.CreateFileW(
                lpFileName,
                dwDesiredAccess,
                dwShareMode,
                lpSecurityAttributes,
                dwCreationDisposition,
                dwFlagsAndAttributes,
                hTemplateFile);
    }
}
