/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.common;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What people read of a failure. */
@Tag("any-jvm")
class OneLineTest {

    @Test
    void aMessageOfSeveralLinesBecomesOne() {
        assertEquals("no such pipe", OneLine.of(new Exception("no such\r\n  pipe")));
    }

    @Test
    void withoutAMessageItIsTheClass() {
        assertEquals("java.lang.Exception", OneLine.of(new Exception()));
    }

    @Test
    void aFuturesWrapperIsNotTold() {
        assertEquals("no such pipe", OneLine.of(new ExecutionException(new Exception("no such pipe"))));
    }
}
