/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import static io.npipe.win32.Win32Error.ERROR_BROKEN_PIPE;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.channel.NamedPipeAddress;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;

/** A foreign server's pipe with one instance, made with bare calls, for a transport to meet. */
public final class RawPipe implements AutoCloseable {

    private final Win32 win32 = Kernels.win32();
    private final NamedPipeAddress address;
    private final NativeMemory overlapped = NativeMemory.allocate(Overlapped.SIZE);
    private final long server;
    private long client = -1;
    private boolean open = true;

    private RawPipe(NamedPipeAddress address, int access) {
        this.address = address;
        NativeMemory path = NativeMemory.ofWideString(address.path());
        server = win32.CreateNamedPipeW(
                path.address(), access | PipeConstants.FILE_FLAG_OVERLAPPED, 0, 1, 4096, 4096, 0, 0);
        path.free();
        assertTrue(server > 0, () -> "CreateNamedPipeW: " + -server);
    }

    /** Both ways. */
    public static RawPipe single(NamedPipeAddress address) {
        return new RawPipe(address, PipeConstants.PIPE_ACCESS_DUPLEX);
    }

    /** From its client only. */
    public static RawPipe inbound(NamedPipeAddress address) {
        return new RawPipe(address, PipeConstants.PIPE_ACCESS_INBOUND);
    }

    /** To its client only. */
    public static RawPipe outbound(NamedPipeAddress address) {
        return new RawPipe(address, PipeConstants.PIPE_ACCESS_OUTBOUND);
    }

    /** Whether it was not closed. */
    public boolean isOpen() {
        return open;
    }

    /** The server's handle. */
    public long server() {
        return server;
    }

    /** Takes the instance with a client of its own. */
    public RawPipe connectClient() {
        NativeMemory path = NativeMemory.ofWideString(address.path());
        client = win32.CreateFileW(
                path.address(),
                PipeConstants.GENERIC_READ | PipeConstants.GENERIC_WRITE,
                0,
                0,
                PipeConstants.OPEN_EXISTING,
                PipeConstants.FILE_FLAG_OVERLAPPED,
                0);
        path.free();
        assertTrue(client > 0, () -> "CreateFileW: " + -client);
        assertEquals(ERROR_PIPE_CONNECTED, win32.ConnectNamedPipe(server, overlapped.address()));
        return this;
    }

    /** Hands the client's handle over, to be closed by the caller. */
    public long takeClient() {
        long taken = client;
        client = -1;
        return taken;
    }

    /** Blocks until the client's handle is closed. */
    public void awaitPeerClosed() {
        NativeMemory buffer = NativeMemory.allocate(1);
        int code = win32.ReadFile(server, buffer.address(), 1, 0, overlapped.address());
        if (code == ERROR_IO_PENDING) {
            NativeMemory count = NativeMemory.allocate(Integer.BYTES);
            code = win32.GetOverlappedResult(server, overlapped.address(), count.address(), 1);
            count.free();
        }
        buffer.free();
        assertEquals(ERROR_BROKEN_PIPE, code);
    }

    /** Cuts the client off and listens again, as simple servers do. */
    public void recycle() {
        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(server));
        win32.CloseHandle(client);
        client = -1;
        win32.ConnectNamedPipe(server, overlapped.address());
    }

    @Override
    public void close() {
        open = false;
        if (client > 0) {
            win32.CloseHandle(client);
        }
        win32.CancelIoEx(server, 0);
        win32.CloseHandle(server);
        // overlapped is not freed: a listen may have been under way, and nobody waits for its end here
    }
}
