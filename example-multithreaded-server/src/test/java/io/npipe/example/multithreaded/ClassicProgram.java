/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.testkit.HangLimit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One of the C programs of {@code src/test/c}, in a process of its own; it is gone when this is closed. */
final class ClassicProgram implements AutoCloseable {

    private static final String END = "(end of output)";

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private ClassicProgram(Process process) {
        this.process = process;
        Thread reader = new Thread(this::collectLines, "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    static ClassicProgram start(Tchar tchar, String name, String... arguments) throws IOException {
        Path program = Path.of("target", "c", tchar.name().toLowerCase(Locale.ROOT), name + ".exe")
                .toAbsolutePath();
        assertTrue(
                Files.exists(program),
                () -> program + " is missing: it takes a C compiler. Put Visual Studio's cl or MinGW's gcc on PATH (on"
                        + " Linux: apt-get install gcc-mingw-w64-x86-64) and build again.");
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        return new ClassicProgram(
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /** A server, when it listens. */
    static ClassicProgram startServer(Tchar tchar, String name, String pipe) throws Exception {
        ClassicProgram server = start(tchar, name, pipe);
        try {
            server.awaitLine("listening");
            return server;
        } catch (Throwable t) {
            server.close();
            throw t;
        }
    }

    private void collectLines() {
        try (BufferedReader output = process.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lines.add(END);
        }
    }

    /** The next line, of the errors, too. */
    String line() throws InterruptedException {
        String line = lines.poll(HangLimit.SECONDS, TimeUnit.SECONDS);
        assertNotNull(line, "the program is silent");
        return line;
    }

    /** Skips what comes ahead of it. */
    void awaitLine(String expected) throws InterruptedException {
        List<String> before = new ArrayList<>();
        for (String line = line(); !line.equals(expected); line = line()) {
            before.add(line);
            assertTrue(!line.equals(END), () -> "no \"" + expected + "\" but " + before);
        }
    }

    /** Waits for its end, by itself, and returns what it said that was not asked for yet. */
    List<String> awaitEnd(int exitCode) throws InterruptedException {
        List<String> rest = new ArrayList<>();
        for (String line = line(); !line.equals(END); line = line()) {
            rest.add(line);
        }
        assertTrue(process.waitFor(HangLimit.SECONDS, TimeUnit.SECONDS), "does not end");
        assertEquals(exitCode, process.exitValue(), rest::toString);
        return rest;
    }

    /** Ends a server as it is meant to end, and returns what it said that was not asked for yet. */
    List<String> endServer() throws Exception {
        process.getOutputStream().close();
        return awaitEnd(0);
    }

    /** Ends it by force, wherever it is. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertTrue(process.waitFor(HangLimit.SECONDS, TimeUnit.SECONDS), "cannot be killed");
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
