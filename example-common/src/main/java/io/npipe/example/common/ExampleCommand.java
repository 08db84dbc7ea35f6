/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.common;

import io.npipe.channel.NamedPipe;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Help;

/** Runs an example's command line. */
public final class ExampleCommand {

    /** Exit code: it did what it should. */
    public static final int OK = 0;

    /** Exit code: it did not, or something failed. */
    public static final int FAILED = 1;

    /** Exit code: the command line is wrong. */
    public static final int USAGE = 2;

    /**
     * Runs it. What goes wrong is told in one line on standard error.
     *
     * @param name the example's, with which such a line begins
     * @param command has picocli's annotations; returns the exit code
     * @param arguments command line
     * @return exit code
     */
    public static int run(String name, Callable<Integer> command, String... arguments) {
        return new CommandLine(command)
                .setExpandAtFiles(false) // "@x" is a text like any other
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF)) // Wine passes for a terminal with colours
                .setParameterExceptionHandler(
                        (e, given) -> complain(name, OneLine.of(e) + " (--help shows the options)", USAGE))
                .setExecutionExceptionHandler((e, commandLine, result) -> complain(name, OneLine.of(e), FAILED))
                .execute(arguments);
    }

    private static int complain(String name, String text, int exitCode) {
        System.err.println(name + ": " + text);
        return exitCode;
    }

    /** For what runs a moment and tells its errors itself: the libraries do not log them again. */
    public static void logOnlySevere() {
        LogManager.getLogManager().getLogger("").setLevel(Level.SEVERE);
    }

    /**
     * Fails where there are no named pipes.
     *
     * @throws IllegalStateException saying what is needed
     */
    public static void requireNamedPipes() {
        if (!NamedPipe.isAvailable()) {
            throw new IllegalStateException(NamedPipe.unavailabilityCause().getMessage());
        }
    }

    private ExampleCommand() {}
}
