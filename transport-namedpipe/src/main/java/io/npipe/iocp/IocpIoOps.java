/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import io.netty.channel.IoOps;
import io.npipe.win32.Win32Error;

/**
 * One operation to submit through an {@link IocpIoRegistration}. An object may be filled and submitted again and again,
 * so that reading and writing allocate nothing; the registration does not keep it.
 *
 * <p>A registration has one {@code OVERLAPPED} for each opcode, so at most one operation of each is under way at a time.
 *
 * <p>{@code submit} answers a <em>result</em>: {@link #code(long)} is {@link Win32Error#ERROR_IO_PENDING} if an {@link
 * IocpIoEvent} will follow, and whatever else it says is final: no event follows. Event loop only.
 */
public final class IocpIoOps implements IoOps {

    /** {@code ReadFile}. */
    public static final byte READ = 0;
    /** {@code WriteFile}. */
    public static final byte WRITE = 1;
    /** {@code NtFsControlFile}. */
    public static final byte CONTROL = 2;
    /** What {@link IocpIoRegistration#post(int)} delivers; never submitted. */
    public static final byte POST = 3;

    static final int OVERLAPPED_SLOTS = 3;

    private byte opcode;
    private long handle;
    private long address;
    private int length;
    private int controlCode;
    private boolean skipsPacketOnSuccess;

    /** To be filled by {@link #read}, {@link #write} or {@link #control} before each submission. */
    public IocpIoOps() {}

    /**
     * Becomes a read.
     *
     * @param fileHandle handle that {@linkplain IocpIoRegistration#associate(long) joined} the port
     * @param bufferAddress where the kernel writes; stays allocated until the operation's end
     * @param bufferLength bytes
     * @param skipOnSuccess whether the handle was set to queue no packet for an inline success
     * @return this
     */
    public IocpIoOps read(long fileHandle, long bufferAddress, int bufferLength, boolean skipOnSuccess) {
        return fill(READ, fileHandle, bufferAddress, bufferLength, 0, skipOnSuccess);
    }

    /**
     * Becomes a write.
     *
     * @param fileHandle handle that {@linkplain IocpIoRegistration#associate(long) joined} the port
     * @param bufferAddress what to write; stays allocated and unchanged until the operation's end
     * @param bufferLength bytes
     * @param skipOnSuccess whether the handle was set to queue no packet for an inline success
     * @return this
     */
    public IocpIoOps write(long fileHandle, long bufferAddress, int bufferLength, boolean skipOnSuccess) {
        return fill(WRITE, fileHandle, bufferAddress, bufferLength, 0, skipOnSuccess);
    }

    /**
     * Becomes a file system control without output, on a handle that queues a packet for every success.
     *
     * @param fileHandle handle that {@linkplain IocpIoRegistration#associate(long) joined} the port
     * @param fsControlCode control code
     * @param inputAddress its input; stays allocated and unchanged until the operation's end
     * @param inputLength bytes
     * @return this
     */
    public IocpIoOps control(long fileHandle, int fsControlCode, long inputAddress, int inputLength) {
        return fill(CONTROL, fileHandle, inputAddress, inputLength, fsControlCode, false);
    }

    private IocpIoOps fill(
            byte newOpcode, long newHandle, long newAddress, int newLength, int newControlCode, boolean skipOnSuccess) {
        opcode = newOpcode;
        handle = newHandle;
        address = newAddress;
        length = newLength;
        controlCode = newControlCode;
        skipsPacketOnSuccess = skipOnSuccess;
        return this;
    }

    /**
     * Takes the code from a result of {@code submit}.
     *
     * @param result what {@code submit} answered
     * @return {@link Win32Error#ERROR_SUCCESS}, {@link Win32Error#ERROR_IO_PENDING} or the error code
     */
    public static int code(long result) {
        return (int) (result >>> Integer.SIZE);
    }

    /**
     * Takes the count from a result of {@code submit} whose code is {@link Win32Error#ERROR_SUCCESS}.
     *
     * @param result what {@code submit} answered
     * @return bytes transferred
     */
    public static int bytesTransferred(long result) {
        return (int) result;
    }

    static long result(int code, int bytesTransferred) {
        return ((long) code << Integer.SIZE) | (bytesTransferred & 0xFFFFFFFFL);
    }

    byte opcode() {
        return opcode;
    }

    long handle() {
        return handle;
    }

    long address() {
        return address;
    }

    int length() {
        return length;
    }

    int controlCode() {
        return controlCode;
    }

    boolean skipsPacketOnSuccess() {
        return skipsPacketOnSuccess;
    }
}
