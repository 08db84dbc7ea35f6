/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

/**
 * What a connected pipe is like as one end sees it.
 *
 * @param type the pipe's: how this end writes
 * @param readMode how this end reads
 * @param reads whether it may read
 * @param writes whether it may write
 */
record PipeForm(PipeMode type, PipeMode readMode, boolean reads, boolean writes) {

    /**
     * Whether an operation that succeeds inline queues no packet. Not with messages: an inline 234 would come with a packet
     * or without one, depending on the version of Windows.
     */
    boolean skipsPackets() {
        return type == PipeMode.BYTE;
    }

    boolean readsMessages() {
        return readMode == PipeMode.MESSAGE;
    }

    boolean writesMessages() {
        return type == PipeMode.MESSAGE;
    }
}
