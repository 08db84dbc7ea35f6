/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.channel.ThreadEnd.NOT_CALLED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.SecurityConstants;
import io.npipe.win32.TokenUser;
import io.npipe.win32.Win32;

/**
 * The token that a thread impersonates with, opened with the rights of the process. It is as good on any thread, and after
 * the impersonation.
 *
 * <p>It is made before the impersonation begins. Opening it then is one call, which makes no object and loads no class:
 * while a thread acts as somebody else, nothing must happen that could fail, or be done with the wrong rights. To be closed
 * once, whether it was opened or not, by whoever made it.
 */
final class ThreadToken {

    private static final int TRUE = 1;
    private static final int RETURN_LENGTH = TokenUser.SIZE;

    private final Win32 win32;
    private final PipeHandle pipe;
    private final NativeMemory memory = NativeMemory.allocate(TokenUser.SIZE + Integer.BYTES);
    private int opened = NOT_CALLED;
    private long value;

    /**
     * Makes one.
     *
     * @param pipe whose client it is, for exceptions
     */
    ThreadToken(Win32 win32, PipeHandle pipe) {
        this.win32 = win32;
        this.pipe = pipe;
    }

    /** Room for answers of further calls, until it is closed. */
    NativeMemory memory() {
        return memory;
    }

    /**
     * Opens the token of the pipe's client: the calling thread impersonates it for that moment.
     *
     * @param threadEnd what becomes of the thread if it cannot act as itself again; then this does not return
     * @param tellFirst see {@link ThreadEnd#because}
     * @return code of {@code ImpersonateNamedPipeClient}; what became of opening is {@link #opened()}
     */
    int openOfClient(ThreadEnd threadEnd, Runnable tellFirst) {
        int impersonated = NOT_CALLED;
        try {
            impersonated = pipe.useElsewhere(win32::ImpersonateNamedPipeClient);
            if (impersonated == ERROR_SUCCESS) {
                open();
            }
        } finally {
            threadEnd.unlessReverted(win32, impersonated, tellFirst);
        }
        return impersonated;
    }

    /** The code of opening it, or {@link ThreadEnd#NOT_CALLED}. */
    int opened() {
        return opened;
    }

    /**
     * Opens the token of the calling thread.
     *
     * @return error code; {@link io.npipe.win32.Win32Error#ERROR_NO_TOKEN} if it impersonates nobody, {@link
     *     io.npipe.win32.Win32Error#ERROR_CANT_OPEN_ANONYMOUS} if it impersonates someone who did not say who it is
     */
    int open() {
        opened = win32.OpenThreadToken(Win32.CURRENT_THREAD, SecurityConstants.TOKEN_QUERY, TRUE, memory.address());
        value = memory.buffer().getLong(0);
        return opened;
    }

    /** The user's SID. */
    String user() throws NamedPipeException {
        ask(SecurityConstants.TOKEN_USER, TokenUser.SIZE);
        return TokenUser.sid(memory.buffer(), 0);
    }

    /** How far it goes. */
    ImpersonationLevel level() throws NamedPipeException {
        ask(SecurityConstants.TOKEN_IMPERSONATION_LEVEL, Integer.BYTES);
        return ImpersonationLevel.ofToken(memory.buffer().getInt(0));
    }

    private void ask(int informationClass, int length) throws NamedPipeException {
        require(
                win32.GetTokenInformation(
                        value, informationClass, memory.address(), length, memory.address() + RETURN_LENGTH),
                "GetTokenInformation");
    }

    /** Whether a SID is enabled in it. */
    boolean has(NativeMemory sid) throws NamedPipeException {
        require(win32.CheckTokenMembership(value, sid.address(), memory.address()), "CheckTokenMembership");
        return memory.buffer().getInt(0) != 0;
    }

    private void require(int code, String call) throws NamedPipeException {
        if (code != ERROR_SUCCESS) {
            throw pipe.failure(code, call);
        }
    }

    /** Closes it, and frees the memory. */
    void close() {
        if (opened == ERROR_SUCCESS) {
            win32.CloseHandle(value);
        }
        memory.free();
    }
}
