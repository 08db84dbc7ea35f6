/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file, streamed block by block: never more of it in memory than is under way. */
record FileWorkload(String name, Path file) implements Workload {

    private static final int BLOCK = 64 * 1024;

    @Override
    public Source open(int clientIndex) throws IOException {
        FileChannel channel = FileChannel.open(file);
        return new Source() {
            @Override
            public ByteBuf next(ByteBufAllocator allocator) throws IOException {
                ByteBuf block = allocator.directBuffer(BLOCK);
                int read = block.writeBytes(channel, BLOCK);
                if (read > 0) {
                    return block;
                }
                block.release();
                return null;
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    @Override
    public long bytesPerClient(int clientIndex) throws IOException {
        return Files.size(file);
    }

    @Override
    public boolean oneAtATime() {
        return false;
    }

    @Override
    public String description() {
        return "the file " + name;
    }
}
