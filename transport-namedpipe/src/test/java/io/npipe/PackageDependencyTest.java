/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Imports point one way: channel to iocp and win32, iocp to win32; and JNA stays in win32. */
@Tag("any-jvm")
class PackageDependencyTest {

    private static final Path SOURCES = Path.of(System.getProperty("npipe.root"), "transport-namedpipe/src/main/java");

    /** What each package may use of the others. */
    private static final Map<String, Set<String>> ALLOWED = Map.of(
            "win32", Set.of(),
            "iocp", Set.of("win32"),
            "channel", Set.of("iocp", "win32"));

    private static final Pattern OWN = Pattern.compile("io\\.npipe\\.(\\w+)\\.");

    @Test
    void importsPointOneWay() throws IOException {
        List<String> wrong = new ArrayList<>();
        int files = 0;
        for (Path file : sources()) {
            files++;
            String own = file.getParent().getFileName().toString();
            Matcher used = OWN.matcher(code(file));
            while (used.find()) {
                if (!used.group(1).equals(own) && !ALLOWED.get(own).contains(used.group(1))) {
                    wrong.add(file.getFileName() + " uses " + used.group());
                }
            }
        }
        assertFalse(files < 30, "sources not found");
        assertEquals(List.of(), wrong);
    }

    @Test
    void nobodySeesJnaAboveTheSeam() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : sources()) {
            if (!file.getParent().endsWith("win32") && code(file).contains("com.sun.jna")) {
                wrong.add(file.getFileName().toString());
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void noPackageOfNettyIsSplit() throws IOException {
        for (Path file : sources()) {
            assertFalse(code(file).contains("package io.netty"), file::toString);
        }
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    /** Without comments, which may name anything. */
    private static String code(Path file) throws IOException {
        return Files.readString(file).replaceAll("(?s)/\\*.*?\\*/", "");
    }
}
