/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** gRPC stays here, and brings no Netty of its own. */
@Tag("any-jvm")
class GrpcDependencyTest {

    private static final Path ROOT = Path.of(System.getProperty("npipe.root"));

    private static boolean knowsGrpc(Path pom) {
        try {
            return Files.readString(pom).contains("io.grpc");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void noOtherModuleKnowsGrpc() throws IOException {
        List<String> know;
        try (Stream<Path> files = Files.list(ROOT)) {
            know = Stream.concat(Stream.of(ROOT), files.filter(Files::isDirectory))
                    .map(folder -> folder.resolve("pom.xml"))
                    .filter(Files::exists)
                    .filter(GrpcDependencyTest::knowsGrpc)
                    .map(pom -> ROOT.relativize(pom.getParent()).toString())
                    .toList();
        }
        assertEquals(List.of("example-grpc"), know);
    }

    @Test
    void thereIsOneNetty() {
        Set<String> versions = Version.identify().values().stream()
                .filter(artifact -> !artifact.artifactId().equals("netty-pkitesting")) // released less often
                .map(Version::artifactVersion)
                .collect(Collectors.toSet());
        assertEquals(1, versions.size(), versions::toString);
        assertTrue(versions.iterator().next().startsWith("4.2."), versions::toString);
        assertFalse(Version.identify().get("netty-codec-http2") == null, "gRPC's part of Netty was not looked at");
    }
}
