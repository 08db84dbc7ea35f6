/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import java.util.BitSet;
import java.util.function.Consumer;

/** Takes the blocks of one peer apart again, and sees that each comes once, whole, and in order. */
final class BlockReader {

    private final Consumer<String> violations;
    private final byte[] header = new byte[Blocks.HEADER];
    private final BitSet complete = new BitSet();
    private int peerId = -1;
    private int index = -1;
    private int size;
    private int position;
    private boolean foreign;
    private boolean confused;

    BlockReader(Consumer<String> violations) {
        this.violations = violations;
    }

    /** Another process says what it likes. */
    void read(byte[] bytes, int foreignId) {
        for (byte value : bytes) {
            if (peerId < 0 && (value & 0xFF) == foreignId) {
                foreign = true;
            }
            if (foreign) {
                peerId = foreignId;
            } else if (!confused) {
                take(value);
            }
        }
    }

    private void take(byte value) {
        if (position < Blocks.HEADER) {
            header[position++] = value;
            if (position == Blocks.HEADER) {
                begin();
            }
        } else {
            if (value != Blocks.byteAt(peerId, index, size, position)) {
                wrong("a wrong byte at " + position + " of block " + index);
            }
            position++;
        }
        if (position >= Blocks.HEADER && position == size) {
            complete.set(index);
            position = 0;
        }
    }

    private void begin() {
        int sender = header[0] & 0xFF;
        int next = ((header[1] & 0xFF) << 8) | (header[2] & 0xFF);
        size = ((header[3] & 0xFF) << 8) | (header[4] & 0xFF);
        if (peerId >= 0 && sender != peerId) {
            wrong("a block of " + sender + " among those of " + peerId);
        } else if (next <= index) {
            wrong("block " + next + " after block " + index);
        } else if (size < Blocks.HEADER) {
            wrong("a block of " + size + " bytes");
        }
        peerId = sender;
        index = next;
    }

    private void wrong(String what) {
        confused = true;
        violations.accept("has read " + what);
    }

    /** Who sends, or -1 as long as that is not known. */
    int peerId() {
        return peerId;
    }

    boolean isComplete(int blockIndex) {
        return complete.get(blockIndex);
    }

    /** Bytes of a block that have come. */
    int bytesOf(int blockIndex, int itsSize) {
        if (isComplete(blockIndex)) {
            return itsSize;
        }
        return blockIndex == index && position >= Blocks.HEADER ? position : 0;
    }

    /** Whether it is not in the middle of a block. */
    boolean isBetweenBlocks() {
        return position == 0 || foreign || confused;
    }
}
