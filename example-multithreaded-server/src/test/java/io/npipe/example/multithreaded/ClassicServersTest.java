/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.example.common.Patience;
import io.npipe.testkit.PipeLab;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The clients of this example with the three classic servers, which are C programs. */
class ClassicServersTest {

    private final PipeLab lab = new PipeLab(1, 2);

    @AfterEach
    void endLoops() {
        lab.close();
    }

    private List<Outcome> run(Tchar tchar, int clients, String answer) throws Exception {
        return new PipeClients(lab.clientGroup(), lab.address(), tchar, Patience.SECONDS * 1000, false)
                .run(IntStream.rangeClosed(1, clients)
                        .mapToObj(i -> new ClientHandler(i, "hello", 3, (request, given) -> given.equals(answer)))
                        .toList());
    }

    private static void assertServed(List<Outcome> outcomes) {
        for (Outcome outcome : outcomes) {
            assertTrue(outcome.isGood(), outcome::toString);
            assertEquals(3, outcome.answers(), outcome::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "multithreaded_server, UNICODE, default answer from server",
        "multithreaded_server, ANSI, default answer from server",
        "overlapped_server, UNICODE, Default answer from server",
        "overlapped_server, ANSI, Default answer from server",
        "completion_routine_server, UNICODE, Default answer from server",
        "completion_routine_server, ANSI, Default answer from server",
    })
    void everyRequestOfEveryClientArrivesAndIsAnswered(String program, Tchar tchar, String answer) throws Exception {
        try (ClassicProgram server =
                ClassicProgram.startServer(tchar, program, lab.address().path())) {
            assertServed(run(tchar, 5, answer));

            Set<String> expected = new TreeSet<>();
            for (int client = 1; client <= 5; client++) {
                for (int request = 1; request <= 3; request++) {
                    String text = "hello (client " + client + ", request " + request + ")\0";
                    expected.add("request " + HexFormat.of().formatHex(text.getBytes(tchar.charset())));
                }
            }
            List<String> said = server.endServer();
            assertEquals(15, said.size(), said::toString);
            assertEquals(expected, said.stream().collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    /** The overlapped one has four, which it uses again and again. */
    @ParameterizedTest
    @EnumSource
    void clientsThatFindEveryInstanceTakenWaitTheirTurn(Tchar tchar) throws Exception {
        try (ClassicProgram server = ClassicProgram.startServer(
                tchar, "overlapped_server", lab.address().path())) {
            List<Outcome> outcomes = run(tchar, 12, "Default answer from server");

            assertServed(outcomes);
            assertEquals(8, outcomes.stream().filter(Outcome::waited).count(), outcomes::toString);
            assertEquals(36, server.endServer().size());
        }
    }
}
