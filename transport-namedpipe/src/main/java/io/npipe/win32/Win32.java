/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

/**
 * The kernel seam: the few Windows calls that this transport and its tests make, as primitives only.
 *
 * <p>Conventions, the same for every method:
 *
 * <ul>
 *   <li>Methods and parameters carry their Win32 names; each follows the Microsoft page of that name.
 *   <li>Handles and addresses are {@code long}, a {@code BOOL} parameter is an {@code int}.
 *   <li>A call that answers {@code BOOL} returns its error code instead: {@link Win32Error#ERROR_SUCCESS} or what
 *       {@code GetLastError} said. {@link Win32Error#ERROR_IO_PENDING} is such a code.
 *   <li>A call that answers a handle returns the handle (never negative), or the <em>negated</em> error code.
 *   <li>A call that answers an {@code NTSTATUS} returns it as it is.
 *   <li>Strings are addresses of NUL-terminated UTF-16LE text, see {@link NativeMemory#ofWideString(String)}.
 * </ul>
 *
 * <p>Memory handed over with an {@code OVERLAPPED} belongs to the kernel from before the call until its completion has
 * been taken from the port (or its event was seen set), or until the call returned an error other than {@link
 * Win32Error#ERROR_IO_PENDING}; the caller keeps it allocated for that long. Nothing here allocates, nothing here
 * throws for an error of the call.
 *
 * <p>All methods may be called from any thread. {@link #GetQueuedCompletionStatusEx} and {@link #WaitForMultipleObjects} are
 * there to block; that of the others which may do so says it.
 *
 * <p>{@link JnaWin32} is the implementation on Windows. Tests put others behind the same interface.
 */
public interface Win32 {

    /** The timeout that never expires, for the calls that wait. */
    int INFINITE = 0xFFFFFFFF;

    /** What {@code GetCurrentThread} answers: the handle that means whichever thread uses it. */
    long CURRENT_THREAD = -2L;

    // ---- pipes and files -------------------------------------------------------------------------------------------

    /**
     * Creates an instance of a named pipe and returns its server end.
     *
     * @param lpName address of the path, {@code \\.\pipe\name}
     * @param dwOpenMode {@link PipeConstants} {@code PIPE_ACCESS_*} and {@code FILE_FLAG_*}
     * @param dwPipeMode {@link PipeConstants} {@code PIPE_TYPE_*}, {@code PIPE_READMODE_*}, {@code PIPE_*_REMOTE_CLIENTS}
     * @param nMaxInstances 1 to 254, or {@link PipeConstants#PIPE_UNLIMITED_INSTANCES}
     * @param nOutBufferSize outbound quota in bytes
     * @param nInBufferSize inbound quota in bytes
     * @param nDefaultTimeOut default wait of clients in milliseconds, 0 for the system's
     * @param lpSecurityAttributes address of a {@link SecurityAttributes}, or 0
     * @return the handle, or the negated error code
     */
    long CreateNamedPipeW(
            long lpName,
            int dwOpenMode,
            int dwPipeMode,
            int nMaxInstances,
            int nOutBufferSize,
            int nInBufferSize,
            int nDefaultTimeOut,
            long lpSecurityAttributes);

    /**
     * Opens a file; here: the client end of a pipe, or the root of the pipe file system.
     *
     * @param lpFileName address of the path
     * @param dwDesiredAccess access rights, {@link PipeConstants} {@code GENERIC_*} and {@code FILE_*}
     * @param dwShareMode sharing, {@link PipeConstants} {@code FILE_SHARE_*}
     * @param lpSecurityAttributes address of a {@link SecurityAttributes}, or 0
     * @param dwCreationDisposition {@link PipeConstants#OPEN_EXISTING} for a pipe
     * @param dwFlagsAndAttributes {@link PipeConstants} {@code FILE_FLAG_*} and {@code SECURITY_*}
     * @param hTemplateFile 0
     * @return the handle, or the negated error code
     */
    long CreateFileW(
            long lpFileName,
            int dwDesiredAccess,
            int dwShareMode,
            long lpSecurityAttributes,
            int dwCreationDisposition,
            int dwFlagsAndAttributes,
            long hTemplateFile);

