/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

/** Win32's own constants for pipes, files and ports, under their own names. */
public final class PipeConstants {

    /** The handle that is none. */
    public static final long INVALID_HANDLE_VALUE = -1L;

    /** {@code CreateNamedPipeW}, dwOpenMode: the client writes, the server reads. */
    public static final int PIPE_ACCESS_INBOUND = 0x00000001;
    /** {@code CreateNamedPipeW}, dwOpenMode: the server writes, the client reads. */
    public static final int PIPE_ACCESS_OUTBOUND = 0x00000002;
    /** {@code CreateNamedPipeW}, dwOpenMode: both ends read and write. */
    public static final int PIPE_ACCESS_DUPLEX = 0x00000003;
    /** {@code CreateNamedPipeW}, dwOpenMode: fail if the name has an instance already. */
    public static final int FILE_FLAG_FIRST_PIPE_INSTANCE = 0x00080000;
    /** {@code CreateNamedPipeW} and {@code CreateFileW}: asynchronous. */
    public static final int FILE_FLAG_OVERLAPPED = 0x40000000;
    /** {@code CreateNamedPipeW} and {@code CreateFileW}: a remote write returns only once it has arrived. */
    public static final int FILE_FLAG_WRITE_THROUGH = 0x80000000;

    /** {@code CreateNamedPipeW}, dwPipeMode: a stream of bytes. */
    public static final int PIPE_TYPE_BYTE = 0x00000000;
    /** {@code CreateNamedPipeW}, dwPipeMode: a stream of messages. */
    public static final int PIPE_TYPE_MESSAGE = 0x00000004;
    /** dwPipeMode: read bytes. */
    public static final int PIPE_READMODE_BYTE = 0x00000000;
    /** dwPipeMode: read messages. */
    public static final int PIPE_READMODE_MESSAGE = 0x00000002;
    /** {@code CreateNamedPipeW}, dwPipeMode: calls may block (or pend, with {@code OVERLAPPED}). */
    public static final int PIPE_WAIT = 0x00000000;
    /** {@code CreateNamedPipeW}, dwPipeMode: remote clients may connect. */
    public static final int PIPE_ACCEPT_REMOTE_CLIENTS = 0x00000000;
    /** {@code CreateNamedPipeW}, dwPipeMode: remote clients are refused. */
    public static final int PIPE_REJECT_REMOTE_CLIENTS = 0x00000008;

    /** {@code GetNamedPipeInfo}, lpFlags: this is the client end. */
    public static final int PIPE_CLIENT_END = 0x00000000;
    /** {@code GetNamedPipeInfo}, lpFlags: this is the server end. */
    public static final int PIPE_SERVER_END = 0x00000001;

    /** {@code CreateNamedPipeW}, nMaxInstances: as many as resources allow. */
    public static final int PIPE_UNLIMITED_INSTANCES = 255;

    /** Access right: read. */
    public static final int GENERIC_READ = 0x80000000;
    /** Access right: write. */
    public static final int GENERIC_WRITE = 0x40000000;
    /** Access right: read attributes. */
    public static final int FILE_READ_ATTRIBUTES = 0x00000080;
    /** Access right: write attributes; a read-only client needs it to set its read mode. */
    public static final int FILE_WRITE_ATTRIBUTES = 0x00000100;
    /** Access right: wait on the handle. */
    public static final int SYNCHRONIZE = 0x00100000;

    /** {@code CreateFileW}, dwShareMode: others may read. */
    public static final int FILE_SHARE_READ = 0x00000001;
    /** {@code CreateFileW}, dwShareMode: others may write. */
    public static final int FILE_SHARE_WRITE = 0x00000002;
    /** {@code CreateFileW}, dwCreationDisposition: open what exists. */
    public static final int OPEN_EXISTING = 3;
    /** {@code CreateFileW}, dwFlagsAndAttributes: the {@code SECURITY_*} flags count. */
    public static final int SECURITY_SQOS_PRESENT = 0x00100000;
    /** {@code CreateFileW}, dwFlagsAndAttributes: of groups and privileges, the server has those that are enabled. */
    public static final int SECURITY_EFFECTIVE_ONLY = 0x00080000;
    /** {@code CreateFileW}, dwFlagsAndAttributes: the server may not even identify the client. */
    public static final int SECURITY_ANONYMOUS = 0x00000000;
    /** {@code CreateFileW}, dwFlagsAndAttributes: the server may identify, but not act as, the client. */
    public static final int SECURITY_IDENTIFICATION = 0x00010000;
    /** {@code CreateFileW}, dwFlagsAndAttributes: the server may act as the client on this machine. */
    public static final int SECURITY_IMPERSONATION = 0x00020000;
    /** {@code CreateFileW}, dwFlagsAndAttributes: the server may act as the client on other machines, too. */
    public static final int SECURITY_DELEGATION = 0x00030000;

    /** {@code SetFileCompletionNotificationModes}: an operation that succeeds inline queues no packet. */
    public static final int FILE_SKIP_COMPLETION_PORT_ON_SUCCESS = 0x1;
    /** {@code SetFileCompletionNotificationModes}: the handle itself is not signalled. */
    public static final int FILE_SKIP_SET_EVENT_ON_HANDLE = 0x2;

    /** {@code NtFsControlFile}: wait for an instance of a pipe, what {@code WaitNamedPipeW} sends. */
    public static final int FSCTL_PIPE_WAIT = 0x00110018;

    /** {@code WaitForMultipleObjects}: handles in one call. */
    public static final int MAXIMUM_WAIT_OBJECTS = 64;

    private PipeConstants() {}
}
