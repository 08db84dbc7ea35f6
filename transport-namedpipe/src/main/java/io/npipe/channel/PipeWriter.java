/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_BROKEN_PIPE;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_NO_DATA;
import static io.npipe.win32.Win32Error.ERROR_PIPE_NOT_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;
import io.npipe.iocp.IocpIoOps;
import java.io.IOException;

/**
 * The writing side of a channel. Event loop only.
 *
 * <pre>
 *           submit: 997                event
 *   IDLE ────────────────▶ IN_FLIGHT ────────▶ SETTLING ──▶ IDLE, and on with the next
 *     └─────────────── submit: inline ───────────▲
 *   any ── 232, 109, 233: the peer is gone ──▶ BROKEN
 * </pre>
 *
 * <p>While SETTLING, the outbound buffer is told of all that was written, and tells promises. What their listeners flush
 * must not be written before that: the next message might be one that was written already. If they close the channel,
 * that waits, too.
 *
 * <p>One {@code WriteFile} at a time. On a pipe of bytes: a large buffer in parts, or several small ones copied together
 * ({@link WriteChunk}), since pipes have no gathering write. On a pipe of messages: each buffer whole. What the kernel
 * has is retained here, whatever becomes of the channel's outbound buffer.
 *
 * <p>BROKEN fails every write, but does not close the channel before the reading side has delivered the rest of what the
 * peer wrote.
 */
final class PipeWriter {

    /**
     * Bytes of one {@code WriteFile}. The kernel copies a queued write whole into quota-charged pool, so there is a
     * bound; it is far above what amortises the call.
     */
    static final int MAX_WRITE = 256 * 1024;

    private final NamedPipeChannel channel;
    private final IocpIoOps ops = new IocpIoOps();
    private final WriteChunk chunk;
    private final Runnable flushTask;

    private boolean inFlight;
    private boolean settling;

    /** Retained while the kernel reads it. */
    private ByteBuf source;

    /** Whether {@link #source} is the outbound buffer's current file region, copied. */
    private boolean sourceIsRegion;

    private IOException broken;

    PipeWriter(NamedPipeChannel channel) {
        this.channel = channel;
        chunk = new WriteChunk(channel);
        flushTask = channel::flushNow;
    }

    boolean isInFlight() {
        return inFlight;
    }

    boolean isSettling() {
        return settling;
    }

    /** Writes what is flushed, as far as it goes without waiting; not while in flight or settling. */
    void write(ChannelOutboundBuffer out) throws IOException {
        for (int spins = channel.config().getWriteSpinCount(); spins > 0; spins--) {
            if (channel.isClosing()) {
                return; // also by the promise of the last write: what starts now would not be cancelled
            }
            if (broken != null) {
                failFlushed(out);
                return;
            }
            if (out.current() == null || !writeNext(out)) {
                return;
            }
        }
        if (out.current() != null && !channel.isClosing()) {
            channel.eventLoop().execute(flushTask); // others on the loop get their turn
        }
    }

    /** Returns false if the rest must wait for an event. */
    private boolean writeNext(ChannelOutboundBuffer out) throws IOException {
        Object message = out.current();
        PipeForm form = channel.form();
        if (!form.writes()) {
            out.remove(new UnsupportedOperationException("this end of a one-way pipe only reads"));
            return true;
        }
        if (message == OutputEnd.INSTANCE) {
            return submit(out, Unpooled.EMPTY_BUFFER, 0);
        }
        if (form.writesMessages()) {
            return writeMessage(out, message);
        }
        if (message instanceof FileRegion region) {
            if (region.transferred() >= region.count()) {
                out.remove();
                return true;
            }
            sourceIsRegion = true;
            ByteBuf part = chunk.copyOf(region);
            return submit(out, part, part.readableBytes());
        }
        ByteBuf buffer = (ByteBuf) message;
        if (!buffer.isReadable()) {
            out.remove(); // nothing, on a byte pipe
            return true;
        }
        sourceIsRegion = false;
        boolean copied = chunk.isWorthCopying(out, buffer);
        ByteBuf bytes = copied ? chunk.copyOfFlushed(out) : buffer.retain();
        return submit(out, bytes, Math.min(bytes.readableBytes(), MAX_WRITE));
    }

