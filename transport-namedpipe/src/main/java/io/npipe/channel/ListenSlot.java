/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_NO_DATA;
import static io.npipe.win32.Win32Error.ERROR_OPERATION_ABORTED;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import io.npipe.win32.Win32;

/**
 * A place for one listening instance after the other, with the event and the {@code OVERLAPPED} that they share.
 *
 * <pre>
 *   FREE ── listen: 997 ──▶ LISTENING ── event set ──▶ CONNECTED or FREE
 *     ├──── listen: 535, 232 ────────────────────────▶ CONNECTED
 *     ◀──── takeConnected ───────────────────────────────┘
 * </pre>
 *
 * <p>The instance is not in the boss's completion port: a handle stays with its port for life, and the child belongs to
 * its worker's.
 */
final class ListenSlot {

    private final Win32 win32;
    private final NativeMemory memory = NativeMemory.allocate(Overlapped.SIZE + Integer.BYTES);
    private PipeHandle instance;
    private boolean listening;

    /** Takes the event over; the waiter closes it. */
    ListenSlot(Win32 win32, long event) {
        this.win32 = win32;
        Overlapped.event(memory.buffer(), 0, event);
    }

    boolean isFree() {
        return instance == null;
    }

    boolean isListening() {
        return listening;
    }

    /**
     * Begins to listen with a new instance.
     *
     * @return {@link io.npipe.win32.Win32Error#ERROR_IO_PENDING}: the event will be set; {@link
     *     io.npipe.win32.Win32Error#ERROR_SUCCESS}: a client is there already; else an error, and the slot is free
     */
    int listen(PipeHandle newInstance) {
        int code = win32.ConnectNamedPipe(newInstance.value(), memory.address());
        switch (code) {
            case ERROR_IO_PENDING, ERROR_SUCCESS -> {
                instance = newInstance;
                listening = true;
                return ERROR_IO_PENDING;
            }
            case ERROR_PIPE_CONNECTED, ERROR_NO_DATA -> { // it came, and with 232 it has gone again: its data has not
                instance = newInstance;
                return ERROR_SUCCESS;
            }
            default -> {
                newInstance.close();
                return code;
            }
        }
    }

    /**
     * The event was set.
     *
     * @return {@link io.npipe.win32.Win32Error#ERROR_SUCCESS}: a client is there; else an error, and the slot is free
     */
    int listenEnded() {
        listening = false;
        if (instance.isClosed()) { // since it could not be cancelled
            instance = null;
            return ERROR_OPERATION_ABORTED;
        }
        int code = win32.GetOverlappedResult(instance.value(), memory.address(), memory.address() + Overlapped.SIZE, 0);
        if (code == ERROR_SUCCESS || code == ERROR_PIPE_CONNECTED || code == ERROR_NO_DATA) {
            return ERROR_SUCCESS;
        }
        closeInstance();
        return code;
    }

    PipeHandle takeConnected() {
        PipeHandle connected = instance;
        instance = null;
        return connected;
    }

    /** Asks for the end of the listening; the event is set then. */
    void cancel() {
        if (listening) {
            instance.cancel(memory.address());
        }
    }

    /** Closes the instance; not while listening. */
    void closeInstance() {
        if (instance != null) {
            instance.close();
            instance = null;
        }
    }

    /** Frees the memory; not while listening. */
    void free() {
        memory.free();
    }
}
