/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import com.sun.jna.Pointer;
import io.npipe.win32.Win32;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Records the arguments of the calls that create and open pipes, for assertions on what Windows is asked for. */
public class RecordingWin32 extends ObservedWin32 {

    private static final int DESCRIPTOR = 8;
    private static final int INHERIT_HANDLE = 16;

    /**
     * A {@code CreateNamedPipeW}.
     *
     * @param security text of the descriptor, or null if there was none
     * @param inheritable whether child processes would inherit the handle
     */
    public record Created(
            String name,
            int openMode,
            int pipeMode,
            int maxInstances,
            int outBufferSize,
            int inBufferSize,
            int defaultTimeOut,
            String security,
            boolean inheritable) {}

    /** A {@code CreateFileW}. */
    public record Opened(
            String name, int desiredAccess, int shareMode, int creationDisposition, int flagsAndAttributes) {}

    /** A {@code SetNamedPipeHandleState}; null where an argument was not given. */
    public record StateSet(Integer mode, Integer maxCollectionCount, Integer collectDataTimeout) {}

    private final List<StateSet> statesSet = new CopyOnWriteArrayList<>();
    private final List<Created> created = new CopyOnWriteArrayList<>();
    private final List<Long> instances = new CopyOnWriteArrayList<>();
    private final List<Opened> opened = new CopyOnWriteArrayList<>();

    /** In front of the given one. */
    public RecordingWin32(Win32 delegate) {
        super(delegate);
    }

    /** In order. */
    public List<Created> created() {
        return created;
    }

    /** The results of {@link #created()}. */
    public List<Long> instances() {
        return instances;
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
        String security = lpSecurityAttributes == 0
                ? null
                : SecurityText.ofDescriptor(this, new Pointer(lpSecurityAttributes).getLong(DESCRIPTOR));
        boolean inheritable =
                lpSecurityAttributes != 0 && new Pointer(lpSecurityAttributes).getInt(INHERIT_HANDLE) != 0;
        long handle = super.CreateNamedPipeW(
                lpName,
                dwOpenMode,
                dwPipeMode,
                nMaxInstances,
                nOutBufferSize,
                nInBufferSize,
                nDefaultTimeOut,
                lpSecurityAttributes);
        created.add(new Created(
                NativeText.wide(lpName),
                dwOpenMode,
                dwPipeMode,
                nMaxInstances,
                nOutBufferSize,
                nInBufferSize,
                nDefaultTimeOut,
                security,
                inheritable));
        instances.add(handle);
        return handle;
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
