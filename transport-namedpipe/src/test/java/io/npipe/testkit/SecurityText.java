/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import static io.npipe.win32.SecurityConstants.DACL_SECURITY_INFORMATION;
import static io.npipe.win32.SecurityConstants.OWNER_SECURITY_INFORMATION;
import static io.npipe.win32.SecurityConstants.SDDL_REVISION_1;
import static io.npipe.win32.SecurityConstants.SE_KERNEL_OBJECT;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.Win32;

/** Owner and access control list as the kernel writes them, so that two can be compared. */
public final class SecurityText {

    private static final int INFORMATION = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;

    /** Of a descriptor in memory. */
    public static String ofDescriptor(Win32 win32, long descriptor) {
        return answer(
                win32,
                result -> win32.ConvertSecurityDescriptorToStringSecurityDescriptorW(
                        descriptor, SDDL_REVISION_1, INFORMATION, result, 0),
                NativeText::wide);
    }

    /** Of a text. */
    public static String of(Win32 win32, String sddl) {
        NativeMemory text = NativeMemory.ofWideString(sddl);
        try {
            return answer(
                    win32,
                    result -> win32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                            text.address(), SDDL_REVISION_1, result, 0),
                    descriptor -> ofDescriptor(win32, descriptor));
        } finally {
            text.free();
        }
    }

    /** Of a pipe, through a handle of either end. */
    public static String ofPipe(Win32 win32, long handle) {
        return answer(
                win32,
                result -> win32.GetSecurityInfo(handle, SE_KERNEL_OBJECT, INFORMATION, 0, 0, 0, 0, result),
                descriptor -> ofDescriptor(win32, descriptor));
    }

    @FunctionalInterface
    private interface Question {
        int ask(long result);
    }

    @FunctionalInterface
    private interface Reading {
        String at(long address);
    }

    /** What Windows allocates is freed again. */
    private static String answer(Win32 win32, Question question, Reading reading) {
        NativeMemory result = NativeMemory.allocate(Long.BYTES);
        try {
            assertEquals(ERROR_SUCCESS, question.ask(result.address()));
            long address = result.buffer().getLong(0);
            String text = reading.at(address);
            assertEquals(ERROR_SUCCESS, win32.LocalFree(address));
            return text;
        } finally {
            result.free();
        }
    }

    private SecurityText() {}
}