    /**
     * Starts to wait for a client on an instance.
     *
     * @param hNamedPipe server end
     * @param lpOverlapped address of an {@link Overlapped}
     * @return {@link Win32Error#ERROR_IO_PENDING}; {@link Win32Error#ERROR_PIPE_CONNECTED} and {@link
     *     Win32Error#ERROR_NO_DATA} both mean that a client has connected already, without packet or event; or an error
     */
    int ConnectNamedPipe(long hNamedPipe, long lpOverlapped);

    /**
     * Cuts the client off and discards what it has not read.
     *
     * @param hNamedPipe server end
     * @return error code
     */
    int DisconnectNamedPipe(long hNamedPipe);

    /**
     * Reads.
     *
     * @param hFile handle
     * @param lpBuffer address that the kernel writes to
     * @param nNumberOfBytesToRead its size in bytes
     * @param lpNumberOfBytesRead address of a 32-bit count, or 0 with an {@code OVERLAPPED}, whose {@code InternalHigh}
     *     then tells it
     * @param lpOverlapped address of an {@link Overlapped}, or 0 on a synchronous handle
     * @return error code
     */
    int ReadFile(long hFile, long lpBuffer, int nNumberOfBytesToRead, long lpNumberOfBytesRead, long lpOverlapped);

    /**
     * Writes.
     *
     * @param hFile handle
     * @param lpBuffer address of the bytes
     * @param nNumberOfBytesToWrite how many
     * @param lpNumberOfBytesWritten address of a 32-bit count, or 0 with an {@code OVERLAPPED}
     * @param lpOverlapped address of an {@link Overlapped}, or 0 on a synchronous handle
     * @return error code
     */
    int WriteFile(long hFile, long lpBuffer, int nNumberOfBytesToWrite, long lpNumberOfBytesWritten, long lpOverlapped);

    /**
     * Waits until the peer has read everything. Blocks.
     *
     * @param hFile handle
     * @return error code
     */
    int FlushFileBuffers(long hFile);

    /**
     * Asks for the cancellation of operations on a handle; their completions still come.
     *
     * @param hFile handle
     * @param lpOverlapped address of the operation's {@link Overlapped}, or 0 for all of the handle
     * @return error code; {@link Win32Error#ERROR_NOT_FOUND} if there is nothing to cancel
     */
    int CancelIoEx(long hFile, long lpOverlapped);

    /**
     * Tells how an operation ended.
     *
     * @param hFile handle
     * @param lpOverlapped address of the operation's {@link Overlapped}
     * @param lpNumberOfBytesTransferred address of a 32-bit count
     * @param bWait 0 to answer {@link Win32Error#ERROR_IO_INCOMPLETE} while it is under way, 1 to block until it ends
     * @return error code
     */
    int GetOverlappedResult(long hFile, long lpOverlapped, long lpNumberOfBytesTransferred, int bWait);

    /**
     * Closes a handle of any kind.
     *
     * @param hObject handle
     * @return error code
     */
    int CloseHandle(long hObject);

    /**
     * Tells what a pipe is.
     *
     * @param hNamedPipe either end
     * @param lpFlags address of a 32-bit result, or 0: {@code PIPE_SERVER_END}, {@code PIPE_TYPE_MESSAGE}
     * @param lpOutBufferSize address of a 32-bit result in bytes, or 0
     * @param lpInBufferSize address of a 32-bit result in bytes, or 0
     * @param lpMaxInstances address of a 32-bit result, or 0
     * @return error code
     */
    int GetNamedPipeInfo(long hNamedPipe, long lpFlags, long lpOutBufferSize, long lpInBufferSize, long lpMaxInstances);

    /**
     * Tells the state of one end.
     *
     * @param hNamedPipe either end
     * @param lpState address of a 32-bit result, or 0: {@code PIPE_READMODE_MESSAGE}, {@code PIPE_NOWAIT}
     * @param lpCurInstances address of a 32-bit result, or 0
     * @return error code
     */
    int GetNamedPipeHandleStateW(long hNamedPipe, long lpState, long lpCurInstances);