    /** One message is one {@code WriteFile}, whatever its size. */
    private boolean writeMessage(ChannelOutboundBuffer out, Object message) throws IOException {
        if (!(message instanceof ByteBuf buffer)) {
            out.remove(new UnsupportedOperationException(
                    "a file region has no boundaries that a pipe of messages could keep: write a ByteBuf"));
            return true;
        }
        if (!buffer.isReadable() && channel.config().isHalfClose()) {
            out.remove(); // it would be the end
            return true;
        }
        ByteBuf bytes = BufferAddress.isContiguous(buffer) ? buffer.retain() : channel.directCopy(buffer);
        return submit(out, bytes, bytes.readableBytes());
    }

    private boolean submit(ChannelOutboundBuffer out, ByteBuf bytes, int length) throws IOException {
        source = bytes;
        long address = length == 0 ? 0 : BufferAddress.of(bytes, bytes.readerIndex());
        long result = channel.registration()
                .submit(ops.write(
                        channel.handle().value(),
                        address,
                        length,
                        channel.form().skipsPackets()));
        int code = IocpIoOps.code(result);
        if (code == ERROR_IO_PENDING) {
            inFlight = true;
            return false;
        }
        return ended(out, code, IocpIoOps.bytesTransferred(result));
    }

    /** The event of the write in flight. */
    void completed(int code, int bytesTransferred) {
        inFlight = false;
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        if (out == null || (channel.isClosing() && code != ERROR_SUCCESS)) { // the close fails them, or has done so
            releaseSource();
            return;
        }
        boolean more;
        try {
            more = ended(out, code, bytesTransferred);
        } catch (IOException e) {
            channel.writeFailed(e);
            return;
        }
        if (more && !channel.isClosing()) {
            channel.flushNow();
        }
    }

    /** A write has ended, inline or not. Returns whether to go on. */
    private boolean ended(ChannelOutboundBuffer out, int code, int bytes) throws IOException {
        settling = true;
        try {
            return settle(out, code, bytes);
        } finally {
            settling = false;
        }
    }

    private boolean settle(ChannelOutboundBuffer out, int code, int bytes) throws IOException {
        switch (code) {
            case ERROR_SUCCESS -> {
                if (channel.form().writesMessages()) {
                    releaseSource();
                    out.remove();
                    return true;
                }
                if (!sourceIsRegion) {
                    releaseSource();
                    out.removeBytes(bytes);
                    return true;
                }
                out.progress(bytes);
                releaseSource();
                return true;
            }
            case ERROR_NO_DATA, ERROR_BROKEN_PIPE, ERROR_PIPE_NOT_CONNECTED -> {
                releaseSource();
                broken = channel.failure(code, "WriteFile");
                // With AUTO_CLOSE off, Netty then shuts the output down, and says so to the handlers. Else it closes
                // the
                // channel, and tells the promises after that.
                if (!channel.config().isAutoClose() || !channel.mayStillRead()) {
                    throw broken;
                }
                failFlushed(out);
                channel.outputBroken();
                return false;
            }
            default -> {
                releaseSource();
                throw channel.failure(code, "WriteFile");
            }
        }
    }

    /** What is flushed by now. What listeners flush meanwhile has its turn later, or the loop would have no other. */
    private void failFlushed(ChannelOutboundBuffer out) {
        boolean wasSettling = settling;
        settling = true;
        try {
            for (int left = out.size(); left > 0 && out.remove(broken); left--) {
                // the next
            }
        } finally {
            settling = wasSettling;
        }
        if (out.current() != null) {
            channel.eventLoop().execute(flushTask);
        }
    }

    /** Tells whether a write has found the peer gone. */
    boolean isBroken() {
        return broken != null;
    }

    /** The channel is closed, and no write is in flight: a source is left if its call could not be made. */
    void end() {
        if (source != null) {
            releaseSource();
        }
    }

    private void releaseSource() {
        source.release();
        source = null;
    }
}
