/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * Windows calls that tests make and the transport does not. By the conventions of {@link io.npipe.win32.Win32}, but each
 * answers what Windows answers: for a {@code BOOL}, {@link #error} tells the code.
 */
public final class MoreWin32 {

    public static final int SYSTEM_EXTENDED_HANDLE_INFORMATION = 64;

    /** Access of {@link #OpenProcess}. */
    public static final int PROCESS_DUP_HANDLE = 0x40;

    /** Option of {@link #DuplicateHandle}. */
    public static final int DUPLICATE_SAME_ACCESS = 2;

    static {
        Native.register(MoreWin32.class, NativeLibrary.getInstance("kernel32"));
    }

    /** The code of a call that answers a {@code BOOL}. */
    public static int error(int bool) {
        return bool != 0 ? 0 : Native.getLastError();
    }

    /** Answers a handle that means the calling process, whichever that is. */
    public static native long GetCurrentProcess();

    /** Answers the number of the calling process. */
    public static native int GetCurrentProcessId();

    /** Opens a process by its number; answers a handle, or 0. */
    public static native long OpenProcess(int dwDesiredAccess, int bInheritHandle, int dwProcessId);

    /** Makes a second handle for what one stands for, in the same process or another one. */
    public static native int DuplicateHandle(
            long hSourceProcessHandle,
            long hSourceHandle,
            long hTargetProcessHandle,
            long lpTargetHandle,
            int dwDesiredAccess,
            int bInheritHandle,
            int dwOptions);

    /** Writes a message and reads the answer. */
    public static native int TransactNamedPipe(
            long hNamedPipe,
            long lpInBuffer,
            int nInBufferSize,
            long lpOutBuffer,
            int nOutBufferSize,
            long lpBytesRead,
            long lpOverlapped);

    /** {@code ntdll.dll}. */
    public static final class Ntdll {

        static {
            Native.register(Ntdll.class, NativeLibrary.getInstance("ntdll"));
        }

        /** Tells something of the system; answers a status. */
        public static native int NtQuerySystemInformation(
                int systemInformationClass, long systemInformation, int length, long returnLength);

        private Ntdll() {}
    }

    /** {@code advapi32.dll}. */
    public static final class Advapi32 {

        static {
            Native.register(Advapi32.class, NativeLibrary.getInstance("advapi32"));
        }

        /** Opens the token of a process. */
        public static native int OpenProcessToken(long processHandle, int desiredAccess, long tokenHandle);

        /** Switches privileges of a token on or off. */
        public static native int AdjustTokenPrivileges(
                long tokenHandle,
                int disableAllPrivileges,
                long newState,
                int bufferLength,
                long previousState,
                long returnLength);

        private Advapi32() {}
    }

    private MoreWin32() {}
}
