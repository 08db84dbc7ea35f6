/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/** A text, several times. The second and further clients add their number to it. */
record TextWorkload(String text, int count) implements Workload {

    @Override
    public Source open(int clientIndex) {
        byte[] bytes = bytes(clientIndex);
        return new Source() {
            private int left = count;

            @Override
            public ByteBuf next(ByteBufAllocator allocator) {
                return left-- > 0 ? allocator.directBuffer(bytes.length).writeBytes(bytes) : null;
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
    }

    private byte[] bytes(int clientIndex) {
        String own = clientIndex == 0 ? text : text + " #" + clientIndex;
        return own.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public long bytesPerClient(int clientIndex) {
        return (long) bytes(clientIndex).length * count;
    }

    @Override
    public boolean oneAtATime() {
        return true;
    }

    @Override
    public String description() {
        return "\"" + text + "\", " + count + " times";
    }
}
