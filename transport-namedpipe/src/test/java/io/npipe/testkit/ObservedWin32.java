/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import io.npipe.win32.Win32;

/**
 * A {@link Win32} in front of another one, which tells {@link #called} of every call before it is made. The telling
 * allocates nothing.
 */
public class ObservedWin32 implements Win32 {

    /** The functions of the seam. */
    public enum Call {
        CreateNamedPipeW,
        CreateFileW,
        ConnectNamedPipe,
        DisconnectNamedPipe,
        ReadFile,
        WriteFile,
        FlushFileBuffers,
        CancelIoEx,
        GetOverlappedResult,
        CloseHandle,
        GetNamedPipeInfo,
        GetNamedPipeHandleStateW,
        SetNamedPipeHandleState,
        PeekNamedPipe,
        NtFsControlFile,
        CreateIoCompletionPort,
        GetQueuedCompletionStatusEx,
        PostQueuedCompletionStatus,
        SetFileCompletionNotificationModes,
        CreateEventW,
        SetEvent,
        ResetEvent,
        WaitForMultipleObjects,
        GetNamedPipeClientProcessId,
        GetNamedPipeClientSessionId,
        GetNamedPipeServerProcessId,
        GetNamedPipeServerSessionId,
        ImpersonateNamedPipeClient,
        RevertToSelf,
        OpenThreadToken,
        GetTokenInformation,
        CheckTokenMembership,
        ConvertStringSecurityDescriptorToSecurityDescriptorW,
        ConvertSecurityDescriptorToStringSecurityDescriptorW,
        GetSecurityInfo,
        LocalFree,
        RtlNtStatusToDosError,
        currentUserSid,
        sidOfAccount,
        accountOfSid,
        errorText
    }

    private final Win32 delegate;

    /** In front of the given one. */
    public ObservedWin32(Win32 delegate) {
        this.delegate = delegate;
    }

