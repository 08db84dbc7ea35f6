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

/**
 * Creates the instances of one server's pipe, all of the same kind.
 *
 * <p>The name, and with it the security descriptor, lives as long as any instance is open; clients' handles may not keep
 * it. The first instance takes the name and gives it the descriptor. When none of ours is open any more, as at the limit
 * when all children close, the name may have gone, and somebody else may have taken it: then the next one has the
 * descriptor, too, and must find that the name has it. Children close on their own loops; so creating and closing exclude
 * each other.
 */
final class PipeInstances {

    private final Win32 win32;
    private final NamedPipeAddress address;
    private final NamedPipeServerChannelConfig config;

    /** Instances that are open. Guarded by this. */
    private int open;

    /** Guarded by this. */
    private boolean hasTakenName;

    PipeInstances(Win32 win32, NamedPipeAddress address, NamedPipeServerChannelConfig config) {
        this.win32 = win32;
        this.address = address;
        this.config = config;
    }

    Win32 win32() {
        return win32;
    }

    /** What its children are like, unless their options say otherwise. */
    PipeForm form() {
        PipeMode type = config.getPipeType();
        PipeDirection direction = config.getDirection();
        return new PipeForm(type, type, direction.serverReads(), direction.serverWrites());
    }

    /**
     * Whether clients may come over the network. The name that a server joins may let them in, whatever this one asks for.
     */
    boolean mayHaveRemoteClients() {
        return config.isAcceptRemoteClients() || !config.isFirstInstance();
    }

    /** Creates one, which listens as soon as somebody asks for it. */
    synchronized PipeHandle create() throws IOException {
        PipeHandle instance = new PipeHandle(win32, address, open == 0 ? createFirst() : createNext(), this::close);
        open++;
        hasTakenName = true;
        try {
            require(instance);
        } catch (Throwable t) { // also if memory runs out
            instance.close();
            throw t;
        }
        return instance;
    }

    private synchronized void close(Runnable closing) {
        open--;
        closing.run();
    }

    // ---- the first one ---------------------------------------------------------------------------------------------

    private long createFirst() throws IOException {
        SecurityDescriptor security =
                SecurityDescriptor.ofSddl(win32, config.getSecurity().sddl(win32));
        try {
            return config.isFirstInstance() && !hasTakenName
                    ? createWith(address, FILE_FLAG_FIRST_PIPE_INSTANCE, security)
                    : join(security);
        } finally {
            security.free();
        }
    }

    /** The name may be there already. */
    private long join(SecurityDescriptor security) throws IOException {
        long joined = createWith(address, 0, security);
        try {
            requireSameSecurity(joined, security);
        } catch (Throwable t) { // also if memory runs out
            win32.CloseHandle(joined);
            throw t;
        }
        return joined;
    }

    private long createWith(NamedPipeAddress name, int firstInstance, SecurityDescriptor security) throws IOException {
        long handle = create(name, firstInstance, security.attributesAddress());
        if (handle < 0) {
            throw PipeFailures.bind(win32, (int) -handle, name);
        }
        return handle;
    }

    private void requireSameSecurity(long joined, SecurityDescriptor security) throws IOException {
        NamedPipeAddress freshName = NamedPipeAddress.of("npipe-" + UUID.randomUUID());
        PipeHandle fresh =
                new PipeHandle(win32, freshName, createWith(freshName, FILE_FLAG_FIRST_PIPE_INSTANCE, security));
        try {
            JoinedSecurity.requireSame(win32, new PipeHandle(win32, address, joined), fresh);
        } finally {
            fresh.close();
        }
    }

    // ---- the others ------------------------------------------------------------------------------------------------

    private long createNext() throws IOException {
        long handle = create(address, 0, 0);
        if (handle == -ERROR_ACCESS_DENIED) {
            throw PipeFailures.furtherInstance(win32, address, config.getSecurity());
        }
        if (handle < 0) {
            throw failure((int) -handle, "CreateNamedPipeW");
        }
        return handle;
    }

    // ---- all -------------------------------------------------------------------------------------------------------

    /**
     * An instance of the kind that was asked for: else it is of another server's name. One that only writes may not ask
     * what it is.
     */
    private void require(PipeHandle instance) throws IOException {
        if (config.getDirection().serverReads()) {
            new PipeState(win32, instance).require(config.getPipeType(), config.getMaxInstances());
        }
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