    /**
     * Sets how one end reads.
     *
     * @param hNamedPipe either end
     * @param lpMode address of a 32-bit mode, {@link PipeConstants} {@code PIPE_READMODE_*}
     * @param lpMaxCollectionCount 0, or address of a 32-bit count (remote pipes)
     * @param lpCollectDataTimeout 0, or address of a 32-bit time in milliseconds (remote pipes)
     * @return error code
     */
    int SetNamedPipeHandleState(long hNamedPipe, long lpMode, long lpMaxCollectionCount, long lpCollectDataTimeout);

    /**
     * Looks at what could be read, without taking it.
     *
     * @param hNamedPipe either end
     * @param lpBuffer address for a copy, or 0
     * @param nBufferSize its size in bytes
     * @param lpBytesRead address of a 32-bit result, or 0
     * @param lpTotalBytesAvail address of a 32-bit result, or 0
     * @param lpBytesLeftThisMessage address of a 32-bit result, or 0; meaningless on byte pipes
     * @return error code
     */
    int PeekNamedPipe(
            long hNamedPipe,
            long lpBuffer,
            int nBufferSize,
            long lpBytesRead,
            long lpTotalBytesAvail,
            long lpBytesLeftThisMessage);

    /**
     * Sends a control code to a file system, asynchronously on an overlapped handle.
     *
     * @param hFile handle
     * @param hEvent event to set, or 0
     * @param apcRoutine 0
     * @param apcContext what the packet carries as its {@code lpOverlapped}; without it no packet comes
     * @param ioStatusBlock address of an {@link Overlapped}, whose head is an {@code IO_STATUS_BLOCK}
     * @param fsControlCode code, such as {@link PipeConstants#FSCTL_PIPE_WAIT}
     * @param inputBuffer address of the input
     * @param inputBufferLength its size in bytes
     * @param outputBuffer address for the output, or 0
     * @param outputBufferLength its size in bytes
     * @return {@code NTSTATUS}; {@link NtStatus#STATUS_PENDING} and every success are followed by a packet
     */
    int NtFsControlFile(
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

    // ---- completion ports ------------------------------------------------------------------------------------------

    /**
     * Creates a port, or joins a handle to one for the rest of the handle's life.
     *
     * @param fileHandle handle to join, or {@link PipeConstants#INVALID_HANDLE_VALUE}
     * @param existingCompletionPort port, or 0 for a new one
     * @param completionKey what the handle's packets carry
     * @param numberOfConcurrentThreads threads that may run at once, for a new port
     * @return the port, or the negated error code
     */
    long CreateIoCompletionPort(
            long fileHandle, long existingCompletionPort, long completionKey, int numberOfConcurrentThreads);

    /**
     * Takes packets from a port. Blocks.
     *
     * @param completionPort port
     * @param lpCompletionPortEntries address of an array of {@link OverlappedEntry}
     * @param ulCount entries in it
     * @param ulNumEntriesRemoved address of a 32-bit result
     * @param dwMilliseconds how long to wait for the first, {@link #INFINITE} for ever
     * @param fAlertable 0
     * @return error code; {@link Win32Error#WAIT_TIMEOUT} if none came
     */
    int GetQueuedCompletionStatusEx(
            long completionPort,
            long lpCompletionPortEntries,
            int ulCount,
            long ulNumEntriesRemoved,
            int dwMilliseconds,
            int fAlertable);

    /**
     * Puts a packet of the caller's own into a port.
     *
     * @param completionPort port
     * @param dwNumberOfBytesTransferred free for the caller
     * @param dwCompletionKey free for the caller
     * @param lpOverlapped free for the caller
     * @return error code
     */
    int PostQueuedCompletionStatus(
            long completionPort, int dwNumberOfBytesTransferred, long dwCompletionKey, long lpOverlapped);

    /**
     * Sets what a handle's completions do.
     *
     * @param fileHandle handle
     * @param flags {@link PipeConstants#FILE_SKIP_COMPLETION_PORT_ON_SUCCESS}, {@link
     *     PipeConstants#FILE_SKIP_SET_EVENT_ON_HANDLE}
     * @return error code
     */
    int SetFileCompletionNotificationModes(long fileHandle, int flags);

    // ---- events ----------------------------------------------------------------------------------------------------

    /**
     * Creates an event.
     *
     * @param lpEventAttributes address of a {@link SecurityAttributes}, or 0
     * @param bManualReset 1 if it stays set until reset
     * @param bInitialState 1 if it begins set
     * @param lpName 0
     * @return the handle, or the negated error code
     */
    long CreateEventW(long lpEventAttributes, int bManualReset, int bInitialState, long lpName);

    /**
     * Sets an event.
     *
     * @param hEvent event
     * @return error code
     */
    int SetEvent(long hEvent);

    /**
     * Resets an event.
     *
     * @param hEvent event
     * @return error code
     */
    int ResetEvent(long hEvent);

    /**
     * Waits for handles. Blocks.
     *
     * @param nCount how many, at most {@link PipeConstants#MAXIMUM_WAIT_OBJECTS}
     * @param lpHandles address of the array of 64-bit handles
     * @param bWaitAll 1 to wait for all of them
     * @param dwMilliseconds how long, {@link #INFINITE} for ever
     * @return index of the first that is set, {@link Win32Error#WAIT_TIMEOUT}, or the negated error code
     */
    int WaitForMultipleObjects(int nCount, long lpHandles, int bWaitAll, int dwMilliseconds);

    // ---- who is there ----------------------------------------------------------------------------------------------

    /**
     * Tells the process that opened a pipe. It may have ended, and its number may have been given to another one.
     *
     * @param pipe either end
     * @param clientProcessId address of a 32-bit result
     * @return error code
     */
    int GetNamedPipeClientProcessId(long pipe, long clientProcessId);

    /**
     * Tells the session of the process that opened a pipe.
     *
     * @param pipe either end
     * @param clientSessionId address of a 32-bit result
     * @return error code
     */
    int GetNamedPipeClientSessionId(long pipe, long clientSessionId);

    /**
     * Tells the process that created a pipe.
     *
     * @param pipe either end
     * @param serverProcessId address of a 32-bit result
     * @return error code
     */
    int GetNamedPipeServerProcessId(long pipe, long serverProcessId);

    /**
     * Tells the session of the process that created a pipe.
     *
     * @param pipe either end
     * @param serverSessionId address of a 32-bit result
     * @return error code
     */
    int GetNamedPipeServerSessionId(long pipe, long serverSessionId);

    /**
     * Makes the calling thread act as the client of a pipe, as far as the client allows. Whoever calls it calls {@link
     * #RevertToSelf} on the same thread.
     *
     * @param hNamedPipe server end
     * @return error code; {@link Win32Error#ERROR_CANNOT_IMPERSONATE} if Windows cannot tell before the first read
     */
    int ImpersonateNamedPipeClient(long hNamedPipe);

    /**
     * Makes the calling thread act as its process again. If that fails, the thread must not go on.
     *
     * @return error code
     */
    int RevertToSelf();

    /**
     * Opens the token that a thread impersonates with.
     *
     * @param threadHandle {@link #CURRENT_THREAD}
     * @param desiredAccess {@link SecurityConstants#TOKEN_QUERY}
     * @param openAsSelf 1 to open it with the rights of the process, not with those of the token itself
     * @param tokenHandle address of a 64-bit result, to be closed with {@link #CloseHandle}
     * @return error code; {@link Win32Error#ERROR_NO_TOKEN} if the thread does not impersonate, {@link
     *     Win32Error#ERROR_CANT_OPEN_ANONYMOUS} if it impersonates someone who did not say who it is
     */
    int OpenThreadToken(long threadHandle, int desiredAccess, int openAsSelf, long tokenHandle);

    /**
     * Tells something of a token.
     *
     * @param tokenHandle token
     * @param tokenInformationClass {@link SecurityConstants#TOKEN_USER}, {@link
     *     SecurityConstants#TOKEN_IMPERSONATION_LEVEL}
     * @param tokenInformation address for the answer
     * @param tokenInformationLength its size in bytes
     * @param returnLength address of a 32-bit result, the size needed
     * @return error code
     */
    int GetTokenInformation(
            long tokenHandle,
            int tokenInformationClass,
            long tokenInformation,
            int tokenInformationLength,
            long returnLength);

    /**
     * Tells whether a SID is enabled in a token.
     *
     * @param tokenHandle token of an impersonation
     * @param sidToCheck address of the SID
     * @param isMember address of a 32-bit result
     * @return error code
     */
    int CheckTokenMembership(long tokenHandle, long sidToCheck, long isMember);

    // ---- security descriptors --------------------------------------------------------------------------------------

    /**
     * Makes a security descriptor from its text form.
     *
     * @param stringSecurityDescriptor address of the SDDL text
     * @param stringSDRevision 1
     * @param securityDescriptor address of a 64-bit result, to be freed with {@link #LocalFree}
     * @param securityDescriptorSize address of a 32-bit result, or 0
     * @return error code
     */
    int ConvertStringSecurityDescriptorToSecurityDescriptorW(
            long stringSecurityDescriptor, int stringSDRevision, long securityDescriptor, long securityDescriptorSize);

    /**
     * Makes the text form of a security descriptor.
     *
     * @param securityDescriptor address of the descriptor
     * @param requestedStringSDRevision 1
     * @param securityInformation {@link SecurityConstants} {@code *_SECURITY_INFORMATION}
     * @param stringSecurityDescriptor address of a 64-bit result, to be freed with {@link #LocalFree}
     * @param stringSecurityDescriptorLen address of a 32-bit result, or 0
     * @return error code
     */
    int ConvertSecurityDescriptorToStringSecurityDescriptorW(
            long securityDescriptor,
            int requestedStringSDRevision,
            int securityInformation,
            long stringSecurityDescriptor,
            long stringSecurityDescriptorLen);

    /**
     * Reads the security descriptor of what a handle stands for.
     *
     * @param handle handle with the right {@code READ_CONTROL}, which {@code GENERIC_READ} and {@code GENERIC_WRITE} have
     * @param objectType {@link SecurityConstants#SE_KERNEL_OBJECT} for pipes
     * @param securityInfo {@link SecurityConstants} {@code *_SECURITY_INFORMATION}
     * @param ppsidOwner address of a 64-bit result, the address of the owner's SID within the descriptor, or 0
     * @param ppsidGroup 0
     * @param ppDacl 0
     * @param ppSacl 0
     * @param ppSecurityDescriptor address of a 64-bit result, to be freed with {@link #LocalFree}
     * @return error code
     */
    int GetSecurityInfo(
            long handle,
            int objectType,
            int securityInfo,
            long ppsidOwner,
            long ppsidGroup,
            long ppDacl,
            long ppSacl,
            long ppSecurityDescriptor);

    /**
     * Frees what Windows allocated.
     *
     * @param hMem address
     * @return error code
     */
    int LocalFree(long hMem);

    // ---- cold paths ------------------------------------------------------------------------------------------------

    /**
     * Translates a status, as a packet carries it, to the code that {@code GetLastError} would have told.
     *
     * @param status {@code NTSTATUS}
     * @return error code
     */
    int RtlNtStatusToDosError(int status);

    /**
     * Tells the SID of the user whom this process runs as ({@code TokenUser}, not {@code TokenOwner}).
     *
     * @return the SID as text, {@code S-1-5-…}
     * @throws java.io.UncheckedIOException if Windows does not tell it
     */
    String currentUserSid();

    /**
     * Looks an account up. May ask another machine, and take its time.
     *
     * @param account user or group, {@code name} or {@code domain\name}
     * @return its SID as text, or null if there is no such account
     * @throws java.io.UncheckedIOException if Windows does not tell it
     */
    String sidOfAccount(String account);

    /**
     * Looks a SID up. May ask another machine, and take its time.
     *
     * @param sid SID as text
     * @return its account as {@code domain\name}, {@code name} if it has no domain, or null if it has no account
     * @throws java.io.UncheckedIOException if Windows does not tell it
     */
    String accountOfSid(String sid);

    /**
     * Tells the system's text for an error code.
     *
     * @param code error code
     * @return one sentence, without line breaks; never null
     */
    String errorText(int code);
}
