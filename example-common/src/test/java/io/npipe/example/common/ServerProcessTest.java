/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.common;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.channel.NamedPipeAddress;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.PipeLab;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A server that is a child of this process. */
class ServerProcessTest {

    /** Prints something first, as an agent of the JVM does; fails for the name "wrong". */
    public static final class Child {

        private Child() {}

        /** Called with {@code --server-of-parent --name PIPE}. */
        public static void main(String[] arguments) throws Exception {
            System.out.println("Listening for transport dt_socket");
            String path = arguments[2];
            if (path.endsWith("wrong")) {
                System.exit(ServerProcess.serveParent(
                        () -> {
                            throw new IOException("no such\npipe");
                        },
                        server -> ""));
            }
            int exitCode = path.endsWith("worse") ? 7 : 0;
            AutoCloseable server = () -> System.exit(exitCode);
            System.exit(ServerProcess.serveParent(() -> server, started -> "details of " + path));
        }
    }

    @Test
    void itTellsDetailsAndEndsWhenAsked() throws Exception {
        NamedPipeAddress address = PipeLab.freshAddress();
        try (ServerProcess server = ServerProcess.start(Child.class, address)) {
            assertEquals("details of " + address.path(), server.details());
            assertTrue(ProcessHandle.of(server.pid()).isPresent());
            server.end();
        }
    }

    @Test
    void theReasonWhyItDoesNotStartIsTold() {
        IOException failure =
                assertThrows(IOException.class, () -> ServerProcess.start(Child.class, NamedPipeAddress.of("wrong")));
        assertEquals(
                "the server process ended before it listened, with exit code 1: no such pipe", failure.getMessage());
    }

    @Test
    void anEndThatFailsIsTold() throws Exception {
        try (ServerProcess server = ServerProcess.start(Child.class, NamedPipeAddress.of("worse"))) {
            IOException failure = assertThrows(IOException.class, server::end);
            assertEquals("the server process ended with exit code 7", failure.getMessage());
        }
    }

    @Test
    void closedItIsEnded() throws Exception {
        ProcessHandle process;
        try (ServerProcess server = ServerProcess.start(Child.class, PipeLab.freshAddress())) {
            process = ProcessHandle.of(server.pid()).orElseThrow();
        }
        process.onExit().get(HangLimit.SECONDS, TimeUnit.SECONDS);
    }
}
