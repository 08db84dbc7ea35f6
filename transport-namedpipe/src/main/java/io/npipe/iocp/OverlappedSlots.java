/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of all {@code OVERLAPPED}s of a loop: for each registration id a block with one per opcode.
 *
 * <p>Blocks never move. With the id (a packet's key) and the address (a packet's {@code lpOverlapped}) the operation is
 * told by a subtraction.
 */
final class OverlappedSlots {

    private static final int BLOCKS_PER_CHUNK = 256;
    private static final int BLOCK_SIZE = Overlapped.SIZE * IocpIoOps.OVERLAPPED_SLOTS;

    private final List<NativeMemory> chunks = new ArrayList<>();

    /** Makes sure that there is a block for the id. */
    void reserve(int id) {
        while (chunks.size() <= id / BLOCKS_PER_CHUNK) {
            chunks.add(NativeMemory.allocate(BLOCKS_PER_CHUNK * BLOCK_SIZE));
        }
    }

    /** The memory that the block of the id is in. */
    ByteBuffer memory(int id) {
        return chunks.get(id / BLOCKS_PER_CHUNK).buffer();
    }

    /** Where in {@link #memory(int)} the block begins. */
    int offset(int id) {
        return id % BLOCKS_PER_CHUNK * BLOCK_SIZE;
    }

    /** Address of the block's first {@code OVERLAPPED}. */
    long address(int id) {
        return chunks.get(id / BLOCKS_PER_CHUNK).address() + offset(id);
    }

    /** Frees all of it; only when no operation is under way. */
    void free() {
        chunks.forEach(NativeMemory::free);
        chunks.clear();
    }
}
