/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.channel.NamedPipe;
import io.npipe.testkit.Program;
import io.npipe.testkit.Program.Run;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the example refuses, and how it reports. */
@Tag("any-jvm")
class GrpcExampleUsageTest {

    private static String complaint(int expectedExitCode, String... arguments) {
        Run run = Program.call(GrpcExample::run, arguments);
        assertEquals(expectedExitCode, run.exitCode());
        return run.err();
    }

    @Test
    void helpShowsTheOptions() {
        Run run = Program.call(GrpcExample::run, "--help");
        assertEquals(0, run.exitCode());
        for (String option : List.of("--name", "--greet", "--calls", "--server", "--client")) {
            assertTrue(run.out().contains(option), option);
        }
    }

    @Test
    void whereNobodyServesItSaysSoInOneLine() {
        String err = complaint(1, "--client", "--name", "nobody-serves-this");
        String expected = NamedPipe.isAvailable() ? "no server has created this pipe" : "need a 64-bit JVM on Windows";
        assertTrue(err.contains(expected), err);
        assertEquals(1, err.lines().count(), err);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--nonsense|Unknown option: '--nonsense'",
                "--server --client|exclude each other",
                "--client|needs the --name",
                "--server --calls 5|only serves",
                "--server --greet x|only serves",
                "--calls -1|must be 0 to 1000000",
                "--calls 1000001|must be 0 to 1000000",
                "--name \\\\x\\y|a path has the form",
            })
    void whatMakesNoSenseIsRefusedInOneLine(String arguments, String reason) {
        String err = complaint(2, arguments.split(" "));
        assertTrue(err.startsWith("grpc: "), err);
        assertTrue(err.contains(reason), err);
        assertEquals(1, err.lines().count(), err);
    }
}
