/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

/**
 * An operation that the kernel has taken, from the call to the delivery of its packet or event.
 *
 * <pre>
 *   UNDER_WAY ── end(status) ──▶ ENDED ── delivered: memory written, packet or event ──▶ DELIVERED
 * </pre>
 */
final class Operation {

    enum Kind {
        READ,
        WRITE,
        LISTEN,
        WAIT
    }

    enum State {
        UNDER_WAY,
        ENDED,
        DELIVERED
    }

    final long id;
    final Kind kind;
    final FileObject file;

    /** Address of the {@code OVERLAPPED} or {@code IO_STATUS_BLOCK}. */
    final long overlapped;

    /** What the packet carries; without it there is none. */
    final long packetContext;

    /** The caller's buffer. */
    final long buffer;

    final int length;
    final KernelEvent event;

    State state = State.UNDER_WAY;
    int status;
    int information;

    /** Its memory was written when the call returned, though there is a packet. */
    boolean endedInline;

    /** Its memory holds how it ended. */
    boolean isWritten;

    /** The count in its {@code OVERLAPPED}, which stays as it is until then. */
    long countBefore;

    /** What a write writes, as it was when the call was made. */
    byte[] written;

    /** Who writes. */
    SimulatedProcess writer;

    /** Whether another process has begun it, through a handle that was duplicated into it. */
    boolean elsewhere;

    /** What a read has read. */
    byte[] result;

    Operation(
            long id,
            Kind kind,
            FileObject file,
            long overlapped,
            long packetContext,
            long buffer,
            int length,
            KernelEvent event) {
        this.id = id;
        this.kind = kind;
        this.file = file;
        this.overlapped = overlapped;
        this.packetContext = packetContext;
        this.buffer = buffer;
        this.length = length;
        this.event = event;
    }

    boolean isUnderWay() {
        return state == State.UNDER_WAY;
    }

    @Override
    public String toString() {
        return kind + " #" + id + " (" + state + ")";
    }
}
