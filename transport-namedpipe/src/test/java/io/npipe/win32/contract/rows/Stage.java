/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import static io.npipe.win32.PipeConstants.FILE_FLAG_OVERLAPPED;
import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static io.npipe.win32.PipeConstants.INVALID_HANDLE_VALUE;
import static io.npipe.win32.PipeConstants.OPEN_EXISTING;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_BYTE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.Win32Error.ERROR_IO_INCOMPLETE;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_MORE_DATA;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.npipe.win32.FilePipeWaitForBuffer;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.NtStatus;
import io.npipe.win32.Overlapped;
import io.npipe.win32.OverlappedEntry;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

/**
 * What a row acts on: a kernel, a name of its own, handles that are closed and memory that is freed in the end. One thread.
 *
 * <p>Answers are text. A call: its code. A handle: {@code ok} or the code. An operation: its code, with a colon and the
 * number of bytes if it is a success or 234; {@code 997} if it is under way.
 */
public final class Stage implements AutoCloseable {

    static final int QUOTA = 4096;
    static final int UNLIMITED = 255;
    static final int BYTES = PIPE_TYPE_BYTE;
    static final int MESSAGES = PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE;
    static final int READ_WRITE = GENERIC_READ | GENERIC_WRITE;

    /** What must happen may take so long; it exists only so that a hang ends. In milliseconds. */
    private static final int LIMIT = 60_000;

    /** What has not happened after so long does not happen. An ended operation is seen at once, so it may be short. */
    private static final int WHILE = 100;

    final Win32 win32;
    final String name = "npipe-row-" + UUID.randomUUID();

    private final Set<Long> handles = new LinkedHashSet<>();
    private final List<NativeMemory> memory = new ArrayList<>();
    private final List<Operation> operations = new ArrayList<>();

    Stage(Win32 win32) {
        this.win32 = win32;
    }

    // ---- memory and handles ----------------------------------------------------------------------------------------

    NativeMemory allocate(int size) {
        NativeMemory block = NativeMemory.allocate(Math.max(1, size));
        memory.add(block);
        return block;
    }

    /** What an operation without an event has: nobody sees when it may be freed, so it is not. */
    NativeMemory allocateForKernel(int size) {
        return NativeMemory.allocate(size);
    }

    long wide(String text) {
        NativeMemory block = NativeMemory.ofWideString(text);
        memory.add(block);
        return block.address();
    }

    /** Remembers a handle to be closed, if it is one. */
    long keep(long handle) {
        if (handle > 0) {
            handles.add(handle);
        }
        return handle;
    }

    void close(long handle) {
        handles.remove(handle);
        require(win32.CloseHandle(handle) == ERROR_SUCCESS, "CloseHandle");
    }

    static String opened(long handle) {
        return handle > 0 ? "ok" : "" + -handle;
    }

