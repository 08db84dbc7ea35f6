/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.channel.NamedPipe;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The example as its user runs it: in processes of its own. */
@Timeout(120)
class EchoExampleTest {

    private record Run(int exitCode, String out, String err) {}

    private static Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        command.add(Path.of(System.getProperty("java.home"), "bin", windows ? "java.exe" : "java")
                .toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-Djava.security") || argument.startsWith("-Dio.netty"))
                .forEach(command::add);
        command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path")));
        command.add(EchoExample.class.getName());
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

    /** A busy machine may take the two seconds after which there is a progress bar. */
    private static String withoutProgress(String err) {
        return err.replaceAll("[\\r\\n]*echo +\\d+% \\[[^\\r\\n]*[\\r\\n]*", "");
    }

    private static String text(InputStream stream) {
        try {
            // Buffered: asked for all bytes, a bare stream wants to know the length of its pipe, which Wine cannot
            // tell.
            return new String(new BufferedInputStream(stream).readAllBytes(), StandardCharsets.UTF_8)
                    .replace("\r\n", "\n");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void theMainJobRunsTwoProcessesAndMatches() throws Exception {
        Run run = run("--message", "@round and round", "--count=20");

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

        Run run = run("--file", file.toString());

        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("echoed: 20000000 bytes"), run.out());
        assertTrue(run.out().contains(digest.value()), run.out());
    }

    @Test
    void anEmptyFileMatches(@TempDir Path folder) throws Exception {
        Run run = run("--file", Files.createFile(folder.resolve("empty")).toString());

        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("echoed: 0 bytes"), run.out());
    }

    @Test
    void everyClientGetsItsOwnBytes() throws Exception {
        Run run = run("--clients", "200", "--size", "300", "--count", "2");

        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("matches: yes, all 200 clients"), run.out());
    }

    @Test
    void helpShowsTheOptions() throws Exception {
        Run run = run("--help");

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
        Run run = run(arguments.split(" "));

        assertEquals("", run.out());
        assertTrue(run.err().contains(message), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertEquals(exitCode, run.exitCode());
    }

    @Test
    @Tag("any-jvm")
    void whereThereAreNoPipesItSaysSo() throws Exception {
        Run run = run("--client", "--name", "nobody-serves-this");

        assertEquals(1, run.exitCode(), run.err());
        String expected = NamedPipe.isAvailable() ? "no server has created this pipe" : "need a 64-bit JVM on Windows";
        assertTrue(run.err().contains(expected), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
    }

    @Test
    void aServerTellsWhoConnects() throws Exception {
        String name = "npipe-echo-test-" + UUID.randomUUID();
        Process server = start("--server", "--name", name, "--allow", "S-1-5-32-545", "--allow", "S-1-5-18");
        try (var out = server.inputReader(StandardCharsets.UTF_8)) {
            assertTrue(out.readLine().contains(name));
            assertEquals("Ctrl-C ends it.", out.readLine());
            assertEquals(0, run("--client", "--name", name).exitCode());
            String line = out.readLine();
            assertTrue(line.matches("connected: .*#1 \\(pid \\d+, session \\d+, user S-1-5-[0-9-]+\\)"), line);
        } finally {
            server.destroyForcibly();
            assertTrue(server.waitFor(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void anAccountThatDoesNotExistIsTold() throws Exception {
        Run run = run("--server", "--allow", "npipe-nobody");
        assertEquals("echo: there is no account \"npipe-nobody\"\n", run.err());
        assertEquals(1, run.exitCode());
    }

    @Test
    void theServerEndsWithItsParent() throws Exception {
        Process parent = start("--size", "1000", "--count", "10000000");
        long server;
        try (var out = parent.inputReader(StandardCharsets.UTF_8)) {
            server = Long.parseLong(out.readLine().replaceAll("server: process (\\d+),.*", "$1"));
        }
        ProcessHandle child = ProcessHandle.of(server).orElseThrow();

        parent.destroyForcibly(); // no shutdown hook runs

        child.onExit().get(30, TimeUnit.SECONDS);
        assertTrue(parent.waitFor(10, TimeUnit.SECONDS));
    }
}
