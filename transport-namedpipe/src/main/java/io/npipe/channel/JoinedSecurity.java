/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.SecurityConstants;
import io.npipe.win32.Win32;
import java.io.IOException;
import java.net.BindException;

/**
 * Whether a name that may have existed before has the owner and the access control list that this server asks for: Windows
 * ignores silently what a later instance asks for.
 */
final class JoinedSecurity {

    private static final int INFORMATION =
            SecurityConstants.OWNER_SECURITY_INFORMATION | SecurityConstants.DACL_SECURITY_INFORMATION;

    private final Win32 win32;

    private JoinedSecurity(Win32 win32) {
        this.win32 = win32;
    }

    /**
     * Fails unless both pipes have the same.
     *
     * @param joined of the name that was asked for
     * @param fresh of a name of its own, created with the same arguments
     */
    static void requireSame(Win32 win32, PipeHandle joined, PipeHandle fresh) throws IOException {
        JoinedSecurity security = new JoinedSecurity(win32);
        String expected = security.text(fresh);
        String actual = security.text(joined);
        if (!actual.equals(expected)) {
            throw new BindException(joined.address() + ": another server has this pipe, with the security " + actual
                    + " where " + expected + " was asked for");
        }
    }

    private String text(PipeHandle pipe) throws NamedPipeException {
        NativeMemory memory = NativeMemory.allocate(Long.BYTES);
        try {
            require(
                    win32.GetSecurityInfo(
                            pipe.value(),
                            SecurityConstants.SE_KERNEL_OBJECT,
                            INFORMATION,
                            0,
                            0,
                            0,
                            0,
                            memory.address()),
                    pipe,
                    "GetSecurityInfo");
            long descriptor = memory.buffer().getLong(0);
            try {
                require(
                        win32.ConvertSecurityDescriptorToStringSecurityDescriptorW(
                                descriptor, SecurityConstants.SDDL_REVISION_1, INFORMATION, memory.address(), 0),
                        pipe,
                        "ConvertSecurityDescriptorToStringSecurityDescriptorW");
            } finally {
                win32.LocalFree(descriptor);
            }
            long text = memory.buffer().getLong(0);
            try {
                return NativeMemory.wideStringAt(text);
            } finally {
                win32.LocalFree(text);
            }
        } finally {
            memory.free();
        }
    }

    private static void require(int code, PipeHandle pipe, String call) throws NamedPipeException {
        if (code != ERROR_SUCCESS) {
            throw pipe.failure(code, call);
        }
    }
}
