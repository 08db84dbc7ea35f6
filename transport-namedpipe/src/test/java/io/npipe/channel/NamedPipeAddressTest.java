/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names, paths and URI spellings. Runs on any JVM. */
@Tag("any-jvm")
class NamedPipeAddressTest {

    @ParameterizedTest
    @CsvSource({
        "echo, ., echo",
        "sql\\query, ., sql\\query",
        "\\\\.\\pipe\\echo, ., echo",
        "\\\\.\\PIPE\\Echo, ., Echo",
        "\\\\?\\pipe\\echo, ., echo",
        "\\\\.\\pipe\\MSSQL$X\\sql\\query, ., MSSQL$X\\sql\\query",
        "\\\\server\\pipe\\echo, server, echo",
        "a name with blanks, ., a name with blanks",
        "slashes/are/fine, ., slashes\\are\\fine",
        "..hidden, ., ..hidden",
        "v1.2, ., v1.2",
    })
    void namesAndPaths(String given, String host, String name) {
        NamedPipeAddress address = NamedPipeAddress.of(given);
        assertEquals(host, address.host());
        assertEquals(name, address.name());
        assertEquals("\\\\" + host + "\\pipe\\" + name, address.path());
        assertEquals(address.path(), address.toString());
        assertEquals(host.equals("."), address.isLocal());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "npipe:////./pipe/echo",
                "npipe://./pipe/echo",
                "NPIPE:////./pipe/echo",
                "//./pipe/echo",
                "\\\\.\\pipe\\echo",
                "npipe:\\\\.\\pipe\\echo",
                "echo",
            })
    void spellingsOfOneAddress(String uri) {
        assertEquals(NamedPipeAddress.of("echo"), NamedPipeAddress.parse(uri));
    }

    @Test
    void slashesOfAUriAreBackslashesOfThePath() {
        assertEquals(
                "\\\\.\\pipe\\a\\b",
                NamedPipeAddress.parse("npipe:////./pipe/a/b").path());
        assertEquals(
                "\\\\host\\pipe\\x",
                NamedPipeAddress.parse("npipe://host/pipe/x").path());
    }

    @Test
    void caseDoesNotMatter() {
        NamedPipeAddress lower = NamedPipeAddress.of("echo");
        NamedPipeAddress upper = NamedPipeAddress.of("\\\\.\\PIPE\\ECHO");
        assertEquals(lower, upper);
        assertEquals(lower.hashCode(), upper.hashCode());
        assertNotEquals(lower, NamedPipeAddress.of("other"));
        assertNotEquals(lower.hashCode(), NamedPipeAddress.of("other").hashCode());
        assertNotEquals(lower, NamedPipeAddress.of("\\\\server\\pipe\\echo"));
    }

    @Test
    void peersOfOnePipeDiffer() {
        NamedPipeAddress pipe = NamedPipeAddress.of("echo");
        NamedPipePeerAddress first = new NamedPipePeerAddress(pipe, 1);
        assertEquals(first, new NamedPipePeerAddress(pipe, 1));
        assertNotEquals(first, new NamedPipePeerAddress(pipe, 2));
        assertNotEquals(first, pipe);
        assertNotEquals(pipe, first);
        assertEquals("\\\\.\\pipe\\echo#1 (not identified yet)", first.toString());
        int hash = first.hashCode();
        first.identified(new NamedPipePeerCredentials(1234, 1, "S-1-5-18"));
        assertEquals("\\\\.\\pipe\\echo#1 (pid 1234, session 1, user S-1-5-18)", first.toString());
        assertEquals(hash, first.hashCode());
        first.identified(NamedPipePeerCredentials.UNKNOWN);
        assertEquals("\\\\.\\pipe\\echo#1 (pid unknown, session unknown, user unknown)", first.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|must not be empty",
                "\\\\.\\pipe\\|must not be empty",
                "\\\\.\\pipe|\\\\host\\pipe\\name",
                "\\\\.\\mailslot\\x|\\\\host\\pipe\\name",
                "\\\\|\\\\host\\pipe\\name",
                "\\\\\\pipe\\x|\\\\host\\pipe\\name",
                "\\\\a/b\\pipe\\x|\\\\host\\pipe\\name",
                "\\\\..\\pipe\\x|\\\\host\\pipe\\name",
                "..|end with a dot",
                ".|end with a dot",
                "..\\UNC\\evil\\pipe\\x|end with a dot",
                "../UNC/evil/pipe/x|end with a dot",
                "\\\\.\\pipe\\a\\..\\..\\C:\\x|end with a dot",
                "a.\\b|end with a dot",
                "a..|end with a dot",
                "\\x|may be empty",
                "a\\\\b|may be empty",
                "a/|may be empty",
                "'a '|end with a space",
            })
    void whatIsNoneNamesTheRule(String given, String rule) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> NamedPipeAddress.of(given));
        assertTrue(refused.getMessage().contains(rule), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "unix:///x, unix:",
        "unix:///var/run/docker.sock, unix:",
        "tcp://h:1, tcp:",
        "HTTP://h, HTTP:",
        "a+b.c-d://, a+b.c-d:",
        "file:\\\\.\\pipe\\x, file:",
        "npipe:tcp://h, tcp:",
        "\\\\.\\pipe\\tcp://h, tcp:"
    })
    void theUriOfAnotherKindOfAddressIsRefusedBecauseOfItsScheme(String uri, String scheme) {
        for (Executable refused : List.<Executable>of(
                () -> NamedPipeAddress.of(uri.replace("npipe:", "")), () -> NamedPipeAddress.parse(uri))) {
            String message =
                    assertThrows(IllegalArgumentException.class, refused).getMessage();
            assertTrue(message.contains(scheme + " is the scheme of another kind"), message);
            assertTrue(message.contains("npipe:////./pipe/echo"), message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"npipe:////./pipe/echo", "NPIPE://./pipe/echo"})
    void aUriWhereANameIsExpectedIsSentToParse(String uri) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> NamedPipeAddress.of(uri));
        assertTrue(refused.getMessage().contains("NamedPipeAddress.parse"), refused.getMessage());
    }

    /** A pipe's name may have a colon. */
    @ParameterizedTest
    @ValueSource(strings = {"a:b", "tcp:h", "a:\\b", ":"})
    void aColonAloneIsNoScheme(String name) {
        assertEquals(name, NamedPipeAddress.of(name).name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"npipe:////./pipe/../UNC/evil/pipe/x", "npipe:////./pipe/%2e%2e/", "//./pipe/../C:/x"})
    void aUriDoesNotLeadOutOfThePipes(String uri) {
        assertThrows(IllegalArgumentException.class, () -> NamedPipeAddress.parse(uri.replace("%2e", ".")));
    }

    @Test
    void aUriOfNothingButSlashesIsRefused() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> NamedPipeAddress.parse("npipe:////"));
        assertTrue(refused.getMessage().contains("host"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0b", "\0b"})
    void aNulIsRefused(String given) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> NamedPipeAddress.of(given));
        assertTrue(refused.getMessage().contains("NUL"), refused.getMessage());
        assertFalse(refused.getMessage().contains("\0"), "the message has the NUL itself");
    }

    @Test
    void noMessageHasANulItself() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> NamedPipeAddress.of("a\0."));
        assertFalse(refused.getMessage().contains("\0"), "the message has the NUL itself");
    }

    @Test
    void theWholePathHas256CharactersAtMost() {
        String longest = "x".repeat(256 - "\\\\.\\pipe\\".length());
        assertEquals(256, NamedPipeAddress.of(longest).path().length());
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> NamedPipeAddress.of(longest + "x"));
        assertTrue(refused.getMessage().contains("256"), refused.getMessage());
    }
}
