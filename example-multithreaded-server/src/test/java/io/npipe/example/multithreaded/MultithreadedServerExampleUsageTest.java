/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.testkit.Program;
import io.npipe.testkit.Program.Run;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a command line is told before anything is started, by any JVM. */
@Tag("any-jvm")
class MultithreadedServerExampleUsageTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--nonsense|Unknown option: '--nonsense'",
                "surplus|surplus",
                "--clients x|Invalid value for option '--clients'",
                "--clients 0|--clients must be 1 to 10000",
                "--requests 0|--requests must be 1 to",
                "--instances -1|--instances must be 0 to 254",
                "--instances 255|--instances must be 0 to 254",
                "--threads 0|--threads must be 1 to 1000",
                "--threads 1 --work -1|--work must be 0 to 60000",
                "--work 5|it needs --threads",
                "--charset utf-8|--charset is unicode or ansi, not utf-8",
                "--serve --client|exclude each other",
                "--serve --clients 3|--serve runs no clients",
                "--serve --requests 3|--serve runs no clients",
                "--serve --message x|--serve runs no clients",
                "--serve --charset ansi|--serve runs no clients",
                "--client --instances 3|--client runs no server",
                "--client --threads 3|--client runs no server",
                "--name=|must not be empty",
                "--name \\\\.\\mailslot\\x|a path has the form",
            })
    void isToldInOneLine(String arguments, String message) {
        assertWrong(message, arguments.split(" "));
    }

    @ParameterizedTest
    @CsvSource({"unicode", "ansi"})
    void aMessageThatCannotBeSentIsRefused(String charset) {
        assertWrong("--message may have 448 characters", "--charset", charset, "--message", "x".repeat(449));
        assertWrong("--message has a character that", "--charset", charset, "--message", "half: \ud83d");
    }

    private static void assertWrong(String message, String... arguments) {
        Run run = Program.call(MultithreadedServerExample::run, arguments);

        assertTrue(run.err().startsWith("multithreaded-server: "), run.err());
        assertTrue(run.err().contains(message), run.err());
        assertTrue(run.err().contains("--help shows the options"), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertEquals(2, run.exitCode());
    }
}
