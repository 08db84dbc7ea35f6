/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

/** What a handle of {@code \\.\pipe\} stands for, and one of the file system, {@code \\.\pipe}. */
final class RootDirectory extends FileObject {

    private final NamedPipes pipes;
    private final Completions completions;
    private final boolean fileSystem;

    RootDirectory(NamedPipes pipes, Completions completions, boolean fileSystem) {
        this.pipes = pipes;
        this.completions = completions;
        this.fileSystem = fileSystem;
    }

    /** It is not the directory that pipes are in. */
    boolean isFileSystem() {
        return fileSystem;
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
