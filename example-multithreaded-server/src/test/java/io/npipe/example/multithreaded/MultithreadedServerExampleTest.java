/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.channel.NamedPipe;
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

/** The example as its user runs it: in a process of its own. */
class MultithreadedServerExampleTest {

    private static final Program PROGRAM = new Program(MultithreadedServerExample.class);

    private final String name = PipeLab.freshAddress().path();

    private static Run call(String... arguments) {
        return Program.call(MultithreadedServerExample::run, arguments);
    }

    @Test
    void clientsAreAnsweredAndThoseThatFindThePipeBusyWait() throws Exception {
        Run run = PROGRAM.run("--name", name);

        assertEquals("", run.err());
        assertEquals(0, run.exitCode(), run.out());
        List<String> lines = run.out().lines().toList();
        assertEquals("server: " + name + ", at most 3 instances", lines.get(0));
        for (int client = 1; client <= 10; client++) {
            String pattern = "client " + client
                    + ": (found the pipe busy, waited \\d+ ms; )?3 answers: \"default answer from server\"";
            assertTrue(lines.get(client).matches(pattern), lines.get(client));
        }
        assertTrue(
                lines.get(11).startsWith("in all: 10 clients, 7 of which found the pipe busy; 30 answers, "),
                lines.get(11));
        assertEquals("every request was answered", lines.get(12));
    }

    @Test
    void clientsCompareWhatTheyAreGivenIfTheServerEchoes() throws Exception {
        Run run = call(
                "--name",
                name,
                "--echo",
                "--charset",
                "ansi",
                "--clients",
                "4",
                "--requests",
                "2",
                "--message",
                "@x",
                "--instances",
                "0",
                "--threads",
                "3",
                "--work",
                "1");

        assertEquals("", run.err());
        assertEquals(0, run.exitCode(), run.out());
        assertTrue(run.out().startsWith("server: " + name + ", any number of instances\n"), run.out());
        assertTrue(run.out().contains("2 answers, the first: \"@x (client 4, request 1)\"\n"), run.out());
    }

    @Test
    void itServesAndTellsHowMuch() throws Exception {
        Process server = PROGRAM.start("--name", name, "--serve");
        try (BufferedReader out = server.inputReader(StandardCharsets.UTF_8)) {
            assertEquals("server: " + name + ", any number of instances", out.readLine());
            assertEquals("Ctrl-C ends it.", out.readLine());
            try (ClassicProgram client =
                    ClassicProgram.start(Tchar.UNICODE, "classic_client", name, "hi", "512", "7")) {
                client.awaitEnd(0);
            }
            String line = out.readLine();
            while (line != null && !line.startsWith("clients: 0 now, 1 in all; messages: 7, ")) {
                line = out.readLine();
            }
            assertNotNull(line);
        } finally {
            server.destroyForcibly();
            assertTrue(server.waitFor(HangLimit.SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void itsClientsTakeTheAnswersOfAnyServer() throws Exception {
        try (ClassicProgram server = ClassicProgram.startServer(Tchar.ANSI, "overlapped_server", name)) {
            Run run = call("--name", name, "--client", "--charset", "ansi", "--clients", "5", "--requests", "1");

            assertEquals("", run.err());
            assertEquals(0, run.exitCode(), run.out());
            assertTrue(run.out().contains("client 5: "), run.out());
            assertTrue(run.out().contains("1 answer: \"Default answer from server\"\n"), run.out());
            assertEquals(5, server.endServer().size());
        }
    }

    @Test
    void whatIsNotAnsweredIsToldAndFails() throws Exception {
        Run run = call("--name", name, "--client", "--clients", "1");

        assertEquals("", run.err());
        assertEquals(1, run.exitCode());
        assertTrue(run.out().startsWith("client 1: 0 answers; then FAILED: " + name), run.out());
        assertTrue(run.out().endsWith("NOT every request was answered: 1 of 1 clients\n"), run.out());
    }

    @Test
    void aNameThatCannotBeServedIsToldInOneLine() throws Exception {
        Run run = call("--name", "\\\\elsewhere\\pipe\\x");

        assertEquals("", run.out());
        assertTrue(
                run.err().startsWith("multithreaded-server: \\\\elsewhere\\pipe\\x: a server can create pipes on"),
                run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertEquals(1, run.exitCode());
    }

    @Test
    void helpShowsTheOptions() throws Exception {
        Run run = call("--help");

        assertEquals(0, run.exitCode());
        for (String option : List.of(
                "--name",
                "--serve",
                "--client",
                "--clients",
                "--requests",
                "--message",
                "--charset",
                "--instances",
                "--echo",
                "--threads",
                "--work")) {
            assertTrue(run.out().contains(option), option);
        }
        assertEquals("", run.err());
    }

    @Test
    @Tag("any-jvm")
    void whereThereAreNoPipesItSaysSo() throws Exception {
        Run run = PROGRAM.run("--client", "--name", "nobody-serves-this", "--clients", "1");

        assertEquals(1, run.exitCode(), run.err());
        String expected = NamedPipe.isAvailable() ? "no server has created this pipe" : "need a 64-bit JVM on Windows";
        assertTrue((run.out() + run.err()).contains(expected), run.out() + run.err());
    }
}
