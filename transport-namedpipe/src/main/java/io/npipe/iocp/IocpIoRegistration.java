/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_MORE_DATA;
import static io.npipe.win32.Win32Error.ERROR_OPERATION_ABORTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.ThreadAwareExecutor;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.npipe.win32.NtStatus;
import io.npipe.win32.Overlapped;
import io.npipe.win32.Win32;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An {@link IocpIoHandle} at its {@link IocpIoHandler}: submits its operations and counts what is still to come.
 *
 * <p>It is the {@link #attachment()} of the registration that {@link io.netty.channel.IoEventLoop#register} yields;
 * cancel through the latter, which the loop counts.
 *
 * <p>Cancelling takes effect at once for new operations, but {@link IocpIoHandle#unregistered()} waits until the last
 * operation has ended: until then the kernel may still write to its memory, and events still arrive.
 */
public final class IocpIoRegistration implements IoRegistration {

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(IocpIoRegistration.class);

    private final IocpIoHandler handler;
    private final ThreadAwareExecutor executor;
    private final IocpIoHandle handle;
    private final int id;
    private final IocpIoEvent event;
    private final ByteBuffer overlappedMemory;
    private final int overlappedOffset;
    private final long overlappedAddress;
    private final AtomicBoolean cancelled = new AtomicBoolean();

    /** Bit n is set while the operation with opcode n is under way. */
    private int underWay;

    private int expectedPosts;
    private boolean removeWhenIdle;

    IocpIoRegistration(
            IocpIoHandler handler,
            ThreadAwareExecutor executor,
            IocpIoHandle handle,
            int id,
            OverlappedSlots slots,
            Win32 win32) {
        this.handler = handler;
        this.executor = executor;
        this.handle = handle;
        this.id = id;
        event = new IocpIoEvent(win32);
        overlappedMemory = slots.memory(id);
        overlappedOffset = slots.offset(id);
        overlappedAddress = slots.address(id);
    }

    int id() {
        return id;
    }

    /**
     * Gives access to the kernel that the loop works with.
     *
     * @return the seam
     */
    public Win32 win32() {
        return handler.win32();
    }

    /**
     * Joins a kernel handle to the loop's port. It stays there for the rest of its life and cannot move to another loop.
     * Event loop only.
     *
     * @param fileHandle overlapped handle
     * @return {@link io.npipe.win32.Win32Error#ERROR_SUCCESS} or the error code
     */
    public int associate(long fileHandle) {
        return handler.port().associate(fileHandle, id);
    }

    /**
     * Starts an {@link IocpIoOps}. Event loop only.
     *
     * @param ops operation; free for reuse when this returns
     * @return a result, see {@link IocpIoOps#code(long)}; {@link io.npipe.win32.Win32Error#ERROR_OPERATION_ABORTED} if
     *     the registration was cancelled
     * @throws IllegalStateException if one with the same opcode is under way
     */
    @Override
    public long submit(IoOps ops) {
        assert executor.isExecutorThread(Thread.currentThread());
        IocpIoOps op = (IocpIoOps) ops;
        if (cancelled.get()) {
            return IocpIoOps.result(ERROR_OPERATION_ABORTED, 0);
        }
        int bit = 1 << op.opcode();
        if ((underWay & bit) != 0) {
            throw new IllegalStateException("an operation with opcode " + op.opcode() + " is under way");
        }
        int slot = op.opcode() * Overlapped.SIZE;
        long overlapped = overlappedAddress + slot;
        int code =
                switch (op.opcode()) {
                    case IocpIoOps.READ -> win32().ReadFile(op.handle(), op.address(), op.length(), 0, overlapped);
                    case IocpIoOps.WRITE -> win32().WriteFile(op.handle(), op.address(), op.length(), 0, overlapped);
                    case IocpIoOps.CONTROL -> control(op, overlapped);
                    default -> throw new IllegalArgumentException("opcode " + op.opcode());
                };
        boolean successInline = code == ERROR_SUCCESS || code == ERROR_MORE_DATA;
        if (successInline && op.skipsPacketOnSuccess()) {
            return IocpIoOps.result(code, Overlapped.bytesTransferred(overlappedMemory, overlappedOffset + slot));
        }
        if (successInline || code == ERROR_IO_PENDING) {
            underWay |= bit;
            handler.operationStarted();
            return IocpIoOps.result(ERROR_IO_PENDING, 0);
        }
        return IocpIoOps.result(code, 0);
    }

    private int control(IocpIoOps op, long overlapped) {
        int status = win32().NtFsControlFile(
                        op.handle(), 0, 0, overlapped, overlapped, op.controlCode(), op.address(), op.length(), 0, 0);
        return NtStatus.isSuccess(status) ? ERROR_IO_PENDING : win32().RtlNtStatusToDosError(status);
    }

    /**
     * Announces that somebody will {@link #post(int)} once. Event loop only.
     *
     * <p>It counts as an operation: the registration stays until the post has been delivered.
     */
    public void expectPost() {
        assert executor.isExecutorThread(Thread.currentThread());
        expectedPosts++;
        handler.operationStarted();
    }

    /**
     * Delivers an event with {@link IocpIoOps#POST} on the event loop. Any thread; once for each {@link #expectPost()}.
     * Follows {@code PostQueuedCompletionStatus}. While the kernel has no memory for a packet, it waits.
     *
     * @param value what the event carries as its {@link IocpIoEvent#bytesTransferred()}
     * @return false if the loop is gone and the event will not come
     * @throws IllegalStateException if Windows refuses the packet for any other reason
     */
    public boolean post(int value) {
        return handler.port().post(id, value);
    }

    /**
     * Tells whether an event is still to come. Event loop only.
     *
     * @return true while the kernel may write to memory of an operation, or a post is expected
     */
    public boolean isBusy() {
        return underWay != 0 || expectedPosts != 0;
    }

    /** This registration itself: the one that the event loop hands out is a wrapper that counts. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as IoRegistration declares it
    @Override
    public <T> T attachment() {
        return (T) this;
    }

    @Override
    public boolean isValid() {
        return !cancelled.get();
    }

    @Override
    public boolean cancel() {
        if (!cancelled.compareAndSet(false, true)) {
            return false;
        }
        if (executor.isExecutorThread(Thread.currentThread())) {
            removeOnceIdle();
        } else {
            executor.execute(this::removeOnceIdle);
        }
        return true;
    }

    private void removeOnceIdle() {
        removeWhenIdle = true;
        removeIfIdle();
    }

    private void removeIfIdle() {
        if (removeWhenIdle && !isBusy()) {
            removeWhenIdle = false;
            handler.remove(this);
            handle.unregistered();
        }
    }

    /** Delivers the end of a posted operation. */
    void posted(int value) {
        expectedPosts--;
        deliver(event.update(IocpIoOps.POST, NtStatus.STATUS_SUCCESS, value));
    }

    /** Delivers the end of the operation whose {@code OVERLAPPED} is at the address. */
    void completed(long overlapped, int status, int bytesTransferred) {
        byte opcode = (byte) ((overlapped - overlappedAddress) / Overlapped.SIZE);
        underWay &= ~(1 << opcode);
        deliver(event.update(opcode, status, bytesTransferred));
    }

    private void deliver(IocpIoEvent ended) {
        handler.operationEnded();
        try {
            handle.handle(this, ended);
        } catch (Throwable t) { // the loop, and the memory of every other handle on it, must outlive one handle's bug
            logger.warn("Unexpected exception while handling {} for {}", ended, handle, t);
        }
        removeIfIdle();
    }

    /** The handler is going away: closes the handle, which cancels its operations and this registration. */
    void close() {
        try {
            handle.close();
        } catch (RuntimeException e) { // the other handles must still be closed
            logger.warn("Failed to close {}", handle, e);
        }
    }
}
