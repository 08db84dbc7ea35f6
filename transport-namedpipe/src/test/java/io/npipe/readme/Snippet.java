/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.readme;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Lines that a text shows and a test runs: between two comments of the test's source that name them. */
final class Snippet {

    /** Fails unless a text of the project has the lines of a test, as they are but for their indentation. */
    static void assertShown(String textFile, Class<?> test, String name) throws IOException {
        Path root = Path.of(System.getProperty("npipe.root"));
        String source = read(root.resolve(
                "transport-namedpipe/src/test/java/" + test.getName().replace('.', '/') + ".java"));
        String mark = "// " + name + "\n";
        int begin = source.indexOf(mark) + mark.length();
        String snippet = source.substring(begin, source.indexOf(mark, begin))
                .stripTrailing()
                .stripIndent()
                .strip();
        assertTrue(
                read(root.resolve(textFile)).contains("```java\n" + snippet + "\n```"),
                () -> textFile + " does not have:\n" + snippet);
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file).replace("\r\n", "\n");
    }

    private Snippet() {}
}
