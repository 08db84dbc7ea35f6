/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

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
        completions.cancelAll(this);
    }
}
