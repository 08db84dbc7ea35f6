/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;

/**
 * Opens a pipe for a client, and sets it as the client's options say. Its calls may block on a pipe of another machine;
 * then they are not for an event loop.
 */
final class PipeOpener {

    private final Win32 win32;
    private final NamedPipeAddress address;
    private final NamedPipeChannelConfig config;

    PipeOpener(Win32 win32, NamedPipeAddress address, NamedPipeChannelConfig config) {
        this.win32 = win32;
        this.address = address;
        this.config = config;
    }

    /**
     * What became of an attempt.
     *
     * @param code {@link io.npipe.win32.Win32Error#ERROR_SUCCESS}, or why the pipe could not be opened
     * @param handle null if it could not
     * @param form null if it could not
     */
    record Opened(int code, PipeHandle handle, PipeForm form) {

        void discard() {
            if (handle != null) {
                handle.close();
            }
        }
    }

    /**
     * Opens.
     *
     * @throws NamedPipeException if the pipe was opened but could not be set
     * @throws IllegalArgumentException if an option asks for what this pipe has not
     */
    Opened open() throws NamedPipeException {
        if (address.isLocal() && (config.getCollectBytes() != null || config.getCollectMillis() != null)) {
            throw new IllegalArgumentException(
                    address + ": COLLECT_BYTES and COLLECT_MILLIS are for pipes of other machines; this one is local");
        }
        NativeMemory path = NativeMemory.ofWideString(address.path());
        long opened;
        try {
            opened = win32.CreateFileW(
                    path.address(),
                    config.getAccess().desiredAccess(),
                    0,
                    0,
                    PipeConstants.OPEN_EXISTING,
                    PipeConstants.FILE_FLAG_OVERLAPPED
                            | (config.isWriteThrough() ? PipeConstants.FILE_FLAG_WRITE_THROUGH : 0)
                            | PipeConstants.SECURITY_SQOS_PRESENT
                            | PipeConstants.SECURITY_IDENTIFICATION,
                    0);
        } finally {
            path.free();
        }
        if (opened < 0) {
            return new Opened((int) -opened, null, null);
        }
        PipeHandle handle = new PipeHandle(win32, address, opened);
        try {
            return new Opened(ERROR_SUCCESS, handle, setUp(handle));
        } catch (Throwable t) { // also if memory runs out
            handle.close();
            throw t;
        }
    }

    private PipeForm setUp(PipeHandle handle) throws NamedPipeException {
        PipeState state = new PipeState(win32, handle);
        PipeMode type = state.type();
        PipeMode readMode = PipeState.readMode(config.getReadMode(), type, address);
        if (readMode != PipeMode.BYTE || config.getCollectBytes() != null || config.getCollectMillis() != null) {
            state.set(readMode, config.getCollectBytes(), config.getCollectMillis());
        }
        return new PipeForm(
                type, readMode, config.getAccess().reads(), config.getAccess().writes());
    }
}
