/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_BROKEN_PIPE;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_MORE_DATA;
import static io.npipe.win32.Win32Error.ERROR_PIPE_NOT_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.TooLongFrameException;
import io.npipe.iocp.IocpIoOps;

/**
 * The reading side of a channel. Event loop only.
 *
 * <pre>
 *            start: 997                    event
 *   IDLE ───────────────▶ IN_FLIGHT ───────────────▶ COMPLETED
 *     │ └────────────── start: inline ─────────────────▲  │
 *     ◀───────── delivered, asked for again or not ───────┘
 *   any, COMPLETED with the end of input ─▶ ENDED
 * </pre>
 *
 * <p>At most one {@code ReadFile} is under way. It may have been started ahead of the handlers' next {@code read()} (a
 * full buffer makes more data likely) or outlive a {@code setAutoRead(false)}; what it brings then waits in COMPLETED
 * until somebody asks, so that no byte is lost and none is delivered unasked.
 */
final class PipeReader {

    /** Bytes that the buffer of a message grows to at least. */
    private static final int MIN_GROWTH = 64;

    private enum State {
        IDLE,
        IN_FLIGHT,
        COMPLETED,
        ENDED
    }

    private final NamedPipeChannel channel;
    private final IocpIoOps ops = new IocpIoOps();
    private final Runnable deliverTask = this::deliverScheduled;
    private State state = State.IDLE;

    /** Of the read in flight or completed; owned here until it is delivered or the channel is closed. */
    private ByteBuf buffer;

    /** Whether the message under way is longer than allowed: the rest of it goes nowhere. */
    private boolean skipping;

    private boolean inputEnd;

    private int code;
    private int bytes;

    private boolean asked;

    /** Whether the end is looked for, though nobody asks: one read goes ahead, and what it brings waits, or is dropped. */
    private boolean watching;

    private boolean delivering;
    private boolean scheduled;

    PipeReader(NamedPipeChannel channel) {
        this.channel = channel;
    }

    /** A handler asks for data. */
    void read() {
        asked = true;
        if (!delivering) {
            proceed();
        }
    }

    /** Auto-read was switched off: what comes from now on waits for the next {@link #read()}. */
    void unask() {
        asked = false;
    }

    /** The pipe is connected: serves a {@link #read()} that came too early. */
    void connected() {
        if (asked && !delivering) {
            proceed();
        }
    }

    /** Tells whether all that the peer wrote has been delivered. */
    boolean hasEnded() {
        return state == State.ENDED;
    }

    /** From now on the peer's end is seen even if nobody asks for data. */
    void watchForEnd() {
        watching = true;
        lookAhead();
    }

    /** Looks whether the peer, which is gone, has left nothing. */
    boolean hasNothingLeft() {
        watchForEnd();
        return state == State.ENDED || (state == State.COMPLETED && isEnd() && !isWithinMessage());
    }

    private void lookAhead() {
        if (!watching || delivering || !mayStart()) {
            return;
        }
        if (state == State.IDLE) {
            startOrClose(allocHandle());
        }
        if (state == State.COMPLETED && !scheduled && mayDeliver()) {
            schedule();
        }
    }

    /** The event of the read in flight. */
    void completed(int endCode, int bytesTransferred) {
        state = State.COMPLETED;
        code = endCode == ERROR_MORE_DATA && !channel.form().readsMessages() ? ERROR_SUCCESS : endCode;
        bytes = bytesTransferred;
        if (code == ERROR_MORE_DATA && !channel.isClosing()) {
            continueMessage();
        }
        if (state == State.COMPLETED && !channel.isClosing() && mayDeliver()) {
            deliver();
        }
    }

    /** A part of a message has come; the rest follows, whether anybody asks or not. */
    private void continueMessage() {
        int max = channel.config().getMaxMessageSize();
        try {
            if (!skipping) {
                buffer.writerIndex(buffer.writerIndex() + bytes);
                skipping = buffer.writerIndex() >= max;
            }
            if (skipping) {
                buffer.clear();
            } else {
                buffer.capacity((int) Math.min(max, Math.max(MIN_GROWTH, 2L * buffer.capacity())));
            }
            submit();
        } catch (Throwable t) { // no memory for a buffer, most likely
            failed(t);
        }
    }

    /** The channel is closed, and no read is in flight: what nobody asked for is lost. */
    void end() {
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
    }

    private void proceed() {
        if (!mayStart()) {
            return;
        }
        if (state == State.IDLE) {
            startOrClose(allocHandle());
        }
        if (state == State.COMPLETED && !scheduled) {
            schedule();
        }
    }

    private boolean mayStart() {
        return channel.isActive()
                && !channel.isClosing()
                && channel.registration().isValid();
    }

    /** Not at once: a read() must not call handlers, and other channels of the loop get their turn. */
    private void schedule() {
        scheduled = true;
        channel.eventLoop().execute(deliverTask);
    }

    private void deliverScheduled() {
        scheduled = false;
        if (state == State.COMPLETED && !channel.isClosing() && mayDeliver()) {
            deliver();
        }
    }

    /** A deregistered channel fires nothing: what has completed waits. */
    private boolean mayDeliver() {
        return (asked || (watching && (code != ERROR_SUCCESS || channel.isInputShutdown())))
                && !delivering
                && channel.registration().isValid();
    }

