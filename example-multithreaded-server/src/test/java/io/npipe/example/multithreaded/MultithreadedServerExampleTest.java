/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.channel.NamedPipe;
import io.npipe.testkit.PipeLab;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The example as its user runs it: in a process of its own. */
@Timeout(120)
class MultithreadedServerExampleTest {

    private record Run(int exitCode, String out, String err) {}

    private final String name = PipeLab.freshAddress().path();

    private static Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        command.add(Path.of(System.getProperty("java.home"), "bin", windows ? "java.exe" : "java")
                .toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-Djava.security") || argument.startsWith("-Dio.netty.mach"))
                .forEach(command::add);
        command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path")));
        command.add(MultithreadedServerExample.class.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).start();
    }

    private static Run run(String... arguments) throws Exception {
        Process process = start(arguments);
        try {
            process.getOutputStream().close();
            CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
            String out = text(process.getInputStream());
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "does not end");
            return new Run(process.exitValue(), out, err.get());
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(InputStream stream) {
        try {
            // Buffered: asked for all bytes, a bare stream wants to know the length of its pipe, which Wine cannot
            // tell.
            return new String(new BufferedInputStream(stream).readAllBytes(), StandardCharsets.UTF_8)
                    .replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void clientsAreAnsweredAndThoseThatFindThePipeBusyWait() throws Exception {
        Run run = run("--name", name);

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
        Run run = run(
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
        Process server = start("--name", name, "--serve");
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
            assertTrue(server.waitFor(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void itsClientsTakeTheAnswersOfAnyServer() throws Exception {
        try (ClassicProgram server = ClassicProgram.startServer(Tchar.ANSI, "overlapped_server", name)) {
            Run run = run("--name", name, "--client", "--charset", "ansi", "--clients", "5", "--requests", "1");

            assertEquals("", run.err());
            assertEquals(0, run.exitCode(), run.out());
            assertTrue(run.out().contains("client 5: "), run.out());
            assertTrue(run.out().contains("1 answer: \"Default answer from server\"\n"), run.out());
            assertEquals(5, server.endServer().size());
        }
    }

    @Test
    void whatIsNotAnsweredIsToldAndFails() throws Exception {
        Run run = run("--name", name, "--client", "--clients", "1");

        assertEquals("", run.err());
        assertEquals(1, run.exitCode());
        assertTrue(run.out().startsWith("client 1: 0 answers; then FAILED: " + name), run.out());
        assertTrue(run.out().endsWith("NOT every request was answered: 1 of 1 clients\n"), run.out());
    }

    @Test
    void aNameThatCannotBeServedIsToldInOneLine() throws Exception {
        Run run = run("--name", "\\\\elsewhere\\pipe\\x");

        assertEquals("", run.out());
        assertTrue(
                run.err().startsWith("multithreaded-server: \\\\elsewhere\\pipe\\x: a server can create pipes on"),
                run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertEquals(1, run.exitCode());
    }

    @Test
    void helpShowsTheOptions() throws Exception {
        Run run = run("--help");

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
        Run run = run("--client", "--name", "nobody-serves-this", "--clients", "1");

        assertEquals(1, run.exitCode(), run.err());
        String expected = NamedPipe.isAvailable() ? "no server has created this pipe" : "need a 64-bit JVM on Windows";
        assertTrue((run.out() + run.err()).contains(expected), run.out() + run.err());
    }
}
