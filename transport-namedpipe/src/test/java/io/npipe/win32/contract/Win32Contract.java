/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.PipeConstants.FILE_FLAG_OVERLAPPED;
import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static io.npipe.win32.PipeConstants.INVALID_HANDLE_VALUE;
import static io.npipe.win32.PipeConstants.OPEN_EXISTING;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_BYTE;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static io.npipe.win32.Win32Error.WAIT_TIMEOUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.testkit.HangLimit;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import io.npipe.win32.OverlappedEntry;
import io.npipe.win32.Win32;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every contract of the seam needs: an implementation, handles that are closed and memory that is freed in the end.
 * Single-threaded, and without reliance on time beyond bounded waits: a simulated kernel runs it, too.
 */
abstract class Win32Contract {

    /** How long a packet or event that must come may take, in milliseconds. */
    static final int SOON = (int) TimeUnit.SECONDS.toMillis(HangLimit.SECONDS);

    static final int QUOTA = 4096;
    static final int UNLIMITED = 255;

    final Win32 win32 = kernel().win32();
    final String path = "\\\\.\\pipe\\npipe-contract-" + UUID.randomUUID();
    long port;

    private final Set<Long> handles = new LinkedHashSet<>();
    private final List<NativeMemory> memory = new ArrayList<>();

    /**
     * An implementation under test, and whether it is Wine's kernel, which differs from Windows in known places: both
     * variants are asserted.
     */
    record Kernel(Win32 win32, boolean isWine) {}

    /** The implementation under test. */
    abstract Kernel kernel();

    final boolean isWine() {
        return kernel().isWine();
    }

    /** A completion packet. */
    record Packet(long key, long overlapped, int status, int bytes) {}

    @BeforeEach
    void createPort() {
        port = tracked(win32.CreateIoCompletionPort(INVALID_HANDLE_VALUE, 0, 0, 1));
    }

    @AfterEach
    void closeEverything() {
        closeAll();
        dequeueAll(0); // cancelled by the close: their memory may go now
        close(port);
        memory.forEach(NativeMemory::free);
    }

    // ---- memory ----------------------------------------------------------------------------------------------------

    NativeMemory allocate(int size) {
        NativeMemory block = NativeMemory.allocate(size);
        memory.add(block);
        return block;
    }

    NativeMemory overlapped() {
        return allocate(Overlapped.SIZE);
    }

