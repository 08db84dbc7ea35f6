/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.NtStatus.STATUS_BUFFER_OVERFLOW;
import static io.npipe.win32.NtStatus.STATUS_PENDING;
import static io.npipe.win32.NtStatus.STATUS_SUCCESS;
import static io.npipe.win32.PipeConstants.FILE_SKIP_COMPLETION_PORT_ON_SUCCESS;
import static io.npipe.win32.PipeConstants.FSCTL_PIPE_WAIT;
import static io.npipe.win32.PipeConstants.INVALID_HANDLE_VALUE;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_SERVER_END;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_UNLIMITED_INSTANCES;
import static io.npipe.win32.PipeConstants.SECURITY_SQOS_PRESENT;
import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_BAD_IMPERSONATION_LEVEL;
import static io.npipe.win32.Win32Error.ERROR_BAD_NETPATH;
import static io.npipe.win32.Win32Error.ERROR_INVALID_FUNCTION;
import static io.npipe.win32.Win32Error.ERROR_INVALID_HANDLE;
import static io.npipe.win32.Win32Error.ERROR_INVALID_PARAMETER;
import static io.npipe.win32.Win32Error.ERROR_IO_INCOMPLETE;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_MORE_DATA;
import static io.npipe.win32.Win32Error.ERROR_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;
import static io.npipe.win32.Win32Error.ERROR_PIPE_NOT_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static io.npipe.win32.Win32Error.WAIT_TIMEOUT;

import io.npipe.testkit.NativeText;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.NtStatus;
import io.npipe.win32.Overlapped;
import io.npipe.win32.OverlappedEntry;
import io.npipe.win32.SecurityConstants;
import io.npipe.win32.Sid;
import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Named pipes, completion ports and events in memory, behind the seam: as Windows documents them, or as Wine 8 does them
 * where it differs. Single-threaded and repeatable: chance comes from a seed, time is virtual.
 *
 * <p>It takes the freedom that the documentation leaves ({@link Chances}), fails calls ({@link Faults}) and watches its
 * caller ({@link CallerRules}).
 */
public final class SimulatedKernel implements Win32 {

    /** The user that it runs as until told otherwise. */
    public static final String DEFAULT_USER = "S-1-5-21-1-2-3-1001";

    /** The process that it is called by until told otherwise. */
    public static final int DEFAULT_PROCESS_ID = 1234;

    /** Its session. */
    public static final int DEFAULT_SESSION_ID = 1;

    private static final int EVENT_OFFSET = 24;

    /** In an event's handle: there is no packet. */
    private static final long NO_PACKET = 1;

    private static final long NANOS_PER_TICK = 100;
    private static final int MIN_WAIT_INPUT = 16;
    private static final int NAME_OFFSET = 14;
    private static final int PIPE_NOWAIT = 1;
    private static final int SECURITY_CONTEXT_TRACKING = 0x00040000;
    private static final int LEVEL_SHIFT = 16;
    private static final int LEVEL_MASK = 0x3;
    private static final int ERROR_PATH_NOT_FOUND = 3;
    private static final int ERROR_INSUFFICIENT_BUFFER = 122;
    private static final int ERROR_NOT_SUPPORTED = 50; // Wine's
    private static final int ERROR_INVALID_USER_BUFFER = 1784; // Wine's
    private static final int TOKEN_USER_HEAD = 16;

    private final Waiting waiting;
    private final VirtualTime time;
    private final Random random;
    private final Chances chances;
    private final Faults faults;
    private final CallerRules rules;
    private final Trace trace;
    private final boolean wine;
    private final Memory memory;
    private final Completions completions;
    private final NamedPipes pipes;
    private final HandleTable handles = new HandleTable();
    private final SecurityDescriptors descriptors;
    private final Set<Long> failedInline = new HashSet<>();
    private final Impersonations impersonations;
    private final Accounts accounts = new Accounts();
    private SimulatedProcess process = new SimulatedProcess(DEFAULT_USER, DEFAULT_PROCESS_ID, DEFAULT_SESSION_ID);
    private String reachableHost;
    private long operationIds;
    private boolean failing;

    SimulatedKernel(
            Waiting waiting,
            VirtualTime time,
            Random random,
            Chances chances,
            Faults faults,
            CallerRules rules,
            Trace trace,
            boolean wine) {
        this.waiting = waiting;
        this.time = time;
        this.random = random;
        this.chances = chances;
        this.faults = faults;
        this.rules = rules;
        this.trace = trace;
        this.wine = wine;
        memory = new Memory(rules, () -> failing && faults.failsAllocation());
        completions = new Completions(memory, rules, time, random, chances, trace);
        pipes = new NamedPipes(completions, chances, wine);
        descriptors = new SecurityDescriptors(memory, rules);
        impersonations = new Impersonations(wine);
    }

    /** Sets who calls from now on. */
    public void setProcess(SimulatedProcess caller) {
        process = caller;
    }

    /** Who calls. */
    public SimulatedProcess process() {
        return process;
    }

    /** The accounts that can be looked up. */
    public Accounts accounts() {
        return accounts;
    }

    boolean isImpersonating(Object thread) {
        return impersonations.token(thread) != null;
    }

    /** As whom the calling thread opens and creates. */
    private SimulatedProcess actor() {
        Token token = impersonations.token(waiting.caller());
        return token == null ? process : token.client();
    }

    /** Whether the calling thread acts as somebody who has not allowed it to open anything. */
    private boolean mayOpenNothing() {
        Token token = impersonations.token(waiting.caller());
        return token != null && token.level() < Token.IMPERSONATION;
    }

    /** Makes this machine's pipes reachable as another one's, under the host's name. */
    public void setReachableHost(String host) {
        reachableHost = host;
    }

    /** From now on calls fail as the {@link Faults} say. */
    public void beginFailing() {
        failing = true;
    }

    /** From now on they do not. */
    public void endFailing() {
        failing = false;
    }

    /** Does something without failing: what a test needs for itself. */
    public <T> T sparing(Supplier<T> action) {
        boolean before = failing;
        failing = false;
        try {
            return action.get();
        } finally {
            failing = before;
        }
    }

    Memory memory() {
        return memory;
    }

    /** Fails if a handle is open. */
    void assertNoOpenHandles() {
        List<String> open = new ArrayList<>();
        handles.open()
                .forEach((handle, object) ->
                        open.add(handle + " " + object.getClass().getSimpleName()));
        if (!open.isEmpty()) {
            throw new AssertionError("handles left open: " + open);
        }
    }

    // ---- arguments and results -------------------------------------------------------------------------------------