    static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("the preparation failed: " + what);
        }
    }

    private static long mustOpen(long handle, String call) {
        require(handle > 0, call + " answered " + -handle);
        return handle;
    }

    long event() {
        return mustOpen(keep(win32.CreateEventW(0, 1, 0, 0)), "CreateEventW");
    }

    boolean isSet(long event) {
        return isSet(event, 0);
    }

    private boolean isSet(long event, int millis) {
        NativeMemory array = allocate(Long.BYTES);
        array.buffer().putLong(0, event);
        return win32.WaitForMultipleObjects(1, array.address(), 0, millis) == 0;
    }

    // ---- pipes -----------------------------------------------------------------------------------------------------

    static String path(String name) {
        return "\\\\.\\pipe\\" + name;
    }

    /** The handle, or the negated code. */
    long create(String pipe, int openMode, int pipeMode, int maxInstances, int quota, long security) {
        return keep(win32.CreateNamedPipeW(
                wide(path(pipe)), openMode | FILE_FLAG_OVERLAPPED, pipeMode, maxInstances, quota, quota, 0, security));
    }

    /** The handle, or the negated code. */
    long create(int openMode, int pipeMode, int maxInstances) {
        return create(name, openMode, pipeMode, maxInstances, QUOTA, 0);
    }

    long server(int openMode, int pipeMode) {
        return mustOpen(create(openMode, pipeMode, UNLIMITED), "CreateNamedPipeW");
    }

    /** Both ways, not limited. */
    long server(int pipeMode) {
        return server(PIPE_ACCESS_DUPLEX, pipeMode);
    }

    /** The handle, or the negated code. */
    long open(String file, int access, int flags) {
        return keep(win32.CreateFileW(wide(file), access, 0, 0, OPEN_EXISTING, FILE_FLAG_OVERLAPPED | flags, 0));
    }

    /** The handle, or the negated code. */
    long open(int access) {
        return open(path(name), access, 0);
    }

    long client() {
        return mustOpen(open(READ_WRITE), "CreateFileW");
    }

    /** A client, of which the server knows. */
    long clientOf(long server) {
        long client = client();
        require(listen(server).code == ERROR_PIPE_CONNECTED, "ConnectNamedPipe");
        return client;
    }

    /** A client that reads by message. */
    long messageClientOf(long server) {
        long client = clientOf(server);
        require(setReadMode(client, PIPE_READMODE_MESSAGE) == ERROR_SUCCESS, "SetNamedPipeHandleState");
        return client;
    }

    void disconnect(long server) {
        require(win32.DisconnectNamedPipe(server) == ERROR_SUCCESS, "DisconnectNamedPipe");
    }

    int setReadMode(long handle, int mode) {
        NativeMemory value = allocate(Integer.BYTES);
        value.buffer().putInt(0, mode);
        return win32.SetNamedPipeHandleState(handle, value.address(), 0, 0);
    }

    int info(long handle) {
        NativeMemory result = allocate(4 * Integer.BYTES);
        long at = result.address();
        return win32.GetNamedPipeInfo(handle, at, at + Integer.BYTES, at + 2 * Integer.BYTES, at + 3 * Integer.BYTES);
    }

    /** With the number of instances. */
    String state(long handle) {
        NativeMemory result = allocate(2 * Integer.BYTES);
        int code = win32.GetNamedPipeHandleStateW(handle, result.address(), result.address() + Integer.BYTES);
        return code == ERROR_SUCCESS ? "0:" + result.buffer().getInt(Integer.BYTES) : "" + code;
    }

    /** With how much there is. */
    String peek(long handle) {
        NativeMemory result = allocate(Integer.BYTES);
        int code = win32.PeekNamedPipe(handle, 0, 0, 0, result.address(), 0);
        return code == ERROR_SUCCESS ? "0:" + result.buffer().getInt(0) : "" + code;
    }

    /** One of the questions for a process. */
    interface Question {
        int ask(long pipe, long result);
    }

    String process(Question question, long pipe) {
        NativeMemory result = allocate(Integer.BYTES);
        int code = question.ask(pipe, result.address());
        return code == ERROR_SUCCESS && result.buffer().getInt(0) == 0 ? "0, but no id" : "" + code;
    }

    // ---- operations ------------------------------------------------------------------------------------------------

    /** An operation that was begun. */
    final class Operation {

        final long handle;
        final NativeMemory overlapped = allocate(Overlapped.SIZE);
        final long event = event();
        int code;

        /** What a wait answered. */
        int status;

        Operation(long handle) {
            this.handle = handle;
            Overlapped.event(overlapped.buffer(), 0, event);
            operations.add(this);
        }

        private boolean isOver(int millis) {
            return code != ERROR_IO_PENDING || isSet(event, millis);
        }

        /** How it stands. */
        String outcome() {
            if (!isOver(0) && !isOver(WHILE)) {
                return "" + ERROR_IO_PENDING;
            }
            int end = code == ERROR_IO_PENDING ? result() : code;
            boolean counts = end == ERROR_SUCCESS || end == ERROR_MORE_DATA;
            return counts ? end + ":" + Overlapped.bytesTransferred(overlapped.buffer(), 0) : "" + end;
        }

        private int result() {
            int end = win32.GetOverlappedResult(
                    handle, overlapped.address(), allocate(Integer.BYTES).address(), 0);
            require(end != ERROR_IO_INCOMPLETE, "the event of an operation under way is set");
            return end;
        }
    }

    Operation listen(long server) {
        Operation operation = new Operation(server);
        operation.code = win32.ConnectNamedPipe(server, operation.overlapped.address());
        return operation;
    }

    Operation read(long handle, int length) {
        Operation operation = new Operation(handle);
        operation.code = win32.ReadFile(handle, allocate(length).address(), length, 0, operation.overlapped.address());
        return operation;
    }

    Operation write(long handle, int length) {
        Operation operation = new Operation(handle);
        operation.code = win32.WriteFile(handle, allocate(length).address(), length, 0, operation.overlapped.address());
        return operation;
    }

    int cancel(Operation operation) {
        return win32.CancelIoEx(operation.handle, operation.overlapped.address());
    }

    /** Begins to wait for an instance. */
    Operation awaitInstance(long root) {
        return awaitInstance(root, false);
    }

    /** The same, perhaps with a packet. */
    Operation awaitInstance(long root, boolean withPacket) {
        Operation operation = new Operation(root);
        NativeMemory input = FilePipeWaitForBuffer.allocate(name, 2000);
        memory.add(input);
        int status = win32.NtFsControlFile(
                root,
                operation.event,
                0,
                withPacket ? operation.overlapped.address() : 0,
                operation.overlapped.address(),
                PipeConstants.FSCTL_PIPE_WAIT,
                input.address(),
                FilePipeWaitForBuffer.size(name),
                0,
                0);
        operation.code = status == NtStatus.STATUS_PENDING ? ERROR_IO_PENDING : ERROR_SUCCESS;
        operation.status = status;
        return operation;
    }

    /** The status that a wait ended with, or {@code 103} while it is under way. */
    String waited(Operation wait) {
        return isSet(wait.event, WHILE) ? hex(wait.overlapped.buffer().getInt(0)) : "103";
    }

    static String hex(int status) {
        return Integer.toHexString(status).toUpperCase(Locale.ROOT);
    }

    // ---- ports -----------------------------------------------------------------------------------------------------

    long port() {
        return mustOpen(keep(win32.CreateIoCompletionPort(INVALID_HANDLE_VALUE, 0, 0, 1)), "CreateIoCompletionPort");
    }

    void join(long handle, long port) {
        require(win32.CreateIoCompletionPort(handle, port, 1, 0) == port, "CreateIoCompletionPort");
    }

    /** The next packet's status and bytes, or {@code none}. */
    String packet(long port) {
        NativeMemory entry = allocate(OverlappedEntry.SIZE);
        NativeMemory removed = allocate(Integer.BYTES);
        int code = win32.GetQueuedCompletionStatusEx(port, entry.address(), 1, removed.address(), WHILE, 0);
        return code != ERROR_SUCCESS
                ? "none"
                : hex(OverlappedEntry.status(entry.buffer(), 0)) + ":"
                        + OverlappedEntry.bytesTransferred(entry.buffer(), 0);
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    @Override
    public void close() {
        Set<Long> events = new LinkedHashSet<>();
        operations.forEach(operation -> events.add(operation.event));
        for (long handle : List.copyOf(handles)) {
            if (!events.contains(handle)) {
                close(handle);
            }
        }
        boolean isOver = operations.stream().allMatch(operation -> operation.isOver(LIMIT));
        List.copyOf(handles).forEach(this::close);
        if (isOver) { // else it is the kernel's
            memory.forEach(NativeMemory::free);
        }
    }
}
