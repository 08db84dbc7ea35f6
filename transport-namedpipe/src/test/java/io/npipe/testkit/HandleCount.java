/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.NativeWin32;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;
import java.util.EnumMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How many handles this process has, as the kernel counts them: what {@link HandleLedger} says of the seam, and what else
 * may have been opened. Windows or Wine only.
 */
public final class HandleCount {

    /** What a handle stands for. Others, such as threads, are not counted. */
    public enum Type {
        /** A pipe, or any other file. */
        FILE,
        EVENT,
        PORT,
        TOKEN
    }

    private static final int STATUS_INFO_LENGTH_MISMATCH = 0xC0000004;
    private static final int TOKEN_QUERY = 8;
    private static final int HEAD = 16;
    private static final int ENTRY = 40;
    private static final int PROCESS_OFFSET = 8;
    private static final int HANDLE_OFFSET = 16;
    private static final int TYPE_OFFSET = 30;

    /** It exists only so that a hang ends. */
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(2);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** The kernel's number of each type. */
    private static final Map<Type, Integer> NUMBERS = numbers();

    private final Map<Type, Integer> counts;

    private HandleCount(Map<Type, Integer> counts) {
        this.counts = counts;
    }

    /** As it is now. */
    public static HandleCount now() {
        Map<Type, Integer> counts = new EnumMap<>(Type.class);
        try (Snapshot snapshot = new Snapshot()) {
            for (Type type : Type.values()) {
                counts.put(type, snapshot.count(NUMBERS.get(type)));
            }
        }
        return new HandleCount(counts);
    }

    /** Handles of a type. */
    public int of(Type type) {
        return counts.get(type);
    }

    /** Waits until there are no more than these; fails if there always are. */
    public void awaitBack(Type... types) {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        HandleCount now = now();
        while (!now.isWithin(this, types) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(LOOK_NANOS); // the thread that waited for listening instances closes its events last
            now = now();
        }
        HandleCount last = now;
        assertTrue(last.isWithin(this, types), () -> "handles are left: " + this + " before, " + last + " now");
    }

    private boolean isWithin(HandleCount before, Type... types) {
        for (Type type : types) {
            if (of(type) > before.of(type)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return counts.toString();
    }

    /** Opens one of each type, and looks how the kernel calls it. */
    private static Map<Type, Integer> numbers() {
        Win32 win32 = NativeWin32.get();
        Map<Type, Long> samples = new EnumMap<>(Type.class);
        NativeMemory path = NativeMemory.ofWideString("\\\\.\\pipe\\npipe-count-" + UUID.randomUUID());
        NativeMemory token = NativeMemory.allocate(Long.BYTES);
        samples.put(
                Type.FILE,
                win32.CreateNamedPipeW(
                        path.address(),
                        PipeConstants.PIPE_ACCESS_DUPLEX | PipeConstants.FILE_FLAG_OVERLAPPED,
                        0,
                        1,
                        0,
                        0,
                        0,
                        0));
        samples.put(Type.EVENT, win32.CreateEventW(0, 1, 0, 0));
        samples.put(Type.PORT, win32.CreateIoCompletionPort(PipeConstants.INVALID_HANDLE_VALUE, 0, 0, 1));
        int opened = MoreWin32.error(
                MoreWin32.Advapi32.OpenProcessToken(MoreWin32.GetCurrentProcess(), TOKEN_QUERY, token.address()));
        assertTrue(opened == 0, () -> "OpenProcessToken: " + opened);
        samples.put(Type.TOKEN, token.buffer().getLong(0));
        Map<Type, Integer> numbers = new EnumMap<>(Type.class);
        try (Snapshot snapshot = new Snapshot()) {
            samples.forEach((type, handle) -> numbers.put(type, snapshot.typeOf(handle)));
        }
        samples.values().forEach(win32::CloseHandle);
        token.free();
        path.free();
        return numbers;
    }

    /** All handles of the system. */
    private static final class Snapshot implements AutoCloseable {

        private static final NativeMemory LENGTH = NativeMemory.allocate(Integer.BYTES);
        private static int size = 1 << 20;

        private final NativeMemory memory;
        private final int process = MoreWin32.GetCurrentProcessId();

        Snapshot() {
            NativeMemory entries = NativeMemory.allocate(size);
            int status = query(entries);
            while (status == STATUS_INFO_LENGTH_MISMATCH) {
                entries.free();
                size *= 2;
                entries = NativeMemory.allocate(size);
                status = query(entries);
            }
            if (status != 0) {
                throw new AssertionError("NtQuerySystemInformation: " + Integer.toHexString(status));
            }
            memory = entries;
        }

        private static int query(NativeMemory entries) {
            return MoreWin32.Ntdll.NtQuerySystemInformation(
                    MoreWin32.SYSTEM_EXTENDED_HANDLE_INFORMATION, entries.address(), size, LENGTH.address());
        }

        private int entries() {
            return (int) memory.buffer().getLong(0);
        }

        private boolean isOwn(int entry) {
            return memory.buffer().getLong(HEAD + entry * ENTRY + PROCESS_OFFSET) == process;
        }

        private int type(int entry) {
            return memory.buffer().getShort(HEAD + entry * ENTRY + TYPE_OFFSET);
        }

        int count(int type) {
            int count = 0;
            for (int i = 0; i < entries(); i++) {
                if (isOwn(i) && type(i) == type) {
                    count++;
                }
            }
            return count;
        }

        int typeOf(long handle) {
            for (int i = 0; i < entries(); i++) {
                if (isOwn(i) && memory.buffer().getLong(HEAD + i * ENTRY + HANDLE_OFFSET) == handle) {
                    return type(i);
                }
            }
            throw new AssertionError("the kernel does not list handle " + handle);
        }

        @Override
        public void close() {
            memory.free();
        }
    }
}
