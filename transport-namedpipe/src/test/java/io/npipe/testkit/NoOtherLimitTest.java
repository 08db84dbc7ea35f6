/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** No test has a limit of its own that a slow machine might not keep: they have {@link HangLimit}. */
@Tag("any-jvm")
class NoOtherLimitTest {

    /** JUnit's, which are switched off, and waits for a number of seconds or minutes. */
    private static final Pattern LIMIT = Pattern.compile("@Timeout\\(\\d"
            + "|assertTimeout\\w*\\(\\s*(Duration\\.)?of\\w+\\(\\d"
            + "|\\.(await\\w*|get|poll|pollFirst|take|join|waitFor|tryAcquire|invokeAll|orTimeout|exchange)"
            + "\\(([^()]*, )?[\\d_]+L?,\\s*(java\\.util\\.concurrent\\.)?(TimeUnit\\.)?(SECONDS|MINUTES)\\)");

    private static final Pattern NUMBER_OF_MILLIS =
            Pattern.compile("assertTrue\\([^;!]*\\.await\\w*\\([\\d_]+L?(, [\\w.]*MILLISECONDS)?\\)");

    private static List<String> limitsOf(String source) {
        List<String> limits = new ArrayList<>();
        for (Pattern pattern : List.of(LIMIT, NUMBER_OF_MILLIS)) {
            Matcher limit = pattern.matcher(source);
            while (limit.find()) {
                limits.add(limit.group());
            }
        }
        return limits;
    }

    @Test
    void everyWaitHasTheOneLimit() throws IOException {
        List<String> wrong = new ArrayList<>();
        int files = 0;
        for (Path file : tests()) {
            files++;
            limitsOf(Files.readString(file)).forEach(limit -> wrong.add(file.getFileName() + ": " + limit));
        }
        assertFalse(files < 100, "tests not found");
        assertEquals(List.of(), wrong);
    }

    private static List<Path> tests() throws IOException {
        List<Path> tests = new ArrayList<>();
        try (Stream<Path> modules = Files.list(Path.of(System.getProperty("npipe.root")))) {
            for (Path module :
                    modules.map(each -> each.resolve("src/test/java")).toList()) {
                if (Files.isDirectory(module)) {
                    try (Stream<Path> files = Files.walk(module)) {
                        files.filter(file -> file.toString().endsWith(".java"))
                                .filter(file -> !file.endsWith("NoOtherLimitTest.java"))
                                .filter(file -> !file.endsWith("HangLimitTest.java"))
                                .forEach(tests::add);
                    }
                }
            }
        }
        return tests;
    }

    @Test
    void othersAreFound() {
        for (String limit : List.of(
                "@Timeout(60)",
                "assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {})",
                "latch.await(10, TimeUnit.SECONDS)",
                "answer.get(2, SECONDS)",
                "future.awaitUninterruptibly(15, TimeUnit.SECONDS)",
                "process.waitFor(1, TimeUnit.MINUTES)",
                "assertTrue(close.await(200), \"open\")",
                "assertTrue(loop.awaitTermination(600, TimeUnit.MILLISECONDS))")) {
            assertEquals(1, limitsOf(limit).size(), limit);
        }
        for (String other : List.of(
                "latch.await(HangLimit.SECONDS, TimeUnit.SECONDS)",
                "group.shutdownGracefully(0, 5, TimeUnit.SECONDS)",
                "assertFalse(write.await(50))",
                "assertTrue(!write.await(50))",
                "assertFalse(accepted.await(300, TimeUnit.MILLISECONDS))",
                "map.get(1)")) {
            assertTrue(limitsOf(other).isEmpty(), other);
        }
    }
}