    /** A call is about to be made, on its thread. */
    protected void called(Call call) {}

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
        called(Call.CreateNamedPipeW);
        return delegate.CreateNamedPipeW(
                lpName,
                dwOpenMode,
                dwPipeMode,
                nMaxInstances,
                nOutBufferSize,
                nInBufferSize,
                nDefaultTimeOut,
                lpSecurityAttributes);
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
        called(Call.CreateFileW);
        return delegate.CreateFileW(
                lpFileName,
                dwDesiredAccess,
                dwShareMode,
                lpSecurityAttributes,
                dwCreationDisposition,
                dwFlagsAndAttributes,
                hTemplateFile);
    }

    @Override
    public int ConnectNamedPipe(long hNamedPipe, long lpOverlapped) {
        called(Call.ConnectNamedPipe);
        return delegate.ConnectNamedPipe(hNamedPipe, lpOverlapped);
    }

    @Override
    public int DisconnectNamedPipe(long hNamedPipe) {
        called(Call.DisconnectNamedPipe);
        return delegate.DisconnectNamedPipe(hNamedPipe);
    }

    @Override
    public int ReadFile(
            long hFile, long lpBuffer, int nNumberOfBytesToRead, long lpNumberOfBytesRead, long lpOverlapped) {
        called(Call.ReadFile);
        return delegate.ReadFile(hFile, lpBuffer, nNumberOfBytesToRead, lpNumberOfBytesRead, lpOverlapped);
    }

    @Override
    public int WriteFile(
            long hFile, long lpBuffer, int nNumberOfBytesToWrite, long lpNumberOfBytesWritten, long lpOverlapped) {
        called(Call.WriteFile);
        return delegate.WriteFile(hFile, lpBuffer, nNumberOfBytesToWrite, lpNumberOfBytesWritten, lpOverlapped);
    }

    @Override
    public int FlushFileBuffers(long hFile) {
        called(Call.FlushFileBuffers);
        return delegate.FlushFileBuffers(hFile);
    }

    @Override
    public int CancelIoEx(long hFile, long lpOverlapped) {
        called(Call.CancelIoEx);
        return delegate.CancelIoEx(hFile, lpOverlapped);
    }

    @Override
    public int GetOverlappedResult(long hFile, long lpOverlapped, long lpNumberOfBytesTransferred, int bWait) {
        called(Call.GetOverlappedResult);
        return delegate.GetOverlappedResult(hFile, lpOverlapped, lpNumberOfBytesTransferred, bWait);
    }

    @Override
    public int CloseHandle(long hObject) {
        called(Call.CloseHandle);
        return delegate.CloseHandle(hObject);
    }

    @Override
    public int GetNamedPipeInfo(
            long hNamedPipe, long lpFlags, long lpOutBufferSize, long lpInBufferSize, long lpMaxInstances) {
        called(Call.GetNamedPipeInfo);
        return delegate.GetNamedPipeInfo(hNamedPipe, lpFlags, lpOutBufferSize, lpInBufferSize, lpMaxInstances);
    }

    @Override
    public int GetNamedPipeHandleStateW(long hNamedPipe, long lpState, long lpCurInstances) {
        called(Call.GetNamedPipeHandleStateW);
        return delegate.GetNamedPipeHandleStateW(hNamedPipe, lpState, lpCurInstances);
    }

    @Override
    public int SetNamedPipeHandleState(
            long hNamedPipe, long lpMode, long lpMaxCollectionCount, long lpCollectDataTimeout) {
        called(Call.SetNamedPipeHandleState);
        return delegate.SetNamedPipeHandleState(hNamedPipe, lpMode, lpMaxCollectionCount, lpCollectDataTimeout);
    }

    @Override
    public int PeekNamedPipe(
            long hNamedPipe,
            long lpBuffer,
            int nBufferSize,
            long lpBytesRead,
            long lpTotalBytesAvail,
            long lpBytesLeftThisMessage) {
        called(Call.PeekNamedPipe);
        return delegate.PeekNamedPipe(
                hNamedPipe, lpBuffer, nBufferSize, lpBytesRead, lpTotalBytesAvail, lpBytesLeftThisMessage);
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
        called(Call.NtFsControlFile);
        return delegate.NtFsControlFile(
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
        called(Call.CreateIoCompletionPort);
        return delegate.CreateIoCompletionPort(
                fileHandle, existingCompletionPort, completionKey, numberOfConcurrentThreads);
    }

    @Override
    public int GetQueuedCompletionStatusEx(
            long completionPort,
            long lpCompletionPortEntries,
            int ulCount,
            long ulNumEntriesRemoved,
            int dwMilliseconds,
            int fAlertable) {
        called(Call.GetQueuedCompletionStatusEx);
        return delegate.GetQueuedCompletionStatusEx(
                completionPort, lpCompletionPortEntries, ulCount, ulNumEntriesRemoved, dwMilliseconds, fAlertable);
    }

    @Override
    public int PostQueuedCompletionStatus(
            long completionPort, int dwNumberOfBytesTransferred, long dwCompletionKey, long lpOverlapped) {
        called(Call.PostQueuedCompletionStatus);
        return delegate.PostQueuedCompletionStatus(
                completionPort, dwNumberOfBytesTransferred, dwCompletionKey, lpOverlapped);
    }

    @Override
    public int SetFileCompletionNotificationModes(long fileHandle, int flags) {
        called(Call.SetFileCompletionNotificationModes);
        return delegate.SetFileCompletionNotificationModes(fileHandle, flags);
    }

    @Override
    public long CreateEventW(long lpEventAttributes, int bManualReset, int bInitialState, long lpName) {
        called(Call.CreateEventW);
        return delegate.CreateEventW(lpEventAttributes, bManualReset, bInitialState, lpName);
    }

    @Override
    public int SetEvent(long hEvent) {
        called(Call.SetEvent);
        return delegate.SetEvent(hEvent);
    }

    @Override
    public int ResetEvent(long hEvent) {
        called(Call.ResetEvent);
        return delegate.ResetEvent(hEvent);
    }

    @Override
    public int WaitForMultipleObjects(int nCount, long lpHandles, int bWaitAll, int dwMilliseconds) {
        called(Call.WaitForMultipleObjects);
        return delegate.WaitForMultipleObjects(nCount, lpHandles, bWaitAll, dwMilliseconds);
    }

    @Override
    public int RtlNtStatusToDosError(int status) {
        called(Call.RtlNtStatusToDosError);
        return delegate.RtlNtStatusToDosError(status);
    }

    @Override
    public int ConvertStringSecurityDescriptorToSecurityDescriptorW(
            long stringSecurityDescriptor, int stringSDRevision, long securityDescriptor, long securityDescriptorSize) {
        called(Call.ConvertStringSecurityDescriptorToSecurityDescriptorW);
        return delegate.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                stringSecurityDescriptor, stringSDRevision, securityDescriptor, securityDescriptorSize);
    }

    @Override
    public int LocalFree(long hMem) {
        called(Call.LocalFree);
        return delegate.LocalFree(hMem);
    }

    @Override
    public String currentUserSid() {
        called(Call.currentUserSid);
        return delegate.currentUserSid();
    }

    @Override
    public int GetNamedPipeClientProcessId(long pipe, long clientProcessId) {
        called(Call.GetNamedPipeClientProcessId);
        return delegate.GetNamedPipeClientProcessId(pipe, clientProcessId);
    }

    @Override
    public int GetNamedPipeClientSessionId(long pipe, long clientSessionId) {
        called(Call.GetNamedPipeClientSessionId);
        return delegate.GetNamedPipeClientSessionId(pipe, clientSessionId);
    }

    @Override
    public int GetNamedPipeServerProcessId(long pipe, long serverProcessId) {
        called(Call.GetNamedPipeServerProcessId);
        return delegate.GetNamedPipeServerProcessId(pipe, serverProcessId);
    }

    @Override
    public int GetNamedPipeServerSessionId(long pipe, long serverSessionId) {
        called(Call.GetNamedPipeServerSessionId);
        return delegate.GetNamedPipeServerSessionId(pipe, serverSessionId);
    }

    @Override
    public int ImpersonateNamedPipeClient(long hNamedPipe) {
        called(Call.ImpersonateNamedPipeClient);
        return delegate.ImpersonateNamedPipeClient(hNamedPipe);
    }

    @Override
    public int RevertToSelf() {
        called(Call.RevertToSelf);
        return delegate.RevertToSelf();
    }

    @Override
    public int OpenThreadToken(long threadHandle, int desiredAccess, int openAsSelf, long tokenHandle) {
        called(Call.OpenThreadToken);
        return delegate.OpenThreadToken(threadHandle, desiredAccess, openAsSelf, tokenHandle);
    }

    @Override
    public int GetTokenInformation(
            long tokenHandle,
            int tokenInformationClass,
            long tokenInformation,
            int tokenInformationLength,
            long returnLength) {
        called(Call.GetTokenInformation);
        return delegate.GetTokenInformation(
                tokenHandle, tokenInformationClass, tokenInformation, tokenInformationLength, returnLength);
    }

    @Override
    public int CheckTokenMembership(long tokenHandle, long sidToCheck, long isMember) {
        called(Call.CheckTokenMembership);
        return delegate.CheckTokenMembership(tokenHandle, sidToCheck, isMember);
    }

    @Override
    public int ConvertSecurityDescriptorToStringSecurityDescriptorW(
            long securityDescriptor,
            int requestedStringSDRevision,
            int securityInformation,
            long stringSecurityDescriptor,
            long stringSecurityDescriptorLen) {
        called(Call.ConvertSecurityDescriptorToStringSecurityDescriptorW);
        return delegate.ConvertSecurityDescriptorToStringSecurityDescriptorW(
                securityDescriptor,
                requestedStringSDRevision,
                securityInformation,
                stringSecurityDescriptor,
                stringSecurityDescriptorLen);
    }

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
        called(Call.GetSecurityInfo);
        return delegate.GetSecurityInfo(
                handle, objectType, securityInfo, ppsidOwner, ppsidGroup, ppDacl, ppSacl, ppSecurityDescriptor);
    }

    @Override
    public String sidOfAccount(String account) {
        called(Call.sidOfAccount);
        return delegate.sidOfAccount(account);
    }

    @Override
    public String accountOfSid(String sid) {
        called(Call.accountOfSid);
        return delegate.accountOfSid(sid);
    }

    @Override
    public String errorText(int code) {
        called(Call.errorText);
        return delegate.errorText(code);
    }
}
