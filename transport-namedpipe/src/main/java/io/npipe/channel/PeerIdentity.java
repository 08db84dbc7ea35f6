/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.channel.NamedPipePeerCredentials.NO_PROCESS;
import static io.npipe.channel.NamedPipePeerCredentials.NO_SESSION;
import static io.npipe.win32.Win32Error.ERROR_CANNOT_IMPERSONATE;
import static io.npipe.win32.Win32Error.ERROR_CANT_OPEN_ANONYMOUS;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.SecurityConstants;
import io.npipe.win32.Sid;
import io.npipe.win32.Win32;

/**
 * Asks Windows who is at the other end of a pipe. What it does not tell is unknown in the answer, and never taken from
 * elsewhere; only an owner that is required must be told.
 */
final class PeerIdentity {

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(PeerIdentity.class);

    private final Win32 win32;
    private final PipeHandle handle;

    PeerIdentity(Win32 win32, PipeHandle handle) {
        this.win32 = win32;
        this.handle = handle;
    }

    // ---- a server asks ---------------------------------------------------------------------------------------------

    /**
     * Who has connected. The calling thread impersonates the client for the moment that opening its token takes; if it
     * cannot end that, it never returns.
     *
     * @param mayBeRemote whether the pipe may have clients of other machines
     * @param hasRead whether something was read from the client
     * @return null if Windows cannot tell before the first read
     */
    NamedPipePeerCredentials ofClient(boolean mayBeRemote, boolean hasRead, Surroundings surroundings) {
        ThreadToken token;
        try {
            token = new ThreadToken(win32, handle);
        } catch (OutOfMemoryError e) {
            logger.warn("{}: no memory left to ask who the client is", handle.address(), e);
            return NamedPipePeerCredentials.UNKNOWN;
        }
        try {
            int impersonated = token.openOfClient(surroundings.endThread(), () -> {}); // nobody waits for it
            if (impersonated == ERROR_CANNOT_IMPERSONATE && !hasRead) {
                return null;
            }
            return credentials(token, impersonated, mayBeRemote);
        } finally {
            token.close();
        }
    }

    private NamedPipePeerCredentials credentials(ThreadToken token, int impersonated, boolean mayBeRemote) {
        String user = null;
        boolean isFromNetwork = mayBeRemote; // as it may be, if that is not told
        if (impersonated != ERROR_SUCCESS) {
            unknown(handle.failure(impersonated, "ImpersonateNamedPipeClient"));
        } else if (token.opened() == ERROR_SUCCESS) {
            try {
                user = token.user();
                isFromNetwork = mayBeRemote && isFromNetwork(token);
            } catch (NamedPipeException e) {
                unknown(e);
            }
        } else if (token.opened() != ERROR_CANT_OPEN_ANONYMOUS) {
            unknown(handle.failure(token.opened(), "OpenThreadToken"));
        }
        return isFromNetwork
                ? new NamedPipePeerCredentials(NO_PROCESS, NO_SESSION, user)
                : new NamedPipePeerCredentials(
                        processId(win32::GetNamedPipeClientProcessId, "GetNamedPipeClientProcessId", token.memory()),
                        sessionId(win32::GetNamedPipeClientSessionId, "GetNamedPipeClientSessionId", token.memory()),
                        user);
    }

    private static boolean isFromNetwork(ThreadToken token) throws NamedPipeException {
        NativeMemory network = Sid.allocate(Sid.NETWORK);
        try {
            return token.has(network);
        } finally {
            network.free();
        }
    }

    // ---- a client asks ---------------------------------------------------------------------------------------------

    /**
     * Who has created the pipe.
     *
     * @param ownerIsRequired whether to fail if Windows does not tell the owner
     */
    NamedPipePeerCredentials ofServer(boolean ownerIsRequired) throws NamedPipeException {
        NativeMemory memory = NativeMemory.allocate(2 * Long.BYTES);
        try {
            return new NamedPipePeerCredentials(
                    processId(win32::GetNamedPipeServerProcessId, "GetNamedPipeServerProcessId", memory),
                    sessionId(win32::GetNamedPipeServerSessionId, "GetNamedPipeServerSessionId", memory),
                    owner(ownerIsRequired, memory));
        } finally {
            memory.free();
        }
    }

    private String owner(boolean isRequired, NativeMemory memory) throws NamedPipeException {
        long owner = memory.address();
        long descriptor = owner + Long.BYTES;
        int code = win32.GetSecurityInfo(
                handle.value(),
                SecurityConstants.SE_KERNEL_OBJECT,
                SecurityConstants.OWNER_SECURITY_INFORMATION,
                owner,
                0,
                0,
                0,
                descriptor);
        if (code != ERROR_SUCCESS) {
            if (isRequired) {
                throw handle.failure(code, "GetSecurityInfo");
            }
            unknown(handle.failure(code, "GetSecurityInfo"));
            return null;
        }
        try {
            long sid = memory.buffer().getLong(0);
            return sid == 0 ? null : Sid.textAt(sid);
        } finally {
            win32.LocalFree(memory.buffer().getLong(Long.BYTES));
        }
    }

    // ---- both ------------------------------------------------------------------------------------------------------

    /** One of the four functions that tell a number of a pipe's end. */
    @FunctionalInterface
    private interface Question {
        int ask(long pipe, long result);
    }

    private long processId(Question question, String call, NativeMemory memory) {
        int code = question.ask(handle.value(), memory.address());
        if (code != ERROR_SUCCESS) {
            unknown(handle.failure(code, call));
            return NO_PROCESS;
        }
        return Integer.toUnsignedLong(memory.buffer().getInt(0));
    }

    private int sessionId(Question question, String call, NativeMemory memory) {
        int code = question.ask(handle.value(), memory.address());
        if (code != ERROR_SUCCESS) {
            unknown(handle.failure(code, call));
            return NO_SESSION;
        }
        return memory.buffer().getInt(0);
    }

    /** Those who decide by it refuse what is unknown. */
    private static void unknown(NamedPipeException cause) {
        logger.debug("The peer is not fully known", cause);
    }
}
