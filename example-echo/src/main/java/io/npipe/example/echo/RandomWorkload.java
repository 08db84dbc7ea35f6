/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.SplittableRandom;

/** Messages of random bytes, others for each client. A message beyond a block is sent in blocks. */
record RandomWorkload(int size, int count) implements Workload {

    private static final int BLOCK = 64 * 1024;

    @Override
    public Source open(int clientIndex) {
        SplittableRandom random = new SplittableRandom(clientIndex);
        return new Source() {
            private long left = bytesPerClient(clientIndex);

            @Override
            public ByteBuf next(ByteBufAllocator allocator) {
                if (left == 0) {
                    return null;
                }
                long leftOfMessage = (left - 1) % size + 1;
                int length = (int) Math.min(leftOfMessage, BLOCK);
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                left -= length;
                return allocator.directBuffer(length).writeBytes(bytes);
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
    }

    @Override
    public long bytesPerClient(int clientIndex) {
        return (long) size * count;
    }

    @Override
    public boolean oneAtATime() {
        return size <= BLOCK;
    }

    @Override
    public String description() {
        return count + " messages of " + size + " random bytes";
    }
}
