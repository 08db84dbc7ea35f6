/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Of the transport, the codecs know its public API only. */
@Tag("any-jvm")
class CodecDependencyTest {

    private static final Path SOURCES = Path.of(System.getProperty("npipe.root"), "codec-message/src/main/java");

    @Test
    void importsPointToTheChannelsAndNoFurther() throws IOException {
        List<String> imports;
        try (Stream<Path> files = Files.walk(SOURCES)) {
            imports = files.filter(file -> file.toString().endsWith(".java"))
                    .flatMap(CodecDependencyTest::lines)
                    .filter(line -> line.startsWith("import io.npipe."))
                    .toList();
        }
        assertTrue(!imports.isEmpty(), "sources not found");
        assertEquals(
                List.of(),
                imports.stream()
                        .filter(line -> !line.startsWith("import io.npipe.channel."))
                        .toList());
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
