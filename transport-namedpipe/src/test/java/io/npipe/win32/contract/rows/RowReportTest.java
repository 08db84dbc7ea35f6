/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Leaves the report where CI finds it, whatever the answers are. */
class RowReportTest {

    private static final Path REPORT = Path.of("target", "kernel-rows.md");

    @Test
    void theReportHasEachRow() throws IOException {
        Files.deleteIfExists(REPORT);

        RowReport.main(new String[] {REPORT.toString()});

        List<String> lines = Files.readAllLines(REPORT);
        for (Row row : RowReport.all()) {
            assertEquals(
                    1,
                    lines.stream()
                            .filter(line -> line.startsWith("| " + row.number() + " | " + row.kind()))
                            .count(),
                    row::toString);
        }
        assertTrue(lines.size() > RowReport.all().size());
    }

    @Test
    void eachRowHasANumberOfItsOwn() {
        Set<String> numbers = new HashSet<>();
        for (Row row : RowReport.all()) {
            assertTrue(numbers.add(row.number()), row::toString);
        }
    }
}
