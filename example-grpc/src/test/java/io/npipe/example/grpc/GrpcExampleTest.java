/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.testkit.HangLimit;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.Program;
import io.npipe.testkit.Program.Run;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The example as its user runs it: in processes of its own, where it matters that they are. */
class GrpcExampleTest {

    private static final Program PROGRAM = new Program(GrpcExample.class);

    private final String name = PipeLab.freshAddress().path();

    private static Run call(String... arguments) {
        return Program.call(GrpcExample::run, arguments);
    }

    @Test
    @Tag("not-on-wine-21")
    void allFourKindsOfCallGoBetweenTwoProcesses() throws Exception {
        Run run = PROGRAM.run("--name", name, "--greet", "@x", "--calls", "100");

        assertEquals("", run.err());
        assertEquals(0, run.exitCode(), run.out());
        List<String> lines = run.out().lines().toList();
        assertTrue(lines.get(0).matches("server: process \\d+, pipe .*, TCP port \\d+"), run.out());
        assertTrue(lines.get(1).matches("client: process \\d+"), run.out());
        assertEquals("unary: Hello, @x!", lines.get(2));
        assertEquals("server streaming: [Hello, @x!, Hallo, @x!, Salut, @x!, Hola, @x!, Ciao, @x!]", lines.get(3));
        assertEquals("client streaming: Hello, @x and client and server!", lines.get(4));
        assertEquals("bidirectional: [Hello, @x!, Hello, client!, Hello, server!]", lines.get(5));
        assertTrue(
                lines.get(6).matches("the server knows its caller: pid \\d+, session \\d+, user S-1-5-.*"), run.out());
        String figures = "100 calls, min [\\d.]+ us, median [\\d.]+ us, p99 [\\d.]+ us";
        assertTrue(lines.get(7).matches("pipe:         " + figures), run.out());
        assertTrue(lines.get(8).matches("TCP loopback: " + figures), run.out());
        assertEquals("all answers were right", lines.get(9));
        assertEquals(10, lines.size(), run.out());
    }

    @Test
    void aServerServesAClientThatIsStartedByItself() throws Exception {
        Process server = PROGRAM.start("--server", "--name", name);
        try (BufferedReader out = server.inputReader(StandardCharsets.UTF_8)) {
            assertTrue(out.readLine().endsWith(", pipe " + name));
            assertEquals("Ctrl-C ends it.", out.readLine());
            Run client = call("--client", "--name", name, "--calls", "10");
            assertEquals("", client.err());
            assertEquals(0, client.exitCode(), client.out());
            assertTrue(client.out().contains("\npipe: 10 calls, "), client.out());
            assertTrue(client.out().endsWith("\nall answers were right\n"), client.out());
        } finally {
            server.destroyForcibly();
            assertTrue(server.waitFor(HangLimit.SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void aNameThatCannotBeServedIsToldInOneLine() throws Exception {
        Run run = call("--name", "\\\\elsewhere\\pipe\\x");

        assertEquals("", run.out());
        assertTrue(run.err().contains("with exit code 1: "), run.err());
        assertTrue(run.err().contains("a server can create pipes on"), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertEquals(1, run.exitCode());
    }
}
