/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.npipe.iocp.IocpIoHandle;
import io.npipe.iocp.IocpIoOps;
import io.npipe.iocp.IocpIoRegistration;
import io.npipe.win32.FilePipeWaitForBuffer;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;

/**
 * One wait for a free instance of a busy pipe: what {@code WaitNamedPipeW} does, but through the completion port instead
 * of blocking. Event loop only.
 *
 * <p>It has a handle, memory and a registration of its own, so that a channel that gives up closes at once: the wait is
 * cancelled and cleans up after itself when its packet comes.
 */
final class InstanceWait implements IocpIoHandle {

    private static final String PIPE_ROOT = "\\\\.\\pipe\\"; // Windows insists on the trailing backslash

    private final NamedPipeAddress address;
    private final Runnable whenEnded;
    private final NativeMemory input;
    private final int inputLength;
    private IoRegistration registration;
    private PipeHandle root;
    private boolean abandoned;

    private InstanceWait(NamedPipeAddress address, long timeoutMillis, Runnable whenEnded) {
        this.address = address;
        this.whenEnded = whenEnded;
        input = FilePipeWaitForBuffer.allocate(address.name(), timeoutMillis);
        inputLength = FilePipeWaitForBuffer.size(address.name());
    }

    /**
     * Begins to wait.
     *
     * @param whenEnded run once the wait has ended, whatever the reason, unless it was abandoned
     */
    static InstanceWait start(IoEventLoop loop, NamedPipeAddress address, long timeoutMillis, Runnable whenEnded)
            throws Exception {
        InstanceWait wait = new InstanceWait(address, timeoutMillis, whenEnded);
        try {
            wait.start(loop);
            return wait;
        } catch (Throwable t) {
            wait.abandoned = true;
            wait.release();
            throw t;
        }
    }

    private void start(IoEventLoop loop) throws Exception {
        registration = loop.register(this).get(); // done already: this is the loop
        IocpIoRegistration iocp = registration.attachment();
        root = openRoot(iocp.win32());
        root.join(iocp, false);
        long result = registration.submit(
                new IocpIoOps().control(root.value(), PipeConstants.FSCTL_PIPE_WAIT, input.address(), inputLength));
        if (IocpIoOps.code(result) != ERROR_IO_PENDING) {
            loop.execute(this::ended); // the name has vanished, or whatever it is: opening the pipe tells best
        }
    }

    private PipeHandle openRoot(Win32 win32) throws NamedPipeException {
        NativeMemory path = NativeMemory.ofWideString(PIPE_ROOT);
        try {
            long handle = win32.CreateFileW(
                    path.address(),
                    PipeConstants.FILE_READ_ATTRIBUTES | PipeConstants.SYNCHRONIZE,
                    PipeConstants.FILE_SHARE_READ | PipeConstants.FILE_SHARE_WRITE,
                    0,
                    PipeConstants.OPEN_EXISTING,
                    PipeConstants.FILE_FLAG_OVERLAPPED,
                    0);
            if (handle < 0) {
                throw new NamedPipeException(win32, (int) -handle, "CreateFileW(" + PIPE_ROOT + ")", address);
            }
            return new PipeHandle(win32, address, handle);
        } finally {
            path.free();
        }
    }

    /** Nobody waits for it any more. */
    void abandon() {
        if (!abandoned) {
            abandoned = true;
            root.cancel(0);
        }
    }

    @Override
    public void close() {
        abandon();
    }

    @Override
    public void handle(IoRegistration ignored, IoEvent event) {
        ended();
    }

    private void ended() {
        release();
        if (!abandoned) {
            abandoned = true;
            whenEnded.run();
        }
    }

    private void release() {
        if (root != null) {
            root.close();
        }
        input.free();
        if (registration != null) {
            registration.cancel();
        }
    }
}
