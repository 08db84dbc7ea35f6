/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.ArrayDeque;
import java.util.Queue;

/** A completion port. */
final class CompletionQueue extends KernelObject {

    /** A packet: of an operation, or posted. */
    record Packet(long key, long overlapped, int bytes, Operation operation) {}

    private final Queue<Packet> packets = new ArrayDeque<>();
    private boolean closed;

    void add(Packet packet) {
        packets.add(packet);
    }

    Packet remove() {
        return packets.remove();
    }

    int size() {
        return packets.size();
    }

    boolean isEmpty() {
        return packets.isEmpty();
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    void closed() {
        closed = true;
    }
}
