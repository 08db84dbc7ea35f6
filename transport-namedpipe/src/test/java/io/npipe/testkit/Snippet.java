/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Lines that a text shows and a test runs: between two comments of the test's source that name them. */
public final class Snippet {

    private static final Path ROOT = Path.of(System.getProperty("npipe.root"));

    /** Fails unless a text of the project has the lines of a test, as they are but for their indentation. */
    public static void assertShown(String textFile, Class<?> test, String name) throws IOException {
        assertShown(textFile, test, name, UnaryOperator.identity());
    }

    /** The same, but for what the test cannot do as it is shown. */
    public static void assertShown(String textFile, Class<?> test, String name, UnaryOperator<String> asShown)
            throws IOException {
        String[] parts = source(test).split("// " + name + "\n", -1);
        assertEquals(3, parts.length, () -> test + " has not two comments // " + name);
        String snippet = asShown.apply(parts[1].stripTrailing().stripIndent().strip());
        assertTrue(
                read(ROOT.resolve(textFile)).contains("```java\n" + snippet + "\n```"),
                () -> textFile + " does not have:\n" + snippet);
    }

    /** In whichever module it is. */
    private static String source(Class<?> test) throws IOException {
        String file = "src/test/java/" + test.getName().replace('.', '/') + ".java";
        try (Stream<Path> modules = Files.list(ROOT)) {
            List<Path> found = modules.map(module -> module.resolve(file))
                    .filter(Files::exists)
                    .toList();
            assertEquals(1, found.size(), () -> file + ": " + found);
            return read(found.get(0));
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file).replace("\r\n", "\n");
    }

    private Snippet() {}
}
