/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.NtStatus.STATUS_CANCELLED;

import java.util.List;

/** What a handle of {@code \\.\pipe\} stands for. */
final class RootDirectory extends FileObject {

    private final NamedPipes pipes;
    private final Completions completions;

    RootDirectory(NamedPipes pipes, Completions completions) {
        this.pipes = pipes;
        this.completions = completions;
    }

    @Override
    void withdraw(Operation operation) {
        pipes.withdraw(operation);
    }

    @Override
    void closed() {
        for (Operation operation : List.copyOf(operations())) {
            if (operation.isUnderWay()) {
                pipes.withdraw(operation);
                completions.end(operation, STATUS_CANCELLED, 0, null);
            }
        }
    }
}
