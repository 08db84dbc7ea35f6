/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.PipeConstants.FILE_FLAG_FIRST_PIPE_INSTANCE;
import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.SecurityDescriptor;
import io.npipe.win32.Win32;
import java.io.IOException;
import java.util.UUID;

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

    Win32 win32() {
        return win32;
    }

    /** Creates the one that takes the name, or joins it, and fixes the security descriptor for all that follow. */
    PipeHandle createFirst() throws IOException {
        SecurityDescriptor security =
                SecurityDescriptor.ofSddl(win32, config.getSecurity().sddl(win32));
        try {
            return config.isFirstInstance()
                    ? checked(createWith(address, FILE_FLAG_FIRST_PIPE_INSTANCE, security))
                    : withSameSecurity(checked(createWith(address, 0, security)), security);
        } finally {
            security.free();
        }
    }

    private long createWith(NamedPipeAddress name, int firstInstance, SecurityDescriptor security) throws IOException {
        long handle = create(name, firstInstance, security.attributesAddress());
        if (handle < 0) {
            throw PipeFailures.bind(win32, (int) -handle, name);
        }
        return handle;
    }

    /** An instance that may be of a name that was there before. */
    private PipeHandle withSameSecurity(PipeHandle joined, SecurityDescriptor security) throws IOException {
        try {
            NamedPipeAddress freshName = NamedPipeAddress.of("npipe-" + UUID.randomUUID());
            PipeHandle fresh =
                    new PipeHandle(win32, freshName, createWith(freshName, FILE_FLAG_FIRST_PIPE_INSTANCE, security));
            try {
                JoinedSecurity.requireSame(win32, joined, fresh);
            } finally {
                fresh.close();
            }
            return joined;
        } catch (Throwable t) { // also if memory runs out
            joined.close();
            throw t;
        }
    }

    /**
     * Creates the one that shows whether this user may create further instances: else the server could not go on after its
     * first client.
     *
     * @return null if there is none to be had now
     */
    PipeHandle createSecond() throws IOException {
        long handle = create(address, 0, 0);
        if (handle == -ERROR_ACCESS_DENIED) {
            throw PipeFailures.furtherInstance(win32, address, config.getSecurity());
        }
        return handle < 0 ? null : checked(handle);
    }

    /** Creates one more. */
    PipeHandle createNext() throws IOException {
        long handle = create(address, 0, 0);
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

    private long create(NamedPipeAddress name, int firstInstance, long securityAttributes) {
        NativeMemory path = NativeMemory.ofWideString(name.path());
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
                            | (config.isAcceptRemoteClients()
                                    ? PipeConstants.PIPE_ACCEPT_REMOTE_CLIENTS
                                    : PipeConstants.PIPE_REJECT_REMOTE_CLIENTS),
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
