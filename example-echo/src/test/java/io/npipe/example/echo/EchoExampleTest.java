/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.channel.NamedPipe;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Program;
import io.npipe.testkit.Program.Run;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The example as its user runs it: in processes of its own, where it matters that they are. */
class EchoExampleTest {

    private static final Program PROGRAM = new Program(EchoExample.class);

    private static Run call(String... arguments) {
        return Program.call(EchoExample::run, arguments);
    }

    /** A busy machine may take the two seconds after which there is a progress bar. */
    private static String withoutProgress(String err) {
        return err.replaceAll("[\\r\\n]*echo +\\d+% \\[[^\\r\\n]*[\\r\\n]*", "");
    }

    @Test
    void theMainJobRunsTwoProcessesAndMatches() throws Exception {
        Run run = PROGRAM.run("--message", "@round and round", "--count=20");

        assertEquals("", withoutProgress(run.err()));
        assertEquals(0, run.exitCode(), run.out());
        assertTrue(run.out().matches("(?s)server: process \\d+, pipe .*client: process \\d+.*"), run.out());
        assertTrue(run.out().contains("sent: \"@round and round\", 20 times"), run.out());
        assertTrue(run.out().contains("echoed: 320 bytes"), run.out());
        assertTrue(run.out().contains("round trips: 20, min "), run.out());
        assertTrue(run.out().contains("matches: yes"), run.out());
    }

    @Test
    void aFileIsStreamedBothWays(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("data");
        byte[] block = new byte[1_000_000];
        new Random(1).nextBytes(block);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < 20; i++) {
                out.write(block);
            }
        }
        Digest digest = new Digest();
        for (int i = 0; i < 20; i++) {
            digest.update(io.netty.buffer.Unpooled.wrappedBuffer(block));
        }

        Run run = call("--file", file.toString());

        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("echoed: 20000000 bytes"), run.out());
        assertTrue(run.out().contains(digest.value()), run.out());
    }

    @Test
    void anEmptyFileMatches(@TempDir Path folder) throws Exception {
        Run run = call("--file", Files.createFile(folder.resolve("empty")).toString());

        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("echoed: 0 bytes"), run.out());
    }

    @Test
    void everyClientGetsItsOwnBytes() throws Exception {
        Run run = call("--clients", "200", "--size", "300", "--count", "2");

        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("matches: yes, all 200 clients"), run.out());
    }

    @Test
    void helpShowsTheOptions() throws Exception {
        Run run = call("--help");

        assertEquals(0, run.exitCode());
        for (String option :
                List.of("--name", "--message", "--file", "--size", "--count", "--clients", "--server", "--allow")) {
            assertTrue(run.out().contains(option), option);
        }
        assertEquals("", run.err());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--nonsense|2|Unknown option: '--nonsense' (--help shows the options)",
                "--name \\\\elsewhere\\pipe\\x|1|with exit code 1: \\\\elsewhere\\pipe\\x: a server can create pipes on",
            })
    void whatIsWrongIsToldInOneLine(String arguments, int exitCode, String message) throws Exception {
        Run run = call(arguments.split(" "));

        assertEquals("", run.out());
        assertTrue(run.err().contains(message), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertEquals(exitCode, run.exitCode());
    }

    @Test
    @Tag("any-jvm")
    void whereThereAreNoPipesItSaysSo() throws Exception {
        Run run = PROGRAM.run("--client", "--name", "nobody-serves-this");

        assertEquals(1, run.exitCode(), run.err());
        String expected = NamedPipe.isAvailable() ? "no server has created this pipe" : "need a 64-bit JVM on Windows";
        assertTrue(run.err().contains(expected), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
    }

    @Test
    void aServerTellsWhoConnects() throws Exception {
        String name = "npipe-echo-test-" + UUID.randomUUID();
        Process server = PROGRAM.start("--server", "--name", name, "--allow", "S-1-5-32-545", "--allow", "S-1-5-18");
        try (var out = server.inputReader(StandardCharsets.UTF_8)) {
            assertTrue(out.readLine().contains(name));
            assertEquals("Ctrl-C ends it.", out.readLine());
            assertEquals(0, call("--client", "--name", name).exitCode());
            String line = out.readLine();
            assertTrue(line.matches("connected: .*#1 \\(pid \\d+, session \\d+, user S-1-5-[0-9-]+\\)"), line);
        } finally {
            server.destroyForcibly();
            assertTrue(server.waitFor(HangLimit.SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void anAccountThatDoesNotExistIsTold() throws Exception {
        Run run = call("--server", "--allow", "npipe-nobody");
        assertEquals("echo: there is no account \"npipe-nobody\"\n", run.err());
        assertEquals(1, run.exitCode());
    }

    @Test
    void theServerEndsWithItsParent() throws Exception {
        Process parent = PROGRAM.start("--size", "1000", "--count", "10000000");
        long server;
        try (var out = parent.inputReader(StandardCharsets.UTF_8)) {
            server = Long.parseLong(out.readLine().replaceAll("server: process (\\d+),.*", "$1"));
        }
        ProcessHandle child = ProcessHandle.of(server).orElseThrow();

        parent.destroyForcibly(); // no shutdown hook runs

        child.onExit().get(HangLimit.SECONDS, TimeUnit.SECONDS);
        assertTrue(parent.waitFor(HangLimit.SECONDS, TimeUnit.SECONDS));
    }
}
