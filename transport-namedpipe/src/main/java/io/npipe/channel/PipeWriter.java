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
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.FileRegion;
import io.npipe.iocp.IocpIoOps;
import java.io.IOException;

/**
 * The writing side of a channel, in byte mode. Event loop only.
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
 * <p>One {@code WriteFile} at a time: a large buffer in parts, or several small ones copied together ({@link
 * WriteChunk}), since pipes have no gathering write. What the kernel has is retained here, whatever becomes of the
 * channel's outbound buffer.
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
                failAll(out, broken);
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
        if (message instanceof FileRegion region) {
            if (region.transferred() >= region.count()) {
                out.remove();
                return true;
            }
            sourceIsRegion = true;
            return submit(out, chunk.copyOf(region));
        }
        ByteBuf buffer = (ByteBuf) message;
        if (!buffer.isReadable()) {
            out.remove(); // nothing, on a byte pipe
            return true;
        }
        sourceIsRegion = false;
        boolean copied = chunk.isWorthCopying(out, buffer);
        return submit(out, copied ? chunk.copyOfFlushed(out) : buffer.retain());
    }

    private boolean submit(ChannelOutboundBuffer out, ByteBuf bytes) throws IOException {
        source = bytes;
        int length = Math.min(bytes.readableBytes(), MAX_WRITE);
        long address = BufferAddress.of(bytes, bytes.readerIndex());
        long result = channel.registration().submit(ops.write(channel.handle().value(), address, length, true));
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
                if (!channel.config().isAutoClose()) {
                    throw broken; // Netty then shuts the output down, and says so to the handlers
                }
                failAll(out, broken);
                channel.outputBroken();
                return false;
            }
            default -> {
                releaseSource();
                throw channel.failure(code, "WriteFile");
            }
        }
    }

    private static void failAll(ChannelOutboundBuffer out, IOException cause) {
        while (out.remove(cause)) {
            // the next
        }
    }

    private void releaseSource() {
        source.release();
        source = null;
    }
}
