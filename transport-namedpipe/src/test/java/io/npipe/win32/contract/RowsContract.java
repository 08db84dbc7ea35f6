/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.npipe.simulation.SimulatedKernel;
import io.npipe.win32.contract.rows.Row;
import io.npipe.win32.contract.rows.Rows;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each row of the table of rules, which {@link io.npipe.win32.contract.rows.RowReport} prints as well. */
abstract class RowsContract {

    /** The implementation under test. */
    abstract Win32Contract.Kernel kernel();

    static List<Row> rows() {
        return Rows.ALL;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void answers(Row row) {
        String answer = row.answer(kernel().win32());

        if (!row.accepts(answer, kernel().isWine()) && !isForTheReport(row)) {
            assertEquals(row.expected(kernel().isWine()), answer);
        }
    }

    /** What nobody has seen on Windows, Windows is asked for: the report tells, and no build fails. */
    private boolean isForTheReport(Row row) {
        boolean isWindows = !kernel().isWine() && !(kernel().win32() instanceof SimulatedKernel);
        return isWindows && row.kind() != Row.Kind.W;
    }
}
