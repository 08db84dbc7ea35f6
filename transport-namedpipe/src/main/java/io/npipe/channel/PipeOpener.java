/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Sid;
import io.npipe.win32.Win32;
import java.io.IOException;

/**
 * Opens a pipe for a client, sees whose it is, and sets it as the client's options say. If {@link #mayBlock()}, opening is
 * not for an event loop.
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

    /** Whether opening may wait for another machine: to be reached, or to be asked for an account. */
    boolean mayBlock() {
        String owner = config.getRequiredServerOwner();
        return !address.isLocal() || (owner != null && !Sid.isSid(owner));
    }

    /**
     * What became of an attempt.
     *
     * @param code {@link io.npipe.win32.Win32Error#ERROR_SUCCESS}, or why the pipe could not be opened
     * @param handle null if it could not
     * @param form null if it could not
     * @param server who has created the pipe; null if it could not be opened
     */
    record Opened(int code, PipeHandle handle, PipeForm form, NamedPipePeerCredentials server) {

        void discard() {
            if (handle != null) {
                handle.close();
            }
        }
    }

    /**
     * Opens.
     *
     * @throws IOException if the pipe was opened but could not be set, or is not of the required owner
     * @throws IllegalArgumentException if an option asks for what this pipe has not
     */
    Opened open() throws IOException {
        if (address.isLocal() && (config.getCollectBytes() != null || config.getCollectMillis() != null)) {
            throw new IllegalArgumentException(
                    address + ": COLLECT_BYTES and COLLECT_MILLIS are for pipes of other machines; this one is local");
        }
        String requiredOwner = config.getRequiredServerOwner();
        String requiredSid = requiredOwner == null ? null : Accounts.sidOf(() -> win32, requiredOwner);
        long opened = openFile(config.getAccess().desiredAccess());
        if (opened == -ERROR_ACCESS_DENIED && config.getAccess() == PipeAccess.READ) {
            // All that Windows' own default grants to others. Who reads bytes needs no more.
            opened = openFile(PipeConstants.GENERIC_READ);
        }
        if (opened < 0) {
            return new Opened((int) -opened, null, null, null);
        }
        PipeHandle handle = new PipeHandle(win32, address, opened);
        try {
            NamedPipePeerCredentials server = new PeerIdentity(win32, handle).ofServer(requiredSid != null);
            if (requiredSid != null && !requiredSid.equalsIgnoreCase(server.userSid())) {
                throw PipeFailures.owner(address, requiredOwner, requiredSid, server.userSid());
            }
            return new Opened(ERROR_SUCCESS, handle, setUp(handle), server);
        } catch (NamedPipeException e) {
            handle.close();
            throw PipeFailures.isOfAnEnd(e.code()) ? PipeFailures.endedAtOnce(address, e) : e;
        } catch (Throwable t) { // also if memory runs out
            handle.close();
            throw t;
        }
    }

    /** The handle, or the negated error code. */
    private long openFile(int desiredAccess) {
        NativeMemory path = NativeMemory.ofWideString(address.path());
        try {
            return win32.CreateFileW(
                    path.address(),
                    desiredAccess,
                    0,
                    0,
                    PipeConstants.OPEN_EXISTING,
                    PipeConstants.FILE_FLAG_OVERLAPPED
                            | (config.isWriteThrough() ? PipeConstants.FILE_FLAG_WRITE_THROUGH : 0)
                            | PipeConstants.SECURITY_SQOS_PRESENT
                            | PipeConstants.SECURITY_EFFECTIVE_ONLY
                            | config.getImpersonationLevel().flag(),
                    0);
        } finally {
            path.free();
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
