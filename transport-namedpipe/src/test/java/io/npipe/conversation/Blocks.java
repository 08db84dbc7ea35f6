/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import java.util.ArrayList;
import java.util.List;

/**
 * What one talker sends where each write may fail alone: blocks that say who has sent them, which one it is, and how long
 * it is. So who reads them knows which are missing.
 */
final class Blocks {

    static final int HEADER = 5;
    private static final int MAX_SIZE = 0xFFFF;

    /** One block. */
    static final class Block {
        final int size;
        boolean succeeded;
        HostileRegion region;

        /** Its region ended early, and that is why its write failed. */
        boolean endedEarly;

        Block(int size) {
            this.size = size;
        }
    }

    private final int id;
    private final List<Block> blocks = new ArrayList<>();

    Blocks(int id) {
        this.id = id;
    }

    /** In the order in which they were written. */
    List<Block> all() {
        return blocks;
    }

    Block last() {
        return blocks.get(blocks.size() - 1);
    }

    /** The bytes of the next block, of which {@link #last()} tells. */
    byte[] next(int size) {
        byte[] bytes = new byte[Math.max(HEADER, Math.min(size, MAX_SIZE))];
        int index = blocks.size();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = byteAt(id, index, bytes.length, i);
        }
        blocks.add(new Block(bytes.length));
        return bytes;
    }

    static byte byteAt(int id, int index, int size, int position) {
        return (byte)
                switch (position) {
                    case 0 -> id;
                    case 1 -> index >> 8;
                    case 2 -> index;
                    case 3 -> size >> 8;
                    case 4 -> size;
                    default -> id * 31 + index * 57 + position * 7 + (position >> 8) * 13;
                };
    }
}