    NativeMemory text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        NativeMemory block = allocate(Math.max(1, bytes.length));
        block.buffer().put(0, bytes);
        return block;
    }

    static String textOf(NativeMemory block, int length) {
        byte[] bytes = new byte[length];
        block.buffer().get(0, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    NativeMemory wide(String text) {
        NativeMemory block = NativeMemory.ofWideString(text);
        memory.add(block);
        return block;
    }

    // ---- handles ---------------------------------------------------------------------------------------------------

    long tracked(long handle) {
        assertTrue(handle > 0, () -> "failed with " + -handle);
        handles.add(handle);
        return handle;
    }

    void close(long handle) {
        assertTrue(handles.remove(handle), "closed twice, or not opened here");
        assertEquals(ERROR_SUCCESS, win32.CloseHandle(handle));
    }

    /** All that were tracked, but for the port. */
    void closeAll() {
        for (long handle : List.copyOf(handles)) {
            if (handle != port) {
                close(handle);
            }
        }
    }

    /** The handle, or the negated code; to be tracked by the caller. */
    long create(int openMode, int pipeMode, int maxInstances, int quota) {
        return win32.CreateNamedPipeW(
                wide(path).address(), openMode | FILE_FLAG_OVERLAPPED, pipeMode, maxInstances, quota, quota, 0, 0);
    }

    long createWithQuotas(int openMode, int pipeMode, int outQuota, int inQuota) {
        return win32.CreateNamedPipeW(
                wide(path).address(), openMode | FILE_FLAG_OVERLAPPED, pipeMode, UNLIMITED, outQuota, inQuota, 0, 0);
    }

    long byteServer() {
        return tracked(create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, UNLIMITED, QUOTA));
    }

    long messageServer() {
        return tracked(create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, UNLIMITED, QUOTA));
    }

    /** The handle, or the negated code; to be tracked by the caller. */
    long open(int access) {
        return win32.CreateFileW(wide(path).address(), access, 0, 0, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, 0);
    }

    long client() {
        return tracked(open(GENERIC_READ | GENERIC_WRITE));
    }

    /** A client for the server, which knows it then. */
    long clientOf(long server) {
        long client = client();
        assertEquals(ERROR_PIPE_CONNECTED, connect(server));
        return client;
    }

    int connect(long server) {
        return win32.ConnectNamedPipe(server, overlapped().address());
    }

    void join(long handle, long key) {
        assertEquals(port, win32.CreateIoCompletionPort(handle, port, key, 0));
    }

    // ---- operations ------------------------------------------------------------------------------------------------

    int write(long handle, String text, NativeMemory overlapped) {
        return win32.WriteFile(handle, text(text).address(), text.length(), 0, overlapped.address());
    }

    /** Writes what the quota takes. */
    void writeNow(long handle, String text) {
        NativeMemory overlapped = overlapped();
        settle(handle, write(handle, text, overlapped), overlapped);
        assertEquals(text.length(), Overlapped.bytesTransferred(overlapped.buffer(), 0));
    }

    int read(long handle, NativeMemory into, int length, NativeMemory overlapped) {
        return win32.ReadFile(handle, into.address(), length, 0, overlapped.address());
    }

    /** Reads what is there. */
    String readNow(long handle, int length) {
        NativeMemory into = allocate(Math.max(1, length));
        NativeMemory overlapped = overlapped();
        settle(handle, read(handle, into, length, overlapped), overlapped);
        return textOf(into, Overlapped.bytesTransferred(overlapped.buffer(), 0));
    }

    /** An operation that may have pended for a moment is done. */
    final void settle(long handle, int code, NativeMemory overlapped) {
        if (code == ERROR_IO_PENDING) {
            NativeMemory count = allocate(Integer.BYTES);
            assertEquals(ERROR_SUCCESS, win32.GetOverlappedResult(handle, overlapped.address(), count.address(), 1));
        } else {
            assertEquals(ERROR_SUCCESS, code);
        }
    }

    // ---- packets ---------------------------------------------------------------------------------------------------

    List<Packet> dequeueAll(int timeoutMillis) {
        NativeMemory entries = allocate(16 * OverlappedEntry.SIZE);
        NativeMemory removed = allocate(Integer.BYTES);
        int code = win32.GetQueuedCompletionStatusEx(port, entries.address(), 16, removed.address(), timeoutMillis, 0);
        List<Packet> packets = new ArrayList<>();
        if (code == WAIT_TIMEOUT) {
            return packets;
        }
        assertEquals(ERROR_SUCCESS, code);
        for (int i = 0; i < removed.buffer().getInt(0); i++) {
            packets.add(new Packet(
                    OverlappedEntry.completionKey(entries.buffer(), i),
                    OverlappedEntry.overlapped(entries.buffer(), i),
                    OverlappedEntry.status(entries.buffer(), i),
                    OverlappedEntry.bytesTransferred(entries.buffer(), i)));
        }
        return packets;
    }

    Packet packet() {
        return packets(1).get(0);
    }

    /** That many packets, which come in one dequeue or in several. */
    List<Packet> packets(int count) {
        List<Packet> packets = new ArrayList<>();
        while (packets.size() < count) {
            List<Packet> some = dequeueAll(SOON);
            assertFalse(some.isEmpty(), () -> "only " + packets);
            packets.addAll(some);
        }
        assertEquals(count, packets.size(), packets::toString);
        return packets;
    }

    void assertNoPacket() {
        assertEquals(List.of(), dequeueAll(0));
    }
}
