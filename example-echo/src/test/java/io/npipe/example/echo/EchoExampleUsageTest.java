/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.testkit.Program;
import io.npipe.testkit.Program.Run;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a command line is told before anything is started, by any JVM. */
@Tag("any-jvm")
class EchoExampleUsageTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--size x|2|Invalid value for option '--size'",
                "--size 0|2|--size must be",
                "--size 1 --size 2|2|should be specified only once",
                "--count 0|2|--count must be",
                "--clients 0|2|--clients must be",
                "--message=|2|--message must not be empty",
                "surplus|2|surplus",
                "--server --client --name x|2|exclude each other",
                "--server --count 3|2|it takes --name",
                "--allow S-1-1-0|2|--allow goes with --server",
                "--client|2|--name of a running server",
                "--file x --count 3|2|neither --size nor --count",
                "--file x --message y|2|exclude each other",
                "--name \\\\.\\mailslot\\x|2|a path has the form",
                "--name=|2|must not be empty",
                "--file no-such-file|1|cannot read the file \"no-such-file\"",
                "--file .|1|cannot read the file \".\"",
                "--file a?b|1|cannot read the file \"a?b\"",
            })
    void isToldInOneLine(String arguments, int exitCode, String message) {
        Run run = Program.call(EchoExample::run, arguments.split(" "));

        assertTrue(run.err().startsWith("echo: "), run.err());
        assertTrue(run.err().contains(message), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertEquals(exitCode, run.exitCode());
    }
}
