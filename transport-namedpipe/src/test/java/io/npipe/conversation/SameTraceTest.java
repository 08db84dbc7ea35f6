/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.npipe.iocp.IocpIoHandler;
import io.npipe.simulation.SimulatedWorld;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A seed stands for one course of events: in this JVM, and in every other one that runs the same classes. Each JVM leaves
 * its hashes under {@code target/trace-hashes}, and compares them with those that it finds there.
 */
@Tag("any-jvm")
class SameTraceTest {

    private static final int SEEDS = 200;

    @Test
    void theSameSeedGivesTheSameTrace() {
        for (long seed = 1; seed <= 20; seed++) {
            assertEquals(Schedules.run(seed), Schedules.run(seed), "seed " + seed);
        }
    }

    @Test
    void anotherSeedGivesAnotherTrace() {
        assertNotEquals(Schedules.run(1), Schedules.run(2));
    }

    @Test
    void otherJvmsSeeTheSame() throws Exception {
        List<String> own = LongStream.rangeClosed(1, SEEDS)
                .mapToObj(seed -> seed + " " + Long.toHexString(Schedules.run(seed)))
                .toList();
        Path folder = Path.of("target", "trace-hashes", digestOfClasses());
        Files.createDirectories(folder);
        try (Stream<Path> others = Files.list(folder)) {
            for (Path other : others.toList()) {
                assertEquals(Files.readAllLines(other), own, () -> "not as in " + other.getFileName());
            }
        }
        String jvm = System.getProperty("os.name") + "-" + System.getProperty("java.version");
        Files.write(folder.resolve(jvm.replaceAll("[^A-Za-z0-9.-]", "-") + ".txt"), own);
    }

    /** Hashes of other classes are not comparable. */
    private static String digestOfClasses() throws IOException, NoSuchAlgorithmException, URISyntaxException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (Class<?> oneOfThem : List.of(IocpIoHandler.class, SimulatedWorld.class)) {
            Path root = Path.of(oneOfThem
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            try (Stream<Path> files = Files.walk(root)) {
                // By text: Windows' paths have an order of their own.
                Comparator<Path> byName = Comparator.comparing(
                        file -> root.relativize(file).toString().replace('\\', '/'));
                for (Path file :
                        files.filter(Files::isRegularFile).sorted(byName).toList()) {
                    digest.update(Files.readAllBytes(file));
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 8);
    }
}