    private int fault(Call call) {
        waiting.requireLive();
        int code = failing ? faults.next(call) : ERROR_SUCCESS;
        if (code != ERROR_SUCCESS) {
            trace.add("fault " + call, code);
        }
        return code;
    }

    /** Fails a call that answers no code. */
    private void throwFault(Call call) {
        int code = fault(call);
        if (code != ERROR_SUCCESS) {
            throw new UncheckedIOException(new IOException(call + " failed: " + Win32Error.name(code)));
        }
    }

    private <T extends KernelObject> T object(long handle, Class<T> type, Call call) {
        waiting.requireLive();
        KernelObject object = handles.get(handle);
        if (!type.isInstance(object)) {
            rules.violated(call + " with handle " + handle + ", which is "
                    + (object == null ? "not open" : "a " + object.getClass().getSimpleName()));
            return null;
        }
        return type.cast(object);
    }

    /** The end of a pipe that a handle stands for; null if it is none, see {@link #notAPipe}. */
    private PipeEnd end(long handle, Call call) {
        return handles.get(handle) instanceof RootDirectory ? null : object(handle, PipeEnd.class, call);
    }

    /** What a call answers whose handle is that of the root directory, or of none at all. */
    private int notAPipe(long handle, Call call, int code, int wineCode) {
        boolean root = handles.get(handle) instanceof RootDirectory;
        return root ? answer(call, wine ? wineCode : code, handle) : ERROR_INVALID_HANDLE;
    }

    private int answer(Call call, int code, long... arguments) {
        trace.add(call.name(), arguments);
        trace.add("=", code);
        waiting.called();
        return code;
    }

    private long answerHandle(Call call, long handle, long... arguments) {
        trace.add(call.name(), arguments);
        trace.add("=", handle);
        waiting.called();
        return handle;
    }

    private long opened(Call call, NamedPipes.Opened opened) {
        return answerHandle(call, opened.end() == null ? -opened.code() : handles.add(opened.end()));
    }

    /** The event of a call, which the call resets, or null. */
    private KernelEvent resetEvent(Call call, long overlapped) {
        long handle = memory.getLong(overlapped + EVENT_OFFSET) & ~NO_PACKET;
        KernelEvent event = handle == 0 ? null : object(handle, KernelEvent.class, call);
        if (event != null) {
            event.reset();
        }
        return event;
    }

    private Operation begin(
            Operation.Kind kind, FileObject file, long overlapped, long buffer, int length, KernelEvent event) {
        boolean withPacket = (memory.getLong(overlapped + EVENT_OFFSET) & NO_PACKET) == 0;
        failedInline.remove(overlapped);
        return new Operation(
                operationIds++, kind, file, overlapped, withPacket ? overlapped : 0, buffer, length, event);
    }

    private int failedInline(Call call, long overlapped, int code, long... arguments) {
        completions.failInline(overlapped);
        failedInline.add(overlapped);
        return answer(call, code, arguments);
    }

    private void refuseOnEventLoop(Call call, String why) {
        if (waiting.isEventLoop()) {
            rules.violated(call + " on an event loop: " + why);
        }
    }

    private void requireNoOther(FileObject file, Operation.Kind kind) {
        if (file.operations().stream().anyMatch(operation -> operation.kind == kind)) {
            rules.discouraged("a second " + kind + " while one is under way");
        }
    }

