/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The rules of the kernel that can be shown by calls of the seam, within one process and thread. */
public final class Rows {

    /** All of them, by number. */
    public static final List<Row> ALL = Stream.of(InstanceRows.ALL, StateRows.ALL, TransferRows.ALL, SecurityRows.ALL)
            .flatMap(List::stream)
            .sorted(Comparator.comparing(Row::number))
            .toList();

    private Rows() {}
}
