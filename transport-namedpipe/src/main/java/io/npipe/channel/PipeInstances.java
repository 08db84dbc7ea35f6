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

    private static final int SYSTEM_DEFAULT_TIMEOUT = 0;

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
            return new PipeHandle(win32, address, handle);
        } finally {
            security.free();
        }
    }

    /** Creates one more. */
    PipeHandle createNext() throws NamedPipeException {
        long handle = create(0, 0);
        if (handle < 0) {
            throw failure((int) -handle, "CreateNamedPipeW");
        }
        return new PipeHandle(win32, address, handle);
    }

    private long create(int firstInstance, long securityAttributes) {
        NativeMemory path = NativeMemory.ofWideString(address.path());
        try {
            return win32.CreateNamedPipeW(
                    path.address(),
                    PipeConstants.PIPE_ACCESS_DUPLEX | PipeConstants.FILE_FLAG_OVERLAPPED | firstInstance,
                    PipeConstants.PIPE_TYPE_BYTE
                            | PipeConstants.PIPE_READMODE_BYTE
                            | PipeConstants.PIPE_WAIT
                            | PipeConstants.PIPE_REJECT_REMOTE_CLIENTS,
                    PipeConstants.PIPE_UNLIMITED_INSTANCES,
                    config.getSendBufferSize(),
                    config.getReceiveBufferSize(),
                    SYSTEM_DEFAULT_TIMEOUT,
                    securityAttributes);
        } finally {
            path.free();
        }
    }

    NamedPipeException failure(int code, String call) {
        return new NamedPipeException(win32, code, call, address);
    }
}
