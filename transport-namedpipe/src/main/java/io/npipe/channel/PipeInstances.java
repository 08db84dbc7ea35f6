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
import java.util.function.BooleanSupplier;

/**
 * Creates the instances of one server's pipe, all of the same kind, and no more at a time than {@code MAX_INSTANCES}.
 *
 * <p>The name, and with it the security descriptor, lives as long as any instance is open at the server's end; clients'
 * handles do not keep it. The first instance takes the name and gives it the descriptor. When none of ours is open any
 * more, the name may have gone, and somebody else may have taken it: then the next one has the descriptor, too, and must
 * find that the name has it. Children close on their own loops; so creating and closing exclude each other.
 *
 * <p>The last instance that is open stays so until the next one is there, if the server waits for one: between the two,
 * clients would find no such pipe.
 *
 * <pre>
 *   child's loop: close the last one ──▶ kept, the server is told
 *   server's loop: create ──▶ listen ──▶ the kept one closes
 *     or, where MAX_INSTANCES is 1: the kept one closes ──▶ create ──▶ listen
 * </pre>
 */
final class PipeInstances {

    private final Win32 win32;
    private final NamedPipeAddress address;
    private final NamedPipeServerChannelConfig config;

    /** Instances that are open. Guarded by this. */
    private int open;

    /** Guarded by this. */
    private boolean hasTakenName;

    /** Whether one was asked for and could not be had. Guarded by this. */
    private boolean isWanted;

    /** Closes the last one that was open. Null unless that waits for the next one. Guarded by this. */
    private Runnable kept;

    /** Tells the server that there may be room; false if it will not come. Null unless it listens. Guarded by this. */
    private BooleanSupplier whenRoom;

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

    /**
     * Begins to keep the name, and to tell the server when an instance that it has asked for in vain may be had.
     *
     * @param told called on any thread; false if nobody will create one
     */
    synchronized void keepName(BooleanSupplier told) {
        whenRoom = told;
    }

    /** The server listens no more: whatever closes, closes at once. */
    synchronized void end() {
        whenRoom = null;
        closeKept();
    }

    /**
     * Creates one, which listens as soon as somebody asks for it. Then, or if it fails, {@link #closeKept()} is called.
     *
     * @return null if as many as {@code MAX_INSTANCES} are open. Windows is not asked then: it would look first whether the
     *     descriptor lets this user create more, and say that it does not
     */
    synchronized PipeHandle create() throws IOException {
        isWanted = true;
        if (open >= limit() && kept == null) {
            return null;
        }
        boolean isFirst = open == 0 || open >= limit(); // the kept one closes in between
        PipeHandle instance = new PipeHandle(win32, address, isFirst ? createFirst() : createNext(), this::close);
        open++;
        isWanted = false;
        if (isFirst) { // what comes later is of the same name
            hasTakenName = true;
            try {
                require(instance);
            } catch (Throwable t) { // also if memory runs out
                instance.close();
                isWanted = true;
                throw t;
            }
        }
        return instance;
    }

    /** Whether there are any. */
    synchronized boolean areOpen() {
        return open > 0;
    }

    private int limit() {
        int max = config.getMaxInstances();
        return max == NamedPipeServerChannelConfig.UNLIMITED_INSTANCES ? Integer.MAX_VALUE : max;
    }

    private synchronized void close(Runnable closing) {
        BooleanSupplier told = isWanted ? whenRoom : null;
        if (told != null && open == 1 && kept == null) {
            kept = closing;
        } else {
            open--;
            closing.run();
        }
        if (told != null && !told.getAsBoolean()) {
            closeKept();
        }
    }

    /**
     * The next one is there, or could not be had: the one that was open last closes.
     *
     * @return whether there was one
     */
    synchronized boolean closeKept() {
        Runnable closing = kept;
        if (closing == null) {
            return false;
        }
        kept = null;
        open--;
        closing.run();
        return true;
    }

    // ---- the first one ---------------------------------------------------------------------------------------------

    private long createFirst() throws IOException {
        SecurityDescriptor security =
                SecurityDescriptor.ofSddl(win32, config.getSecurity().sddl(win32));
        try {
            closeKept(); // not before: from here to the next call there is no such name
            if (config.isFirstInstance()) {
                long handle = create(address, FILE_FLAG_FIRST_PIPE_INSTANCE, security.attributesAddress());
                if (handle > 0) {
                    return handle;
                }
                if (!hasTakenName) {
                    throw PipeFailures.bind(win32, (int) -handle, address);
                }
            }
            return join(security);
        } finally {
            security.free();
        }
    }

    /** The name may be there already; also one that was ours, if others have joined it. */
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
