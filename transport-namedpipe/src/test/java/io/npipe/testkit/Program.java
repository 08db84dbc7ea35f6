/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/** A main class with its command line, run as its user runs it, or called in this process: one starts in seconds. */
public final class Program {

    /** What became of a run; lines end with {@code \n}. */
    public record Run(int exitCode, String out, String err) {}

    private final Class<?> main;

    public Program(Class<?> main) {
        this.main = main;
    }

    /** Starts a process, to be ended by the caller. */
    public Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        // With its suffix: without it, Wine finds the script beside it.
        String java = System.getProperty("os.name").startsWith("Windows") ? "java.exe" : "java";
        command.add(Path.of(System.getProperty("java.home"), "bin", java).toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-Djava.security") || argument.startsWith("-Dio.netty.mach"))
                .forEach(command::add);
        command.add("--enable-native-access=ALL-UNNAMED"); // as the examples' jars say it of JNA
        command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).start();
    }

    /** Runs a process to its end. */
    public Run run(String... arguments) throws Exception {
        Process process = start(arguments);
        try {
            process.getOutputStream().close();
            CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
            String out = text(process.getInputStream());
            assertTrue(process.waitFor(HangLimit.SECONDS, TimeUnit.SECONDS), "does not end");
            return new Run(process.exitValue(), out, err.get());
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(InputStream stream) {
        try {
            // Buffered: asked for all bytes, a bare stream wants to know the length of its pipe, which Wine cannot
            // tell.
            return lines(new BufferedInputStream(stream).readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String lines(byte[] text) {
        return new String(text, StandardCharsets.UTF_8).replace("\r\n", "\n");
    }

    /**
     * Calls what a main method calls, with the standard streams caught; one at a time.
     *
     * @param command returns the exit code
     */
    public static Run call(ToIntFunction<String[]> command, String... arguments) {
        PrintStream outBefore = System.out;
        PrintStream errBefore = System.err;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        int exitCode;
        try {
            exitCode = command.applyAsInt(arguments);
        } finally {
            System.setOut(outBefore);
            System.setErr(errBefore);
        }
        return new Run(exitCode, lines(out.toByteArray()), lines(err.toByteArray()));
    }
}
