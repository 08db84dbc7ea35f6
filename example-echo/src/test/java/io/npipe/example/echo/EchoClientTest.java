/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.PipeSecurity;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The client with sources that a user does not have at will. */
class EchoClientTest {

    /** Announces more than its source has, as a file does that is truncated meanwhile. */
    private static final class ShortWorkload implements Workload {

        private volatile boolean closed;

        @Override
        public Source open(int clientIndex) {
            return new Source() {
                private int blocks = 3;

                @Override
                public ByteBuf next(ByteBufAllocator allocator) {
                    return blocks-- > 0 ? allocator.directBuffer(1000).writeZero(1000) : null;
                }

                @Override
                public void close() {
                    closed = true;
                }
            };
        }

        @Override
        public long bytesPerClient(int clientIndex) {
            return 10_000;
        }

        @Override
        public boolean oneAtATime() {
            return false;
        }

        @Override
        public String description() {
            return "less than announced";
        }
    }

    private final NamedPipeAddress address = NamedPipeAddress.of("npipe-echo-test-" + UUID.randomUUID());
    private final ShortWorkload workload = new ShortWorkload();

    @Test
    void aSourceThatEndsEarlyIsTheEnd() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EchoServer server = EchoServer.start(address, PipeSecurity.currentUser(), client -> {});
        try {
            Report report = new EchoClient(address, workload, 1).run();

            report.print(new PrintStream(out, true, StandardCharsets.UTF_8));
            assertTrue(report.matches());
        } finally {
            server.close();
        }
        String text = out.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("echoed: 3000 bytes"), text);
        assertTrue(workload.closed);
    }

    @Test
    void theSourceOfAClientThatCannotConnectIsClosed() {
        ConnectException failure =
                assertThrows(ConnectException.class, () -> new EchoClient(address, workload, 1).run());

        assertTrue(failure.getMessage().startsWith(address.path()), failure.getMessage());
        assertTrue(workload.closed);
    }
}