    // ---- pipes and files -------------------------------------------------------------------------------------------

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
        if (lpName == 0) {
            return answerHandle(Call.CreateNamedPipeW, -ERROR_PATH_NOT_FOUND);
        }
        PipePath path = PipePath.of(NativeText.wide(lpName));
        int code = path.code() == ERROR_SUCCESS ? fault(Call.CreateNamedPipeW) : path.code();
        if (code != ERROR_SUCCESS) {
            return answerHandle(Call.CreateNamedPipeW, -code);
        }
        if (path.isRemote() || path.isDirectory()) {
            boolean isName = path.isRemote() || !wine;
            return answerHandle(Call.CreateNamedPipeW, isName ? -Win32Error.ERROR_INVALID_NAME : -ERROR_INVALID_HANDLE);
        }
        AccessList list = lpSecurityAttributes == 0 ? null : descriptors.accessList(lpSecurityAttributes);
        NamedPipes.Creation creation = new NamedPipes.Creation(
                path.name(),
                dwOpenMode,
                dwPipeMode,
                nMaxInstances,
                nOutBufferSize,
                nInBufferSize,
                nDefaultTimeOut,
                list);
        return opened(Call.CreateNamedPipeW, pipes.create(creation, actor()));
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
        PipePath path = PipePath.of(NativeText.wide(lpFileName));
        int code = path.code() == ERROR_SUCCESS ? fault(Call.CreateFileW) : path.code();
        if (code != ERROR_SUCCESS) {
            return answerHandle(Call.CreateFileW, -code);
        }
        if (path.isRemote()) {
            refuseOnEventLoop(Call.CreateFileW, path.host() + " may take its time");
            if (!path.host().equalsIgnoreCase(reachableHost)) {
                return answerHandle(Call.CreateFileW, -ERROR_BAD_NETPATH);
            }
        }
        if (path.isDirectory()) {
            RootDirectory root = new RootDirectory(pipes, completions, path.isFileSystem());
            return answerHandle(Call.CreateFileW, handles.add(root));
        }
        if (mayOpenNothing()) {
            return answerHandle(Call.CreateFileW, -ERROR_BAD_IMPERSONATION_LEVEL);
        }
        NamedPipes.SecurityQuality quality = path.isRemote()
                ? new NamedPipes.SecurityQuality(Token.IMPERSONATION, false)
                : securityQuality(dwFlagsAndAttributes);
        return opened(Call.CreateFileW, pipes.open(path.name(), dwDesiredAccess, path.isRemote(), actor(), quality));
    }

    private static NamedPipes.SecurityQuality securityQuality(int flags) {
        if ((flags & SECURITY_SQOS_PRESENT) == 0) {
            return null;
        }
        return new NamedPipes.SecurityQuality(
                (flags >>> LEVEL_SHIFT) & LEVEL_MASK, (flags & SECURITY_CONTEXT_TRACKING) != 0);
    }

    @Override
    public int ConnectNamedPipe(long hNamedPipe, long lpOverlapped) {
        PipeEnd end = end(hNamedPipe, Call.ConnectNamedPipe);
        if (end == null) {
            return notAPipe(hNamedPipe, Call.ConnectNamedPipe, ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED);
        }
        memory.requireAllocated(lpOverlapped, Overlapped.SIZE, Call.ConnectNamedPipe);
        KernelEvent event = resetEvent(Call.ConnectNamedPipe, lpOverlapped);
        int code = fault(Call.ConnectNamedPipe);
        if (code != ERROR_SUCCESS) {
            return failedInline(Call.ConnectNamedPipe, lpOverlapped, code, hNamedPipe);
        }
        Operation operation = begin(Operation.Kind.LISTEN, end, lpOverlapped, 0, 0, event);
        code = end.instance().listen(end, operation);
        if (code != ERROR_SUCCESS) {
            return failedInline(Call.ConnectNamedPipe, lpOverlapped, code, hNamedPipe);
        }
        completions.begin(operation);
        end.instance().announce();
        if (completions.happens(chances.lostListen())) {
            completions.later(() -> completions.cancel(operation));
        }
        return answer(Call.ConnectNamedPipe, ERROR_IO_PENDING, hNamedPipe);
    }

    @Override
    public int DisconnectNamedPipe(long hNamedPipe) {
        PipeEnd end = end(hNamedPipe, Call.DisconnectNamedPipe);
        if (end == null) {
            return notAPipe(hNamedPipe, Call.DisconnectNamedPipe, ERROR_PIPE_NOT_CONNECTED, ERROR_NOT_SUPPORTED);
        }
        int code = fault(Call.DisconnectNamedPipe);
        return answer(
                Call.DisconnectNamedPipe, code == ERROR_SUCCESS ? end.instance().disconnect(end) : code, hNamedPipe);
    }

    @Override
    public int ReadFile(
            long hFile, long lpBuffer, int nNumberOfBytesToRead, long lpNumberOfBytesRead, long lpOverlapped) {
        memory.putInt(lpNumberOfBytesRead, 0);
        PipeEnd end = end(hFile, Call.ReadFile);
        if (end == null) {
            return notAPipe(hFile, Call.ReadFile, ERROR_INVALID_PARAMETER, ERROR_INVALID_HANDLE);
        }
        memory.requireAllocated(lpBuffer, nNumberOfBytesToRead, Call.ReadFile);
        memory.requireAllocated(lpOverlapped, Overlapped.SIZE, Call.ReadFile);
        requireNoOther(end, Operation.Kind.READ);
        if (!end.mayRead()) {
            return failedInline(Call.ReadFile, lpOverlapped, ERROR_ACCESS_DENIED, hFile, nNumberOfBytesToRead);
        }
        KernelEvent event = resetEvent(Call.ReadFile, lpOverlapped);
        int code = end.instance().whyNotRead(end);
        if (code == ERROR_SUCCESS) {
            code = fault(Call.ReadFile);
        }
        if (code != ERROR_SUCCESS) {
            return failedInline(Call.ReadFile, lpOverlapped, code, hFile, nNumberOfBytesToRead);
        }
        Operation read = begin(Operation.Kind.READ, end, lpOverlapped, lpBuffer, nNumberOfBytesToRead, event);
        read.elsewhere = handles.isElsewhere(hFile);
        completions.begin(read);
        boolean slow = !end.neverWaits() && completions.pendsThoughReady();
        DataQueue.Taken taken = slow ? null : end.inbound().take(nNumberOfBytesToRead, end.readsMessages());
        if (taken == null) {
            end.inbound().await(read);
            if (slow) {
                completions.later(end.inbound()::serve);
            }
            return answer(Call.ReadFile, ERROR_IO_PENDING, hFile, nNumberOfBytesToRead);
        }
        boolean more = taken.status() == STATUS_BUFFER_OVERFLOW;
        boolean skips = end.skipsPacketOnSuccess();
        boolean isNoSuccess = more && skips && !wine; // since Windows 8
        completions.endInline(read, taken.status(), taken.bytes().length, taken.bytes(), !skips || isNoSuccess);
        if (isNoSuccess) {
            return answer(Call.ReadFile, ERROR_IO_PENDING, hFile, nNumberOfBytesToRead);
        }
        memory.putInt(lpNumberOfBytesRead, more ? 0 : taken.bytes().length);
        return answer(Call.ReadFile, more ? ERROR_MORE_DATA : ERROR_SUCCESS, hFile, nNumberOfBytesToRead);
    }

    @Override
    public int WriteFile(
            long hFile, long lpBuffer, int nNumberOfBytesToWrite, long lpNumberOfBytesWritten, long lpOverlapped) {
        memory.putInt(lpNumberOfBytesWritten, 0);
        PipeEnd end = end(hFile, Call.WriteFile);
        if (end == null) {
            return notAPipe(hFile, Call.WriteFile, ERROR_INVALID_PARAMETER, ERROR_INVALID_HANDLE);
        }
        memory.requireAllocated(lpBuffer, nNumberOfBytesToWrite, Call.WriteFile);
        memory.requireAllocated(lpOverlapped, Overlapped.SIZE, Call.WriteFile);
        requireNoOther(end, Operation.Kind.WRITE);
        if (!end.mayWrite()) {
            return failedInline(Call.WriteFile, lpOverlapped, ERROR_ACCESS_DENIED, hFile, nNumberOfBytesToWrite);
        }
        KernelEvent event = resetEvent(Call.WriteFile, lpOverlapped);
        int code = end.instance().whyNotWrite(end);
        if (code == ERROR_SUCCESS) {
            code = fault(Call.WriteFile);
        }
        if (code != ERROR_SUCCESS) {
            return failedInline(Call.WriteFile, lpOverlapped, code, hFile, nNumberOfBytesToWrite);
        }
        Operation write = begin(Operation.Kind.WRITE, end, lpOverlapped, lpBuffer, nNumberOfBytesToWrite, event);
        write.written = memory.read(lpBuffer, nNumberOfBytesToWrite);
        write.writer = actor();
        write.elsewhere = handles.isElsewhere(hFile);
        completions.begin(write);
        boolean slow = completions.pendsThoughReady();
        int written = end.outbound().write(write, slow);
        if (written != DataQueue.WAITS) {
            completions.endInline(write, STATUS_SUCCESS, written, null, !end.skipsPacketOnSuccess());
            memory.putInt(lpNumberOfBytesWritten, written);
            return answer(Call.WriteFile, ERROR_SUCCESS, hFile, nNumberOfBytesToWrite);
        }
        if (slow) {
            completions.later(() -> end.outbound().hurry(write));
        }
        return answer(Call.WriteFile, ERROR_IO_PENDING, hFile, nNumberOfBytesToWrite);
    }

    @Override
    public int FlushFileBuffers(long hFile) {
        PipeEnd end = end(hFile, Call.FlushFileBuffers);
        if (end == null) {
            return notAPipe(hFile, Call.FlushFileBuffers, ERROR_INVALID_PARAMETER, ERROR_NOT_SUPPORTED);
        }
        refuseOnEventLoop(Call.FlushFileBuffers, "it blocks until the peer has read everything");
        int code = end.mayFlush() || wine ? end.instance().whyNotAsk(end) : ERROR_ACCESS_DENIED;
        if (code == ERROR_SUCCESS) {
            code = fault(Call.FlushFileBuffers);
        }
        if (code == ERROR_SUCCESS) {
            DataQueue.Flush flush = end.outbound().flush();
            waiting.await(flush::isDone, INFINITE);
            code = NtStatusTable.codeOf(flush.status());
        }
        return answer(Call.FlushFileBuffers, code, hFile);
    }

    @Override
    public int CancelIoEx(long hFile, long lpOverlapped) {
        FileObject file = object(hFile, FileObject.class, Call.CancelIoEx);
        if (file == null) {
            return ERROR_INVALID_HANDLE;
        }
        int code = fault(Call.CancelIoEx);
        if (code != ERROR_SUCCESS) {
            file.refusedToCancel(); // what is left to its caller is to close the handle
            return answer(Call.CancelIoEx, code, hFile);
        }
        boolean found = wine && lpOverlapped == 0;
        for (Operation operation : List.copyOf(file.operations())) {
            if (lpOverlapped == 0 || operation.overlapped == lpOverlapped) {
                boolean ignored = wine && operation.kind == Operation.Kind.WAIT; // it is told that it was cancelled
                found |= ignored || completions.cancel(operation);
            }
        }
        return answer(Call.CancelIoEx, found ? ERROR_SUCCESS : ERROR_NOT_FOUND, hFile);
    }

    @Override
    public int GetOverlappedResult(long hFile, long lpOverlapped, long lpNumberOfBytesTransferred, int bWait) {
        FileObject file = object(hFile, FileObject.class, Call.GetOverlappedResult);
        if (file == null) {
            return ERROR_INVALID_HANDLE;
        }
        if (failedInline.contains(lpOverlapped)) {
            rules.violated("GetOverlappedResult of an operation that failed inline");
        }
        if (bWait != 0) {
            refuseOnEventLoop(Call.GetOverlappedResult, "it is asked to wait");
            waiting.await(() -> !isPending(lpOverlapped), INFINITE);
        } else if (isPending(lpOverlapped)) {
            return answer(Call.GetOverlappedResult, ERROR_IO_INCOMPLETE, hFile);
        }
        memory.putInt(lpNumberOfBytesTransferred, (int) memory.getLong(lpOverlapped + Long.BYTES));
        int fault = fault(Call.GetOverlappedResult);
        int code = fault == ERROR_SUCCESS ? NtStatusTable.codeOf((int) memory.getLong(lpOverlapped)) : fault;
        return answer(Call.GetOverlappedResult, code, hFile);
    }

    /** What it says is all that there is to know. */
    private boolean isPending(long overlapped) {
        return memory.getLong(overlapped) == STATUS_PENDING;
    }

    @Override
    public int CloseHandle(long hObject) {
        waiting.requireLive();
        boolean elsewhere = handles.isElsewhere(hObject);
        KernelObject object = handles.remove(hObject);
        if (object == null) {
            rules.violated("CloseHandle of handle " + hObject + ", which is not open");
            return ERROR_INVALID_HANDLE;
        }
        trace.add("closes", hObject);
        if (handles.isOpen(object)) {
            closedOneOfSeveral(object, elsewhere);
            return answer(Call.CloseHandle, fault(Call.CloseHandle));
        }
        if (object instanceof FileObject file && !file.operations().isEmpty() && !file.hasRefusedToCancel()) {
            rules.discouraged("CloseHandle while there is " + file.operations());
        }
        if (object instanceof CompletionQueue port && !port.isEmpty()) {
            while (!port.isEmpty()) {
                if (port.remove().operation() != null) {
                    rules.discouraged("CloseHandle of a port with a packet of an operation");
                }
            }
        }
        object.closed();
        return answer(Call.CloseHandle, fault(Call.CloseHandle)); // closed it is, by whomever
    }

    /**
     * What has other handles is not closed. But a process that has closed its last one is told of the end of what it has
     * under way there without an event; on Wine it is not.
     */
    private void closedOneOfSeveral(KernelObject object, boolean elsewhere) {
        if (object instanceof FileObject file && !handles.isOpen(object, elsewhere) && !wine) {
            List.copyOf(file.operations()).stream()
                    .filter(operation -> operation.elsewhere == elsewhere)
                    .filter(operation -> operation.event == null && operation.packetContext != 0)
                    .forEach(completions::cancel);
        }
    }

    /** The process of the caller is gone: what it has open is closed, and what it has under way is cancelled. */
    public void vanish(long handle) {
        boolean elsewhere = handles.isElsewhere(handle);
        KernelObject object = handles.remove(handle);
        if (object == null) {
            return;
        }
        trace.add("vanishes", handle);
        if (!handles.isOpen(object)) {
            if (object instanceof FileObject file) {
                completions.cancelAll(file);
            }
            object.closed();
        } else if (object instanceof FileObject file) {
            List.copyOf(file.operations()).stream()
                    .filter(operation -> operation.elsewhere == elsewhere)
                    .forEach(completions::cancel);
        }
    }

    /** A second handle for what one stands for, in the same process. */
    public long duplicate(long handle) {
        return handles.duplicate(handle, false);
    }

    /** The same in another process; it ends by {@link #vanish}. */
    public long duplicateElsewhere(long handle) {
        return handles.duplicate(handle, true);
    }

    @Override
    public int GetNamedPipeInfo(
            long hNamedPipe, long lpFlags, long lpOutBufferSize, long lpInBufferSize, long lpMaxInstances) {
        PipeEnd end = end(hNamedPipe, Call.GetNamedPipeInfo);
        if (end == null) {
            return notAPipe(hNamedPipe, Call.GetNamedPipeInfo, ERROR_INVALID_PARAMETER, ERROR_INVALID_FUNCTION);
        }
        int code = whyNotAsk(end);
        if (code == ERROR_SUCCESS) {
            code = fault(Call.GetNamedPipeInfo);
        }
        if (code != ERROR_SUCCESS) {
            return answer(Call.GetNamedPipeInfo, code, hNamedPipe);
        }
        PipeName name = end.instance().name();
        boolean unlimited = name.maxInstances() == PIPE_UNLIMITED_INSTANCES;
        memory.putInt(lpFlags, (end.isServer() ? PIPE_SERVER_END : 0) | (name.isMessageType() ? PIPE_TYPE_MESSAGE : 0));
        memory.putInt(lpOutBufferSize, end.instance().toClient().quota()); // whichever end asks
        memory.putInt(lpInBufferSize, end.instance().toServer().quota());
        memory.putInt(lpMaxInstances, unlimited && wine ? -1 : name.maxInstances());
        return answer(Call.GetNamedPipeInfo, ERROR_SUCCESS, hNamedPipe);
    }

    private static int whyNotAsk(PipeEnd end) {
        return end.mayAsk() ? end.instance().whyNotAsk(end) : ERROR_ACCESS_DENIED;
    }

    @Override
    public int GetNamedPipeHandleStateW(long hNamedPipe, long lpState, long lpCurInstances) {
        PipeEnd end = end(hNamedPipe, Call.GetNamedPipeHandleStateW);
        if (end == null) {
            return notAPipe(hNamedPipe, Call.GetNamedPipeHandleStateW, ERROR_INVALID_PARAMETER, ERROR_INVALID_FUNCTION);
        }
        boolean asksNothing = lpState == 0 && lpCurInstances == 0;
        int code = asksNothing ? ERROR_SUCCESS : whyNotAsk(end);
        if (code == ERROR_SUCCESS) {
            code = fault(Call.GetNamedPipeHandleStateW);
        }
        if (code != ERROR_SUCCESS) {
            return answer(Call.GetNamedPipeHandleStateW, code, hNamedPipe);
        }
        memory.putInt(
                lpState, (end.readsMessages() ? PIPE_READMODE_MESSAGE : 0) | (end.neverWaits() ? PIPE_NOWAIT : 0));
        memory.putInt(lpCurInstances, end.instance().name().instances().size());
        return answer(Call.GetNamedPipeHandleStateW, ERROR_SUCCESS, hNamedPipe);
    }

    @Override
    public int SetNamedPipeHandleState(
            long hNamedPipe, long lpMode, long lpMaxCollectionCount, long lpCollectDataTimeout) {
        PipeEnd end = end(hNamedPipe, Call.SetNamedPipeHandleState);
        if (end == null) {
            return notAPipe(hNamedPipe, Call.SetNamedPipeHandleState, ERROR_INVALID_PARAMETER, ERROR_INVALID_HANDLE);
        }
        boolean collects = lpMaxCollectionCount != 0 || lpCollectDataTimeout != 0;
        int code = lpMode == 0 ? ERROR_SUCCESS : setMode(end, memory.getInt(lpMode));
        if (code == ERROR_SUCCESS && collects && !wine) {
            code = ERROR_INVALID_PARAMETER; // of remote pipes only
        }
        return answer(Call.SetNamedPipeHandleState, code, hNamedPipe);
    }

    private int setMode(PipeEnd end, int mode) {
        boolean maySet = end.maySet() || (wine && !end.isServer());
        int code = maySet ? end.instance().whyNotAsk(end) : ERROR_ACCESS_DENIED;
        if (code != ERROR_SUCCESS) {
            return code;
        }
        boolean messages = (mode & PIPE_READMODE_MESSAGE) != 0;
        boolean nowait = (mode & PIPE_NOWAIT) != 0;
        if (messages && !end.instance().name().isMessageType()) {
            return ERROR_INVALID_PARAMETER;
        }
        boolean waits = end.inbound().hasReaders() || end.outbound().hasWriters();
        if (nowait && !end.neverWaits() && waits && !wine) {
            return ERROR_PIPE_BUSY;
        }
        int failure = fault(Call.SetNamedPipeHandleState);
        if (failure == ERROR_SUCCESS) {
            end.setReadsMessages(messages);
            end.setNeverWaits(nowait);
        }
        return failure;
    }

    @Override
    public int PeekNamedPipe(
            long hNamedPipe,
            long lpBuffer,
            int nBufferSize,
            long lpBytesRead,
            long lpTotalBytesAvail,
            long lpBytesLeftThisMessage) {
        PipeEnd end = end(hNamedPipe, Call.PeekNamedPipe);
        if (end == null) {
            return notAPipe(hNamedPipe, Call.PeekNamedPipe, ERROR_INVALID_PARAMETER, ERROR_NOT_SUPPORTED);
        }
        int code = end.mayRead() ? end.instance().whyNotPeek(end) : ERROR_ACCESS_DENIED;
        if (code == ERROR_SUCCESS) {
            code = fault(Call.PeekNamedPipe);
        }
        if (code != ERROR_SUCCESS) {
            return answer(Call.PeekNamedPipe, code, hNamedPipe);
        }
        byte[] bytes = end.inbound().peek(nBufferSize);
        if (lpBuffer != 0) {
            memory.write(lpBuffer, bytes, bytes.length);
        }
        memory.putInt(lpBytesRead, bytes.length);
        memory.putInt(lpTotalBytesAvail, end.inbound().unread());
        memory.putInt(lpBytesLeftThisMessage, end.inbound().unreadOfMessage() - bytes.length);
        return answer(Call.PeekNamedPipe, ERROR_SUCCESS, hNamedPipe);
    }

    @Override
    public int NtFsControlFile(
            long hFile,
            long hEvent,
            long apcRoutine,
            long apcContext,
            long ioStatusBlock,
            int fsControlCode,
            long inputBuffer,
            int inputBufferLength,
            long outputBuffer,
            int outputBufferLength) {
        FileObject file = object(hFile, FileObject.class, Call.NtFsControlFile);
        if (file == null) {
            return NtStatusTable.STATUS_INVALID_HANDLE;
        }
        memory.requireAllocated(ioStatusBlock, Overlapped.SIZE, Call.NtFsControlFile);
        memory.requireAllocated(inputBuffer, inputBufferLength, Call.NtFsControlFile);
        int refusal = whyNotControl(file, fsControlCode, inputBuffer, inputBufferLength);
        if (refusal != STATUS_SUCCESS) {
            return answer(Call.NtFsControlFile, refusal, hFile);
        }
        String name = new String(
                memory.read(inputBuffer + NAME_OFFSET, memory.getInt(inputBuffer + 8)), StandardCharsets.UTF_16LE);
        int code = fault(Call.NtFsControlFile);
        KernelEvent event = hEvent == 0 ? null : object(hEvent, KernelEvent.class, Call.NtFsControlFile);
        if (event != null) {
            event.reset();
        }
        failedInline.remove(ioStatusBlock);
        Operation wait =
                new Operation(operationIds++, Operation.Kind.WAIT, file, ioStatusBlock, apcContext, 0, 0, event);
        int status = code != ERROR_SUCCESS
                ? NtStatusTable.statusOf(code)
                : pipes.await(wait, name, time, timeout(inputBuffer));
        if (!NtStatus.isSuccess(status)) {
            failedInline.add(ioStatusBlock); // which stays as it was
            return answer(Call.NtFsControlFile, status, hFile);
        }
        completions.begin(wait);
        if (status == STATUS_SUCCESS && file.skipsPacketOnSuccess() && !wine) {
            completions.end(wait, STATUS_SUCCESS, 0, null); // what is skipped is the packet of a read or a write
            status = STATUS_PENDING;
        } else if (status == STATUS_SUCCESS) {
            completions.endInline(wait, STATUS_SUCCESS, 0, null, !file.skipsPacketOnSuccess());
        }
        return answer(Call.NtFsControlFile, status == STATUS_SUCCESS ? STATUS_SUCCESS : STATUS_PENDING, hFile);
    }

    /** Whether the control is not a wait for a pipe, or not of the root directory, or not understood. */
    private int whyNotControl(FileObject file, int controlCode, long input, int length) {
        if (controlCode != FSCTL_PIPE_WAIT) {
            return NtStatusTable.STATUS_NOT_SUPPORTED;
        }
        if (!(file instanceof RootDirectory root)) {
            return wine ? NtStatusTable.STATUS_NOT_SUPPORTED : NtStatusTable.STATUS_ILLEGAL_FUNCTION;
        }
        if (root.isFileSystem() && !wine) {
            return NtStatusTable.STATUS_ILLEGAL_FUNCTION;
        }
        int nameLength = length < MIN_WAIT_INPUT ? 0 : memory.getInt(input + 8);
        boolean understood = length >= MIN_WAIT_INPUT && nameLength >= 0 && NAME_OFFSET + nameLength <= length;
        return understood ? STATUS_SUCCESS : NtStatusTable.STATUS_INVALID_PARAMETER;
    }

    /** Of a wait for a pipe, in nanoseconds; negative for the pipe's own. */
    private long timeout(long input) {
        boolean specified = (memory.getInt(input + 12) & 0xFF) != 0;
        long ticks = memory.getLong(input); // negative for a time from now on; a point in time has been
        if (!specified) {
            return -1;
        }
        if (ticks < -VirtualTime.NEVER / NANOS_PER_TICK) {
            return VirtualTime.NEVER;
        }
        return Math.max(0, -ticks * NANOS_PER_TICK);
    }

    // ---- completion ports ------------------------------------------------------------------------------------------

    @Override
    public long CreateIoCompletionPort(
            long fileHandle, long existingCompletionPort, long completionKey, int numberOfConcurrentThreads) {
        int code = fault(Call.CreateIoCompletionPort);
        if (code != ERROR_SUCCESS) {
            return answerHandle(Call.CreateIoCompletionPort, -code, fileHandle);
        }
        long handle = existingCompletionPort;
        CompletionQueue port;
        if (handle == 0) {
            port = new CompletionQueue();
            handle = handles.add(port);
        } else {
            port = object(handle, CompletionQueue.class, Call.CreateIoCompletionPort);
        }
        if (fileHandle != INVALID_HANDLE_VALUE) {
            FileObject file = object(fileHandle, FileObject.class, Call.CreateIoCompletionPort);
            if (file == null || port == null || !file.join(port, completionKey)) {
                return answerHandle(Call.CreateIoCompletionPort, -ERROR_INVALID_PARAMETER, fileHandle);
            }
            if (chances.forgetsModes()) {
                file.setSkipsPacketOnSuccess(false);
            }
        }
        return answerHandle(Call.CreateIoCompletionPort, handle, fileHandle, completionKey);
    }

    @Override
    public int GetQueuedCompletionStatusEx(
            long completionPort,
            long lpCompletionPortEntries,
            int ulCount,
            long ulNumEntriesRemoved,
            int dwMilliseconds,
            int fAlertable) {
        CompletionQueue port = object(completionPort, CompletionQueue.class, Call.GetQueuedCompletionStatusEx);
        if (port == null) {
            return ERROR_INVALID_HANDLE;
        }
        memory.requireAllocated(
                lpCompletionPortEntries, (long) ulCount * OverlappedEntry.SIZE, Call.GetQueuedCompletionStatusEx);
        if (port.isEmpty() && (dwMilliseconds == 0 || !waiting.await(() -> !port.isEmpty(), dwMilliseconds))) {
            return answer(Call.GetQueuedCompletionStatusEx, WAIT_TIMEOUT, completionPort);
        }
        int code = fault(Call.GetQueuedCompletionStatusEx);
        if (code != ERROR_SUCCESS) {
            return answer(Call.GetQueuedCompletionStatusEx, code, completionPort);
        }
        int count = Math.min(ulCount, port.size());
        if (completions.happens(chances.fewPackets())) {
            count = 1 + random.nextInt(count);
        }
        for (int i = 0; i < count; i++) {
            take(port.remove(), lpCompletionPortEntries + (long) i * OverlappedEntry.SIZE);
        }
        memory.putInt(ulNumEntriesRemoved, count);
        return answer(Call.GetQueuedCompletionStatusEx, ERROR_SUCCESS, completionPort, count);
    }

    private void take(CompletionQueue.Packet packet, long entry) {
        int status = STATUS_SUCCESS;
        if (packet.operation() != null) {
            completions.finish(packet.operation());
            status = packet.operation().status;
        }
        memory.putLong(entry, packet.key());
        memory.putLong(entry + 8, packet.overlapped());
        memory.putLong(entry + 16, status & 0xFFFFFFFFL);
        memory.putLong(entry + 24, packet.bytes());
    }

    @Override
    public int PostQueuedCompletionStatus(
            long completionPort, int dwNumberOfBytesTransferred, long dwCompletionKey, long lpOverlapped) {
        CompletionQueue port = object(completionPort, CompletionQueue.class, Call.PostQueuedCompletionStatus);
        if (port == null) {
            return ERROR_INVALID_HANDLE;
        }
        int code = fault(Call.PostQueuedCompletionStatus);
        if (code == ERROR_SUCCESS) {
            port.add(new CompletionQueue.Packet(dwCompletionKey, lpOverlapped, dwNumberOfBytesTransferred, null));
        }
        trace.add(Call.PostQueuedCompletionStatus.name(), completionPort, dwCompletionKey, code);
        return code; // nobody is paused here: whoever closes a port waits for those who post
    }

    @Override
    public int SetFileCompletionNotificationModes(long fileHandle, int flags) {
        FileObject file = object(fileHandle, FileObject.class, Call.SetFileCompletionNotificationModes);
        if (file == null) {
            return ERROR_INVALID_HANDLE;
        }
        int code = fault(Call.SetFileCompletionNotificationModes);
        if (code == ERROR_SUCCESS && (flags & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS) != 0) {
            file.setSkipsPacketOnSuccess(true);
        }
        return answer(Call.SetFileCompletionNotificationModes, code, fileHandle, flags);
    }

    // ---- events ----------------------------------------------------------------------------------------------------

    @Override
    public long CreateEventW(long lpEventAttributes, int bManualReset, int bInitialState, long lpName) {
        int code = fault(Call.CreateEventW);
        return answerHandle(
                Call.CreateEventW,
                code == ERROR_SUCCESS ? handles.add(new KernelEvent(bManualReset != 0, bInitialState != 0)) : -code);
    }

    @Override
    public int SetEvent(long hEvent) {
        KernelEvent event = object(hEvent, KernelEvent.class, Call.SetEvent);
        if (event == null) {
            return ERROR_INVALID_HANDLE;
        }
        int code = fault(Call.SetEvent);
        if (code == ERROR_SUCCESS) {
            event.set();
        }
        return answer(Call.SetEvent, code, hEvent);
    }

    @Override
    public int ResetEvent(long hEvent) {
        waiting.called(); // whatever was before it: a post, perhaps
        KernelEvent event = object(hEvent, KernelEvent.class, Call.ResetEvent);
        if (event == null) {
            return ERROR_INVALID_HANDLE;
        }
        int code = fault(Call.ResetEvent);
        if (code == ERROR_SUCCESS) {
            event.reset();
        }
        return answer(Call.ResetEvent, code, hEvent);
    }

    @Override
    public int WaitForMultipleObjects(int nCount, long lpHandles, int bWaitAll, int dwMilliseconds) {
        memory.requireAllocated(lpHandles, (long) nCount * Long.BYTES, Call.WaitForMultipleObjects);
        List<KernelEvent> events = new ArrayList<>();
        for (int i = 0; i < nCount; i++) {
            long handle = memory.getLong(lpHandles + (long) i * Long.BYTES);
            KernelEvent event = object(handle, KernelEvent.class, Call.WaitForMultipleObjects);
            if (event == null) {
                return -ERROR_INVALID_HANDLE;
            }
            events.add(event);
        }
        int code = fault(Call.WaitForMultipleObjects);
        if (code != ERROR_SUCCESS) {
            return answer(Call.WaitForMultipleObjects, -code, nCount);
        }
        if (dwMilliseconds != 0) {
            refuseOnEventLoop(Call.WaitForMultipleObjects, "it waits");
        }
        int set = firstSet(events);
        if (set < 0 && dwMilliseconds != 0 && waiting.await(() -> firstSet(events) >= 0, dwMilliseconds)) {
            set = firstSet(events);
        }
        if (set < 0) {
            return answer(Call.WaitForMultipleObjects, WAIT_TIMEOUT, nCount);
        }
        events.get(set).waited();
        return answer(Call.WaitForMultipleObjects, set, nCount);
    }

    private static int firstSet(List<KernelEvent> events) {
        for (int i = 0; i < events.size(); i++) {
            if (events.get(i).isSet()) {
                return i;
            }
        }
        return -1;
    }

    // ---- who is there ----------------------------------------------------------------------------------------------

    @Override
    public int GetNamedPipeClientProcessId(long pipe, long clientProcessId) {
        return tellClient(Call.GetNamedPipeClientProcessId, pipe, clientProcessId, SimulatedProcess::processId);
    }

    @Override
    public int GetNamedPipeClientSessionId(long pipe, long clientSessionId) {
        return tellClient(Call.GetNamedPipeClientSessionId, pipe, clientSessionId, SimulatedProcess::sessionId);
    }

    @Override
    public int GetNamedPipeServerProcessId(long pipe, long serverProcessId) {
        return tellServer(Call.GetNamedPipeServerProcessId, pipe, serverProcessId, SimulatedProcess::processId);
    }

    @Override
    public int GetNamedPipeServerSessionId(long pipe, long serverSessionId) {
        return tellServer(Call.GetNamedPipeServerSessionId, pipe, serverSessionId, SimulatedProcess::sessionId);
    }

    private int tellClient(Call call, long pipe, long result, ToIntFunction<SimulatedProcess> what) {
        PipeEnd end = end(pipe, call);
        if (end == null) {
            return notAPipe(pipe, call, ERROR_INVALID_PARAMETER, ERROR_NOT_SUPPORTED);
        }
        PipeInstance.Client client = end.instance().lastClient();
        int code = wine ? ERROR_SUCCESS : end.instance().whyNotAsk(end);
        if (code == ERROR_SUCCESS && client == null && !wine) {
            code = ERROR_NOT_FOUND;
        }
        return code == ERROR_SUCCESS
                ? tell(call, pipe, result, client == null ? 0 : what.applyAsInt(client.process()))
                : answer(call, code, pipe);
    }

    private int tellServer(Call call, long pipe, long result, ToIntFunction<SimulatedProcess> what) {
        PipeEnd end = end(pipe, call);
        if (end == null) {
            return notAPipe(pipe, call, ERROR_INVALID_PARAMETER, ERROR_NOT_SUPPORTED);
        }
        int code = wine ? ERROR_SUCCESS : end.instance().whyNotAsk(end);
        return code == ERROR_SUCCESS
                ? tell(call, pipe, result, what.applyAsInt(end.instance().creator()))
                : answer(call, code, pipe);
    }

    private int tell(Call call, long pipe, long result, int value) {
        int code = result == 0 ? withoutRoom(call) : fault(call);
        if (code == ERROR_SUCCESS) {
            memory.putInt(result, value);
        }
        return answer(call, code, pipe);
    }

    private int withoutRoom(Call call) {
        if (!wine) {
            return ERROR_INSUFFICIENT_BUFFER;
        }
        boolean session = call == Call.GetNamedPipeClientSessionId || call == Call.GetNamedPipeServerSessionId;
        return session ? ERROR_SUCCESS : ERROR_INVALID_USER_BUFFER;
    }

    @Override
    public int ImpersonateNamedPipeClient(long hNamedPipe) {
        PipeEnd end = end(hNamedPipe, Call.ImpersonateNamedPipeClient);
        if (end == null) {
            return notAPipe(hNamedPipe, Call.ImpersonateNamedPipeClient, ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED);
        }
        int code = fault(Call.ImpersonateNamedPipeClient);
        if (code == ERROR_SUCCESS) {
            code = impersonations.begin(waiting.caller(), process, end);
        }
        return answer(Call.ImpersonateNamedPipeClient, code, hNamedPipe);
    }

    @Override
    public int RevertToSelf() {
        int code = fault(Call.RevertToSelf);
        if (code == ERROR_SUCCESS) {
            impersonations.end(waiting.caller());
        }
        return answer(Call.RevertToSelf, code);
    }

    @Override
    public int OpenThreadToken(long threadHandle, int desiredAccess, int openAsSelf, long tokenHandle) {
        if (threadHandle != CURRENT_THREAD || desiredAccess != SecurityConstants.TOKEN_QUERY) {
            rules.violated("OpenThreadToken of thread " + threadHandle + " with access " + desiredAccess);
        }
        int code = fault(Call.OpenThreadToken);
        if (code == ERROR_SUCCESS) {
            code = impersonations.whyNotOpen(waiting.caller(), openAsSelf != 0);
        }
        if (code == ERROR_SUCCESS) {
            memory.putLong(tokenHandle, handles.add(impersonations.token(waiting.caller())));
        }
        return answer(Call.OpenThreadToken, code);
    }

    @Override
    public int GetTokenInformation(
            long tokenHandle,
            int tokenInformationClass,
            long tokenInformation,
            int tokenInformationLength,
            long returnLength) {
        Token token = object(tokenHandle, Token.class, Call.GetTokenInformation);
        if (token == null) {
            return ERROR_INVALID_HANDLE;
        }
        memory.requireAllocated(tokenInformation, tokenInformationLength, Call.GetTokenInformation);
        int code = fault(Call.GetTokenInformation);
        if (code == ERROR_SUCCESS) {
            code = sparing(() ->
                    tellOfToken(token, tokenInformationClass, tokenInformation, tokenInformationLength, returnLength));
        }
        return answer(Call.GetTokenInformation, code, tokenHandle, tokenInformationClass);
    }

    private int tellOfToken(Token token, int informationClass, long result, int length, long needed) {
        if (informationClass == SecurityConstants.TOKEN_IMPERSONATION_LEVEL) {
            memory.putInt(needed, Integer.BYTES);
            memory.putInt(result, token.level());
            return ERROR_SUCCESS;
        }
        if (informationClass != SecurityConstants.TOKEN_USER) {
            return ERROR_INVALID_PARAMETER;
        }
        NativeMemory sid = Sid.allocate(token.client().userSid());
        byte[] bytes = memory.read(sid.address(), sid.buffer().capacity());
        sid.free();
        memory.putInt(needed, TOKEN_USER_HEAD + bytes.length);
        if (length < TOKEN_USER_HEAD + bytes.length) {
            return ERROR_INSUFFICIENT_BUFFER;
        }
        memory.putLong(result, result + TOKEN_USER_HEAD);
        memory.putLong(result + Long.BYTES, 0);
        memory.write(result + TOKEN_USER_HEAD, bytes, bytes.length);
        return ERROR_SUCCESS;
    }

    @Override
    public int CheckTokenMembership(long tokenHandle, long sidToCheck, long isMember) {
        Token token = object(tokenHandle, Token.class, Call.CheckTokenMembership);
        if (token == null) {
            return ERROR_INVALID_HANDLE;
        }
        int code = fault(Call.CheckTokenMembership);
        if (code == ERROR_SUCCESS) {
            memory.putInt(isMember, token.client().has(Sid.textAt(sidToCheck)) ? 1 : 0);
        }
        return answer(Call.CheckTokenMembership, code, tokenHandle);
    }

    // ---- security descriptors --------------------------------------------------------------------------------------

    @Override
    public int ConvertStringSecurityDescriptorToSecurityDescriptorW(
            long stringSecurityDescriptor, int stringSDRevision, long securityDescriptor, long securityDescriptorSize) {
        int code = fault(Call.ConvertStringSecurityDescriptorToSecurityDescriptorW);
        if (code == ERROR_SUCCESS) {
            code = sparing(() -> descriptors.parse(stringSecurityDescriptor, stringSDRevision, securityDescriptor));
        }
        return answer(Call.ConvertStringSecurityDescriptorToSecurityDescriptorW, code);
    }

    @Override
    public int ConvertSecurityDescriptorToStringSecurityDescriptorW(
            long securityDescriptor,
            int requestedStringSDRevision,
            int securityInformation,
            long stringSecurityDescriptor,
            long stringSecurityDescriptorLen) {
        int code = fault(Call.ConvertSecurityDescriptorToStringSecurityDescriptorW);
        if (code == ERROR_SUCCESS) {
            code = sparing(() -> descriptors.format(
                    securityDescriptor, requestedStringSDRevision, securityInformation, stringSecurityDescriptor));
        }
        return answer(Call.ConvertSecurityDescriptorToStringSecurityDescriptorW, code);
    }

    @Override
    public int GetSecurityInfo(
            long handle,
            int objectType,
            int securityInfo,
            long ppsidOwner,
            long ppsidGroup,
            long ppDacl,
            long ppSacl,
            long ppSecurityDescriptor) {
        PipeEnd end = object(handle, PipeEnd.class, Call.GetSecurityInfo);
        if (end == null) {
            return ERROR_INVALID_HANDLE;
        }
        if (objectType != SecurityConstants.SE_KERNEL_OBJECT) {
            rules.violated("GetSecurityInfo of a pipe as an object of type " + objectType);
        }
        int code = end.mayReadControl() ? end.instance().whyNotAsk(end) : ERROR_ACCESS_DENIED;
        if (code == ERROR_SUCCESS) {
            code = fault(Call.GetSecurityInfo);
        }
        if (code == ERROR_SUCCESS) {
            sparing(() -> {
                descriptors.copy(end.instance().name().accessList(), ppsidOwner, ppSecurityDescriptor);
                return null;
            });
        }
        return answer(Call.GetSecurityInfo, code, handle, securityInfo);
    }

    @Override
    public int LocalFree(long hMem) {
        waiting.requireLive();
        int code = descriptors.free(hMem);
        return answer(Call.LocalFree, code == ERROR_SUCCESS ? fault(Call.LocalFree) : code); // nobody can do more
    }

    // ---- cold paths ------------------------------------------------------------------------------------------------

    @Override
    public int RtlNtStatusToDosError(int status) {
        int code = fault(Call.RtlNtStatusToDosError);
        return code == ERROR_SUCCESS ? NtStatusTable.codeOf(status) : code;
    }

    @Override
    public String currentUserSid() {
        throwFault(Call.currentUserSid);
        return process.userSid();
    }

    @Override
    public String sidOfAccount(String account) {
        refuseOnEventLoop(Call.sidOfAccount, "it may ask another machine");
        throwFault(Call.sidOfAccount);
        return accounts.sid(account);
    }

    @Override
    public String accountOfSid(String sid) {
        refuseOnEventLoop(Call.accountOfSid, "it may ask another machine");
        throwFault(Call.accountOfSid);
        return accounts.name(sid);
    }

    @Override
    public String errorText(int code) {
        return fault(Call.errorText) == ERROR_SUCCESS ? "Simulated error " + code + "." : "Windows error " + code;
    }
}
