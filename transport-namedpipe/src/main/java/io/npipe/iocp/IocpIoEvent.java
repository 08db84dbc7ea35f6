/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import io.netty.channel.IoEvent;
import io.npipe.win32.NtStatus;
import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;

/** How one operation ended. Valid only during the call that delivers it: the same object serves the next one. */
public final class IocpIoEvent implements IoEvent {

    private final Win32 win32;
    private byte opcode;
    private int status;
    private int bytesTransferred;

    IocpIoEvent(Win32 win32) {
        this.win32 = win32;
    }

    IocpIoEvent update(byte newOpcode, int newStatus, int newBytesTransferred) {
        opcode = newOpcode;
        status = newStatus;
        bytesTransferred = newBytesTransferred;
        return this;
    }

    /**
     * Tells which operation ended.
     *
     * @return {@link IocpIoOps#READ}, {@link IocpIoOps#WRITE}, {@link IocpIoOps#CONTROL} or {@link IocpIoOps#POST}
     */
    public byte opcode() {
        return opcode;
    }

    /**
     * Tells how it ended.
     *
     * @return {@link Win32Error#ERROR_SUCCESS} or the error code
     */
    public int code() {
        return status == NtStatus.STATUS_SUCCESS ? Win32Error.ERROR_SUCCESS : win32.RtlNtStatusToDosError(status);
    }

    /**
     * Tells how much it transferred.
     *
     * @return bytes; for {@link IocpIoOps#POST} what was posted
     */
    public int bytesTransferred() {
        return bytesTransferred;
    }

    @Override
    public String toString() {
        return "IocpIoEvent(opcode=" + opcode + ", status=0x" + Integer.toHexString(status) + ", bytes="
                + bytesTransferred + ')';
    }
}
