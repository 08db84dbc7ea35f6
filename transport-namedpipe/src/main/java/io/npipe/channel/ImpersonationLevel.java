/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.npipe.win32.PipeConstants;

/**
 * How far the server of a pipe may go in a client's name: {@link NamedPipeChannelOption#IMPERSONATION_LEVEL}. In the order
 * of Windows' <a
 * href="https://learn.microsoft.com/windows/win32/api/winnt/ne-winnt-security_impersonation_level">
 * SECURITY_IMPERSONATION_LEVEL</a>, each includes those before it. A pipe of another machine does not regard it.
 */
public enum ImpersonationLevel {
    /** The server cannot tell who the client is. */
    ANONYMOUS(PipeConstants.SECURITY_ANONYMOUS),

    /** The server can tell who the client is, and no more. */
    IDENTIFICATION(PipeConstants.SECURITY_IDENTIFICATION),

    /** The server can act as the client on its own machine. */
    IMPERSONATION(PipeConstants.SECURITY_IMPERSONATION),

    /** The server can act as the client on other machines, too. */
    DELEGATION(PipeConstants.SECURITY_DELEGATION);

    private static final ImpersonationLevel[] VALUES = values();

    private final int flag;

    ImpersonationLevel(int flag) {
        this.flag = flag;
    }

    /** {@code SECURITY_*} of {@code CreateFileW}. */
    int flag() {
        return flag;
    }

    /** What a token says. */
    static ImpersonationLevel ofToken(int level) {
        return VALUES[level];
    }
}
