/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * {@link Win32} on Windows, through JNA's direct mapping: declarations, and the translation of their results to the
 * seam's conventions.
 *
 * <p>{@code GetLastError} itself cannot be mapped directly; {@link Native#getLastError()} is JNA's per-thread copy of
 * it, taken right after each call.
 */
public final class JnaWin32 implements Win32 {

    private static final int FALSE = 0;
    private static final int WAIT_FAILED = 0xFFFFFFFF;

    private final ColdWin32 cold = new ColdWin32();

    JnaWin32() {
        Kernel32.bind();
        Ntdll.bind();
        Advapi32.bind();
    }

    @Override
    public long CreateNamedPipeW(
            long lpName,
            int dwOpenMode,
            int dwPipeMode,
            int nMaxInstances,
            int nOutBufferSize,
            int nInBufferSize,
            int nDefaultTimeOut,
            long lpSecurityAttributes) {
        return handleOrError(Kernel32.CreateNamedPipeW(
                lpName,
                dwOpenMode,
                dwPipeMode,
                nMaxInstances,
                nOutBufferSize,
                nInBufferSize,
                nDefaultTimeOut,
                lpSecurityAttributes));
    }

    @Override
    public long CreateFileW(
            long lpFileName,
            int dwDesiredAccess,
            int dwShareMode,
            long lpSecurityAttributes,
            int dwCreationDisposition,
            int dwFlagsAndAttributes,
            long hTemplateFile) {
        return handleOrError(Kernel32.CreateFileW(
                lpFileName,
                dwDesiredAccess,
                dwShareMode,
                lpSecurityAttributes,
                dwCreationDisposition,
                dwFlagsAndAttributes,
                hTemplateFile));
    }

    @Override
    public int ConnectNamedPipe(long hNamedPipe, long lpOverlapped) {
        return error(Kernel32.ConnectNamedPipe(hNamedPipe, lpOverlapped));
    }

    @Override
    public int DisconnectNamedPipe(long hNamedPipe) {
        return error(Kernel32.DisconnectNamedPipe(hNamedPipe));
    }

    @Override
    public int ReadFile(
            long hFile, long lpBuffer, int nNumberOfBytesToRead, long lpNumberOfBytesRead, long lpOverlapped) {
        return error(Kernel32.ReadFile(hFile, lpBuffer, nNumberOfBytesToRead, lpNumberOfBytesRead, lpOverlapped));
    }

    @Override
    public int WriteFile(
            long hFile, long lpBuffer, int nNumberOfBytesToWrite, long lpNumberOfBytesWritten, long lpOverlapped) {
        return error(Kernel32.WriteFile(hFile, lpBuffer, nNumberOfBytesToWrite, lpNumberOfBytesWritten, lpOverlapped));
    }

    @Override
    public int FlushFileBuffers(long hFile) {
        return error(Kernel32.FlushFileBuffers(hFile));
    }

    @Override
    public int CancelIoEx(long hFile, long lpOverlapped) {
        return error(Kernel32.CancelIoEx(hFile, lpOverlapped));
    }

    @Override
    public int GetOverlappedResult(long hFile, long lpOverlapped, long lpNumberOfBytesTransferred, int bWait) {
        return error(Kernel32.GetOverlappedResult(hFile, lpOverlapped, lpNumberOfBytesTransferred, bWait));
    }

    @Override
    public int CloseHandle(long hObject) {
        return error(Kernel32.CloseHandle(hObject));
    }

    @Override
    public int GetNamedPipeInfo(
            long hNamedPipe, long lpFlags, long lpOutBufferSize, long lpInBufferSize, long lpMaxInstances) {
        return error(Kernel32.GetNamedPipeInfo(hNamedPipe, lpFlags, lpOutBufferSize, lpInBufferSize, lpMaxInstances));
    }

    @Override
    public int GetNamedPipeHandleStateW(long hNamedPipe, long lpState, long lpCurInstances) {
        return error(Kernel32.GetNamedPipeHandleStateW(hNamedPipe, lpState, lpCurInstances, 0, 0, 0, 0));
    }

    @Override
    public int SetNamedPipeHandleState(
            long hNamedPipe, long lpMode, long lpMaxCollectionCount, long lpCollectDataTimeout) {
        return error(Kernel32.SetNamedPipeHandleState(hNamedPipe, lpMode, lpMaxCollectionCount, lpCollectDataTimeout));
    }

    @Override
    public int PeekNamedPipe(
            long hNamedPipe,
            long lpBuffer,
            int nBufferSize,
            long lpBytesRead,
            long lpTotalBytesAvail,
            long lpBytesLeftThisMessage) {
        return error(Kernel32.PeekNamedPipe(
                hNamedPipe, lpBuffer, nBufferSize, lpBytesRead, lpTotalBytesAvail, lpBytesLeftThisMessage));
    }

    @Override
    public int NtFsControlFile(
            long hFile,
            long hEvent,
            long apcRoutine,
            long apcContext,
            long ioStatusBlock,
            int fsControlCode,
            long inputBuffer,
            int inputBufferLength,
            long outputBuffer,
            int outputBufferLength) {
        return Ntdll.NtFsControlFile(
                hFile,
                hEvent,
                apcRoutine,
                apcContext,
                ioStatusBlock,
                fsControlCode,
                inputBuffer,
                inputBufferLength,
                outputBuffer,
                outputBufferLength);
    }

    @Override
    public long CreateIoCompletionPort(
            long fileHandle, long existingCompletionPort, long completionKey, int numberOfConcurrentThreads) {
        return handleOrError(Kernel32.CreateIoCompletionPort(
                fileHandle, existingCompletionPort, completionKey, numberOfConcurrentThreads));
    }

    @Override
    public int GetQueuedCompletionStatusEx(
            long completionPort,
            long lpCompletionPortEntries,
            int ulCount,
            long ulNumEntriesRemoved,
            int dwMilliseconds,
            int fAlertable) {
        return error(Kernel32.GetQueuedCompletionStatusEx(
                completionPort, lpCompletionPortEntries, ulCount, ulNumEntriesRemoved, dwMilliseconds, fAlertable));
    }

    @Override
    public int PostQueuedCompletionStatus(
            long completionPort, int dwNumberOfBytesTransferred, long dwCompletionKey, long lpOverlapped) {
        return error(Kernel32.PostQueuedCompletionStatus(
                completionPort, dwNumberOfBytesTransferred, dwCompletionKey, lpOverlapped));
    }

    @Override
    public int SetFileCompletionNotificationModes(long fileHandle, int flags) {
        return error(Kernel32.SetFileCompletionNotificationModes(fileHandle, (byte) flags));
    }

    @Override
    public long CreateEventW(long lpEventAttributes, int bManualReset, int bInitialState, long lpName) {
        return handleOrError(Kernel32.CreateEventW(lpEventAttributes, bManualReset, bInitialState, lpName));
    }

    @Override
    public int SetEvent(long hEvent) {
        return error(Kernel32.SetEvent(hEvent));
    }

    @Override
    public int ResetEvent(long hEvent) {
        return error(Kernel32.ResetEvent(hEvent));
    }

    @Override
    public int WaitForMultipleObjects(int nCount, long lpHandles, int bWaitAll, int dwMilliseconds) {
        int result = Kernel32.WaitForMultipleObjects(nCount, lpHandles, bWaitAll, dwMilliseconds);
        return result == WAIT_FAILED ? -Native.getLastError() : result;
    }

    @Override
    public int GetNamedPipeClientProcessId(long pipe, long clientProcessId) {
        return error(Kernel32.GetNamedPipeClientProcessId(pipe, clientProcessId));
    }

    @Override
    public int GetNamedPipeClientSessionId(long pipe, long clientSessionId) {
        return error(Kernel32.GetNamedPipeClientSessionId(pipe, clientSessionId));
    }

    @Override
    public int GetNamedPipeServerProcessId(long pipe, long serverProcessId) {
        return error(Kernel32.GetNamedPipeServerProcessId(pipe, serverProcessId));
    }

    @Override
    public int GetNamedPipeServerSessionId(long pipe, long serverSessionId) {
        return error(Kernel32.GetNamedPipeServerSessionId(pipe, serverSessionId));
    }

    @Override
    public int ImpersonateNamedPipeClient(long hNamedPipe) {
        return error(Advapi32.ImpersonateNamedPipeClient(hNamedPipe));
    }

    @Override
    public int RevertToSelf() {
        return error(Advapi32.RevertToSelf());
    }

    @Override
    public int OpenThreadToken(long threadHandle, int desiredAccess, int openAsSelf, long tokenHandle) {
        return error(Advapi32.OpenThreadToken(threadHandle, desiredAccess, openAsSelf, tokenHandle));
    }

    @Override
    public int GetTokenInformation(
            long tokenHandle,
            int tokenInformationClass,
            long tokenInformation,
            int tokenInformationLength,
            long returnLength) {
        return error(Advapi32.GetTokenInformation(
                tokenHandle, tokenInformationClass, tokenInformation, tokenInformationLength, returnLength));
    }

    @Override
    public int CheckTokenMembership(long tokenHandle, long sidToCheck, long isMember) {
        return error(Advapi32.CheckTokenMembership(tokenHandle, sidToCheck, isMember));
    }

    @Override
    public int ConvertStringSecurityDescriptorToSecurityDescriptorW(
            long stringSecurityDescriptor, int stringSDRevision, long securityDescriptor, long securityDescriptorSize) {
        return error(Advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                stringSecurityDescriptor, stringSDRevision, securityDescriptor, securityDescriptorSize));
    }

    @Override
    public int ConvertSecurityDescriptorToStringSecurityDescriptorW(
            long securityDescriptor,
            int requestedStringSDRevision,
            int securityInformation,
            long stringSecurityDescriptor,
            long stringSecurityDescriptorLen) {
        return error(Advapi32.ConvertSecurityDescriptorToStringSecurityDescriptorW(
                securityDescriptor,
                requestedStringSDRevision,
                securityInformation,
                stringSecurityDescriptor,
                stringSecurityDescriptorLen));
    }

    /** This one answers its code itself. */
    @Override
    public int GetSecurityInfo(
            long handle,
            int objectType,
            int securityInfo,
            long ppsidOwner,
            long ppsidGroup,
            long ppDacl,
            long ppSacl,
            long ppSecurityDescriptor) {
        return Advapi32.GetSecurityInfo(
                handle, objectType, securityInfo, ppsidOwner, ppsidGroup, ppDacl, ppSacl, ppSecurityDescriptor);
    }

    @Override
    public int LocalFree(long hMem) {
        return Kernel32.LocalFree(hMem) == 0 ? ERROR_SUCCESS : Native.getLastError();
    }

    @Override
    public int RtlNtStatusToDosError(int status) {
        return Ntdll.RtlNtStatusToDosError(status);
    }

    @Override
    public String currentUserSid() {
        return cold.currentUserSid();
    }

    @Override
    public String sidOfAccount(String account) {
        return cold.sidOfAccount(account);
    }

    @Override
    public String accountOfSid(String sid) {
        return cold.accountOfSid(sid);
    }

    @Override
    public String errorText(int code) {
        return cold.errorText(code);
    }

    private static int error(int bool) {
        return bool != FALSE ? ERROR_SUCCESS : Native.getLastError();
    }

    private static long handleOrError(long handle) {
        return handle == 0 || handle == PipeConstants.INVALID_HANDLE_VALUE ? -Native.getLastError() : handle;
    }

    /** {@code kernel32.dll}. */
    private static final class Kernel32 {

        static {
            Native.register(Kernel32.class, NativeLibrary.getInstance("kernel32"));
        }

        static void bind() {
            // running the initialiser above is all
        }

        static native long CreateNamedPipeW(
                long lpName,
                int dwOpenMode,
                int dwPipeMode,
                int nMaxInstances,
                int nOutBufferSize,
                int nInBufferSize,
                int nDefaultTimeOut,
                long lpSecurityAttributes);

        static native long CreateFileW(
                long lpFileName,
                int dwDesiredAccess,
                int dwShareMode,
                long lpSecurityAttributes,
                int dwCreationDisposition,
                int dwFlagsAndAttributes,
                long hTemplateFile);

        static native int ConnectNamedPipe(long hNamedPipe, long lpOverlapped);

        static native int DisconnectNamedPipe(long hNamedPipe);

        static native int ReadFile(
                long hFile, long lpBuffer, int nNumberOfBytesToRead, long lpNumberOfBytesRead, long lpOverlapped);

        static native int WriteFile(
                long hFile, long lpBuffer, int nNumberOfBytesToWrite, long lpNumberOfBytesWritten, long lpOverlapped);

        static native int FlushFileBuffers(long hFile);

        static native int CancelIoEx(long hFile, long lpOverlapped);

        static native int GetOverlappedResult(
                long hFile, long lpOverlapped, long lpNumberOfBytesTransferred, int bWait);

        static native int CloseHandle(long hObject);

        static native int GetNamedPipeInfo(
                long hNamedPipe, long lpFlags, long lpOutBufferSize, long lpInBufferSize, long lpMaxInstances);

        static native int GetNamedPipeHandleStateW(
                long hNamedPipe,
                long lpState,
                long lpCurInstances,
                long lpMaxCollectionCount,
                long lpCollectDataTimeout,
                long lpUserName,
                int nMaxUserNameSize);

        static native int SetNamedPipeHandleState(
                long hNamedPipe, long lpMode, long lpMaxCollectionCount, long lpCollectDataTimeout);

        static native int PeekNamedPipe(
                long hNamedPipe,
                long lpBuffer,
                int nBufferSize,
                long lpBytesRead,
                long lpTotalBytesAvail,
                long lpBytesLeftThisMessage);

        static native long CreateIoCompletionPort(
                long fileHandle, long existingCompletionPort, long completionKey, int numberOfConcurrentThreads);

        static native int GetQueuedCompletionStatusEx(
                long completionPort,
                long lpCompletionPortEntries,
                int ulCount,
                long ulNumEntriesRemoved,
                int dwMilliseconds,
                int fAlertable);

        static native int PostQueuedCompletionStatus(
                long completionPort, int dwNumberOfBytesTransferred, long dwCompletionKey, long lpOverlapped);

        static native int SetFileCompletionNotificationModes(long fileHandle, byte flags);

        static native long CreateEventW(long lpEventAttributes, int bManualReset, int bInitialState, long lpName);

        static native int SetEvent(long hEvent);

        static native int ResetEvent(long hEvent);

        static native int WaitForMultipleObjects(int nCount, long lpHandles, int bWaitAll, int dwMilliseconds);

        static native int GetNamedPipeClientProcessId(long pipe, long clientProcessId);

        static native int GetNamedPipeClientSessionId(long pipe, long clientSessionId);

        static native int GetNamedPipeServerProcessId(long pipe, long serverProcessId);

        static native int GetNamedPipeServerSessionId(long pipe, long serverSessionId);

        static native long LocalFree(long hMem);
    }

    /** {@code ntdll.dll}. */
    private static final class Ntdll {

        static {
            Native.register(Ntdll.class, NativeLibrary.getInstance("ntdll"));
        }

        static void bind() {
            // running the initialiser above is all
        }

        static native int NtFsControlFile(
                long hFile,
                long hEvent,
                long apcRoutine,
                long apcContext,
                long ioStatusBlock,
                int fsControlCode,
                long inputBuffer,
                int inputBufferLength,
                long outputBuffer,
                int outputBufferLength);

        static native int RtlNtStatusToDosError(int status);
    }

    /** {@code advapi32.dll}. */
    private static final class Advapi32 {

        static {
            Native.register(Advapi32.class, NativeLibrary.getInstance("advapi32"));
        }

        static void bind() {
            // running the initialiser above is all
        }

        static native int ImpersonateNamedPipeClient(long hNamedPipe);

        static native int RevertToSelf();

        static native int OpenThreadToken(long threadHandle, int desiredAccess, int openAsSelf, long tokenHandle);

        static native int GetTokenInformation(
                long tokenHandle,
                int tokenInformationClass,
                long tokenInformation,
                int tokenInformationLength,
                long returnLength);

        static native int CheckTokenMembership(long tokenHandle, long sidToCheck, long isMember);

        static native int ConvertSecurityDescriptorToStringSecurityDescriptorW(
                long securityDescriptor,
                int requestedStringSDRevision,
                int securityInformation,
                long stringSecurityDescriptor,
                long stringSecurityDescriptorLen);

        static native int GetSecurityInfo(
                long handle,
                int objectType,
                int securityInfo,
                long ppsidOwner,
                long ppsidGroup,
                long ppDacl,
                long ppSacl,
                long ppSecurityDescriptor);

        static native int ConvertStringSecurityDescriptorToSecurityDescriptorW(
                long stringSecurityDescriptor,
                int stringSDRevision,
                long securityDescriptor,
                long securityDescriptorSize);
    }
}
