/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.SecurityDescriptor;
import io.npipe.win32.Win32;
import java.io.IOException;

/** Creates the instances of one server's pipe, all of the same kind. */
final class PipeInstances {

    private final Win32 win32;
    private final NamedPipeAddress address;
    private final NamedPipeServerChannelConfig config;

    PipeInstances(Win32 win32, NamedPipeAddress address, NamedPipeServerChannelConfig config) {
        this.win32 = win32;
        this.address = address;
        this.config = config;
    }

    /** Creates the one that takes the name and fixes the security descriptor for all that follow. */
    PipeHandle createFirst() throws IOException {
        SecurityDescriptor security = SecurityDescriptor.currentUser(win32);
        try {
            long handle = create(PipeConstants.FILE_FLAG_FIRST_PIPE_INSTANCE, security.attributesAddress());
            if (handle < 0) {
                throw PipeFailures.bind(win32, (int) -handle, address);
            }
            return checked(handle);
        } finally {
            security.free();
        }
    }

    /** Creates one more. */
    PipeHandle createNext() throws IOException {
        long handle = create(0, 0);
        if (handle < 0) {
            throw failure((int) -handle, "CreateNamedPipeW");
        }
        return checked(handle);
    }

    /**
     * An instance of the kind that was asked for: else it is of another server's name. One that only writes may not ask
     * what it is.
     */
    private PipeHandle checked(long created) throws IOException {
        PipeHandle handle = new PipeHandle(win32, address, created);
        if (!config.getDirection().serverReads()) {
            return handle;
        }
        try {
            new PipeState(win32, handle).require(config.getPipeType(), config.getMaxInstances());
            return handle;
        } catch (Throwable t) { // also if memory runs out
            handle.close();
            throw t;
        }
    }

    /** What its children are like, unless their options say otherwise. */
    PipeForm form() {
        PipeMode type = config.getPipeType();
        PipeDirection direction = config.getDirection();
        return new PipeForm(type, type, direction.serverReads(), direction.serverWrites());
    }

    private long create(int firstInstance, long securityAttributes) {
        NativeMemory path = NativeMemory.ofWideString(address.path());
        try {
            return win32.CreateNamedPipeW(
                    path.address(),
                    config.getDirection().openMode()
                            | PipeConstants.FILE_FLAG_OVERLAPPED
                            | (config.isWriteThrough() ? PipeConstants.FILE_FLAG_WRITE_THROUGH : 0)
                            | firstInstance,
                    config.getPipeType().type()
                            | config.getPipeType().readMode()
                            | PipeConstants.PIPE_WAIT
                            | PipeConstants.PIPE_REJECT_REMOTE_CLIENTS,
                    config.getMaxInstances(),
                    config.getSendBufferSize(),
                    config.getReceiveBufferSize(),
                    config.getDefaultWaitMillis(),
                    securityAttributes);
        } finally {
            path.free();
        }
    }

    NamedPipeException failure(int code, String call) {
        return new NamedPipeException(win32, code, call, address);
    }
}
