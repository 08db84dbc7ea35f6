/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.channel.NamedPipeAddress;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;

/** A client that opens a pipe with the access it likes, made with bare calls, each of which waits for its end. */
public final class RawClient implements AutoCloseable {

    private final Win32 win32 = Kernels.win32();
    private final NativeMemory overlapped = NativeMemory.allocate(Overlapped.SIZE);
    private final NativeMemory count = NativeMemory.allocate(Integer.BYTES);
    private final long handle;

    /** Opens, with {@code GENERIC_READ}, {@code GENERIC_WRITE} or both. */
    public RawClient(NamedPipeAddress address, int access) {
        this(address, access, 0);
    }

    /** With {@code SECURITY_*} flags. */
    public RawClient(NamedPipeAddress address, int access, int flags) {
        NativeMemory path = NativeMemory.ofWideString(address.path());
        handle = win32.CreateFileW(
                path.address(),
                access,
                0,
                0,
                PipeConstants.OPEN_EXISTING,
                PipeConstants.FILE_FLAG_OVERLAPPED | flags,
                0);
        path.free();
        assertTrue(handle > 0, () -> "CreateFileW: " + -handle);
    }

    /** For further calls. */
    public long handle() {
        return handle;
    }

    private int end(int code) {
        return code == ERROR_IO_PENDING
                ? win32.GetOverlappedResult(handle, overlapped.address(), count.address(), 1)
                : code;
    }

    /** Writes; returns the error code. */
    public int write(byte[] bytes) {
        NativeMemory buffer = NativeMemory.allocate(Math.max(1, bytes.length));
        buffer.buffer().put(0, bytes);
        int code = end(win32.WriteFile(handle, buffer.address(), bytes.length, 0, overlapped.address()));
        buffer.free();
        return code;
    }

    /** Reads exactly so many bytes. */
    public byte[] read(int length) {
        byte[] bytes = new byte[length];
        NativeMemory buffer = NativeMemory.allocate(length);
        int read = 0;
        while (read < length) {
            assertEquals(
                    ERROR_SUCCESS,
                    end(win32.ReadFile(handle, buffer.address(), length - read, 0, overlapped.address())));
            int part = Overlapped.bytesTransferred(overlapped.buffer(), 0);
            buffer.buffer().get(0, bytes, read, part);
            read += part;
        }
        buffer.free();
        return bytes;
    }

    /** Reads once; returns the error code. */
    public int readCode() {
        NativeMemory buffer = NativeMemory.allocate(1);
        int code = end(win32.ReadFile(handle, buffer.address(), 1, 0, overlapped.address()));
        buffer.free();
        return code;
    }

    @Override
    public void close() {
        win32.CloseHandle(handle);
        overlapped.free();
        count.free();
    }
}
