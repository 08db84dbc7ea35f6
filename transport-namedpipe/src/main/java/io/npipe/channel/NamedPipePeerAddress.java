/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

/**
 * The remote address of a channel that a server accepted: the pipe's path and a number of the connection. Clients of a
 * pipe have no address of their own; the number tells them apart, also where only the address is at hand.
 */
public final class NamedPipePeerAddress extends NamedPipeAddress {

    private static final long serialVersionUID = 1;

    private final long connectionId;

    NamedPipePeerAddress(NamedPipeAddress pipe, long connectionId) {
        super(pipe.host(), pipe.name());
        this.connectionId = connectionId;
    }

    /**
     * Tells which connection it is.
     *
     * @return 1 for the first that this process accepted, and so on
     */
    public long connectionId() {
        return connectionId;
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other) && ((NamedPipePeerAddress) other).connectionId == connectionId;
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + Long.hashCode(connectionId);
    }

    @Override
    public String toString() {
        return path() + "#" + connectionId;
    }
}
