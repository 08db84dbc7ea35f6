/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;

/** What the clients send. */
interface Workload {

    /** One client's part of it, block after block. Used by one event loop. */
    interface Source extends AutoCloseable {

        /** The next block, to be released by the caller; null after the last. */
        ByteBuf next(ByteBufAllocator allocator) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** What a client sends; clients differ by their index. */
    Source open(int clientIndex) throws IOException;

    /** Bytes that one client is to send, as far as is known beforehand. */
    long bytesPerClient(int clientIndex) throws IOException;

    /** Whether a block is sent only when the last one has come back, so that its round trip is timed alone. */
    boolean oneAtATime();

    /** For the report. */
    String description();
}