    private void startOrClose(ExtendedHandle allocHandle) {
        try {
            buffer = channel.alloc().directBuffer(firstSize(allocHandle));
            submit();
        } catch (Throwable t) { // no memory for a buffer, most likely
            failed(t);
        }
    }

    /** The handlers must know, and nobody would go on. */
    private void failed(Throwable cause) {
        channel.pipeline().fireExceptionCaught(cause);
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    private int firstSize(ExtendedHandle allocHandle) {
        int guess = allocHandle.guess();
        return channel.form().readsMessages() ? Math.min(guess, channel.config().getMaxMessageSize()) : guess;
    }

    private void submit() {
        long result = channel.registration()
                .submit(ops.read(
                        channel.handle().value(),
                        BufferAddress.of(buffer, buffer.writerIndex()),
                        buffer.writableBytes(),
                        channel.form().skipsPackets()));
        code = IocpIoOps.code(result);
        bytes = IocpIoOps.bytesTransferred(result);
        state = code == ERROR_IO_PENDING ? State.IN_FLIGHT : State.COMPLETED;
    }

    /** Fires what has completed, and what completes inline after it, until the allocator's handle says enough. */
    private void deliver() {
        if (channel.isInputShutdown()
                && code == ERROR_SUCCESS) { // behind the end of the peer's output, or of our interest
            drop();
            return;
        }
        ExtendedHandle allocHandle = allocHandle();
        ChannelPipeline pipeline = channel.pipeline();
        allocHandle.reset(channel.config());
        try {
            channel.readEnded(code == ERROR_SUCCESS && bytes > 0);
        } catch (Throwable t) { // no memory, most likely: nothing is delivered of a peer that is not known
            failed(t);
            return;
        }
        delivering = true;
        boolean more;
        do {
            if (code != ERROR_SUCCESS) {
                break;
            }
            more = fire(pipeline, allocHandle);
            if (more && !channel.isClosing()) {
                startOrClose(allocHandle);
            }
        } while (state == State.COMPLETED && more);
        boolean ended = state == State.COMPLETED && code != ERROR_SUCCESS;
        if (ended) {
            state = State.ENDED;
        }
        allocHandle.readComplete();
        pipeline.fireChannelReadComplete();
        delivering = false;
        if (ended) {
            endOfInput(pipeline);
        } else if (inputEnd) {
            inputEnd = false;
            channel.inputEnded();
        } else if (asked) {
            proceed();
        } else {
            lookAhead();
        }
    }

    private void drop() {
        end();
        state = State.IDLE;
        lookAhead();
    }

    /** Fires one completed read; returns whether to start another one in the same burst. */
    private boolean fire(ChannelPipeline pipeline, ExtendedHandle allocHandle) {
        ByteBuf data = buffer;
        buffer = null;
        state = State.IDLE;
        if (channel.form().readsMessages()) {
            return fireMessage(pipeline, allocHandle, data);
        }
        allocHandle.attemptedBytesRead(data.writableBytes());
        allocHandle.lastBytesRead(bytes);
        if (bytes == 0) { // a zero-length write of the peer, which Windows shows to byte readers, too
            data.release();
            inputEnd = channel.form().type() == PipeMode.MESSAGE
                    && channel.config().isHalfClose();
            return !inputEnd;
        }
        data.writerIndex(data.writerIndex() + bytes);
        allocHandle.incMessagesRead(1);
        asked = false;
        pipeline.fireChannelRead(data);
        return allocHandle.continueReading();
    }

    private boolean fireMessage(ChannelPipeline pipeline, ExtendedHandle allocHandle, ByteBuf data) {
        if (!skipping) {
            data.writerIndex(data.writerIndex() + bytes);
        }
        allocHandle.attemptedBytesRead(data.capacity());
        allocHandle.lastBytesRead(data.readableBytes());
        allocHandle.incMessagesRead(1);
        if (skipping) {
            skipping = false;
            data.release();
            pipeline.fireExceptionCaught(new TooLongFrameException(
                    "a message was longer than " + channel.config().getMaxMessageSize() + " bytes, and was skipped"));
            return allocHandle.continueReading();
        }
        if (!data.isReadable() && channel.config().isHalfClose()) {
            data.release();
            inputEnd = true;
            return false;
        }
        asked = false;
        pipeline.fireChannelRead(data);
        return allocHandle.continueReading();
    }

    private ExtendedHandle allocHandle() {
        return (ExtendedHandle) channel.unsafe().recvBufAllocHandle();
    }

    private boolean isWithinMessage() {
        return skipping || (buffer != null && buffer.isReadable());
    }

    /** The peer has closed its end, or the server has disconnected this one. */
    private boolean isEnd() {
        return code == ERROR_BROKEN_PIPE || code == ERROR_PIPE_NOT_CONNECTED;
    }

    private void endOfInput(ChannelPipeline pipeline) {
        if (isWithinMessage()) {
            pipeline.fireExceptionCaught(new CorruptedFrameException("the peer has gone in the middle of a message"));
        }
        if (!isEnd()) {
            pipeline.fireExceptionCaught(channel.failure(code, "ReadFile"));
        }
        // This is no half-close: the peer's handle is gone, nobody can read what we might still write.
        channel.closeOnEndOfInput();
    }
}
