/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.testkit.Wine;
import io.npipe.win32.NativeWin32;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rows that only the kernel of this system is asked. */
class RealRowsTest {

    static List<Row> rows() {
        return RealRows.ALL;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void answers(Row row) {
        String answer = row.answer(NativeWin32.get());

        assertTrue(row.accepts(answer, Wine.isWine()), () -> row.expected(Wine.isWine()) + ", but was " + answer);
    }
}
