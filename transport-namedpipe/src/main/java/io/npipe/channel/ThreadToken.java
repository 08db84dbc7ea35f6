/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_CANT_OPEN_ANONYMOUS;
import static io.npipe.win32.Win32Error.ERROR_NO_TOKEN;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.SecurityConstants;
import io.npipe.win32.TokenUser;
import io.npipe.win32.Win32;

/**
 * The token that a thread impersonates with, opened with the rights of the process. It is as good on any thread, and after
 * the impersonation. Closed once, by whoever opened it.
 */
final class ThreadToken {

    private static final int TRUE = 1;
    private static final int RETURN_LENGTH = TokenUser.SIZE;

    private final Win32 win32;
    private final PipeHandle pipe;
    private final long value;
    private final NativeMemory memory;

    private ThreadToken(Win32 win32, PipeHandle pipe, long value, NativeMemory memory) {
        this.win32 = win32;
        this.pipe = pipe;
        this.value = value;
        this.memory = memory;
    }

    /**
     * What became of opening it.
     *
     * @param code {@link io.npipe.win32.Win32Error#ERROR_SUCCESS}, or why it could not be opened
     * @param token null if it could not
     */
    record Opened(int code, ThreadToken token) {

        /** Whether the thread impersonates nobody. */
        boolean isNone() {
            return code == ERROR_NO_TOKEN;
        }

        /** Whether the thread impersonates someone who did not say who it is. */
        boolean isAnonymous() {
            return code == ERROR_CANT_OPEN_ANONYMOUS;
        }

        void close() {
            if (token != null) {
                token.close();
            }
        }
    }

    /** Makes room for the answers; before the impersonation begins, so that nothing can fail within it. */
    static NativeMemory memory() {
        return NativeMemory.allocate(TokenUser.SIZE + Integer.BYTES);
    }

    /**
     * Opens the token of the calling thread.
     *
     * @param pipe whose client it is, for exceptions
     * @param memory for answers; remains the caller's, who frees it after the last question
     */
    static Opened open(Win32 win32, PipeHandle pipe, NativeMemory memory) {
        int code = win32.OpenThreadToken(Win32.CURRENT_THREAD, SecurityConstants.TOKEN_QUERY, TRUE, memory.address());
        return code == ERROR_SUCCESS
                ? new Opened(code, new ThreadToken(win32, pipe, memory.buffer().getLong(0), memory))
                : new Opened(code, null);
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

    void close() {
        win32.CloseHandle(value);
    }
}
