/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;
import java.net.BindException;

/**
 * What the kernel says of a pipe, and how one end of it reads. For the time before the first operation; blocks on a pipe
 * of another machine.
 */
final class PipeState {

    private static final int FLAGS = 0;
    private static final int MAX_INSTANCES = 4;
    private static final int INFO_SIZE = 8;

    private static final int MODE = 0;
    private static final int COLLECT_BYTES = 4;
    private static final int COLLECT_MILLIS = 8;
    private static final int STATE_SIZE = 12;

    private final Win32 win32;
    private final PipeHandle handle;

    PipeState(Win32 win32, PipeHandle handle) {
        this.win32 = win32;
        this.handle = handle;
    }

    /** How an end reads: what was asked for, by default the pipe's type. */
    static PipeMode readMode(PipeMode wanted, PipeMode type, NamedPipeAddress address) {
        if (wanted == PipeMode.MESSAGE && type == PipeMode.BYTE) {
            throw new IllegalArgumentException(
                    address + ": READ_MODE is MESSAGE, but the pipe is of type BYTE and has no messages");
        }
        return wanted == null ? type : wanted;
    }

    /** The type of the name. */
    PipeMode type() throws NamedPipeException {
        NativeMemory info = askInfo();
        PipeMode type = typeOf(info.buffer().getInt(FLAGS));
        info.free();
        return type;
    }

    /**
     * Fails unless the name is of that type and has that limit: Windows ignores both silently where another server has
     * created the name with others.
     */
    void require(PipeMode type, int maxInstances) throws NamedPipeException, BindException {
        NativeMemory info = askInfo();
        PipeMode actualType = typeOf(info.buffer().getInt(FLAGS));
        // 255 is unlimited, and so is whatever is more: the file system's own word for it is 0xFFFFFFFF.
        long actualMaximum = Math.min(
                Integer.toUnsignedLong(info.buffer().getInt(MAX_INSTANCES)), PipeConstants.PIPE_UNLIMITED_INSTANCES);
        info.free();
        if (actualType != type || actualMaximum != maxInstances) {
            throw new BindException(handle.address() + ": another server has this pipe, with type "
                    + actualType
                    + " and a maximum of " + actualMaximum + " instances, where " + type + " and " + maxInstances
                    + " were asked for");
        }
    }

    private static PipeMode typeOf(int flags) {
        return (flags & PipeConstants.PIPE_TYPE_MESSAGE) == 0 ? PipeMode.BYTE : PipeMode.MESSAGE;
    }

    private NativeMemory askInfo() throws NamedPipeException {
        NativeMemory info = NativeMemory.allocate(INFO_SIZE);
        int code = win32.GetNamedPipeInfo(handle.value(), info.address() + FLAGS, 0, 0, info.address() + MAX_INSTANCES);
        if (code != ERROR_SUCCESS) {
            info.free();
            throw new NamedPipeException(win32, code, "GetNamedPipeInfo", handle.address());
        }
        return info;
    }

    /** Sets how this end reads; the other two may be null. */
    void set(PipeMode readMode, Integer collectBytes, Integer collectMillis) throws NamedPipeException {
        NativeMemory state = NativeMemory.allocate(STATE_SIZE);
        state.buffer().putInt(MODE, readMode.readMode());
        int code = win32.SetNamedPipeHandleState(
                handle.value(),
                state.address() + MODE,
                put(state, COLLECT_BYTES, collectBytes),
                put(state, COLLECT_MILLIS, collectMillis));
        state.free();
        if (code != ERROR_SUCCESS) {
            throw new NamedPipeException(win32, code, "SetNamedPipeHandleState", handle.address());
        }
    }

    private static long put(NativeMemory state, int offset, Integer value) {
        if (value == null) {
            return 0;
        }
        state.buffer().putInt(offset, value);
        return state.address() + offset;
    }
}
