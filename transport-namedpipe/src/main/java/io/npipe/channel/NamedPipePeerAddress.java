/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

/**
 * The remote address of a channel that a server accepted: the pipe's path, a number of the connection, and who the client
 * is. Clients of a pipe have no address of their own; the number tells them apart, also where only the address is at hand,
 * and frameworks that show only the address can authorise by it.
 */
public final class NamedPipePeerAddress extends NamedPipeAddress {

    private static final long serialVersionUID = 1;

    private final long connectionId;
    private volatile NamedPipePeerCredentials credentials;

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

    /**
     * Tells who the client is. Any thread.
     *
     * @return credentials; null before the first read if Windows cannot tell before. When the first bytes are fired, they
     *     are there.
     */
    public NamedPipePeerCredentials credentials() {
        return credentials;
    }

    void identified(NamedPipePeerCredentials newCredentials) {
        credentials = newCredentials;
    }

    /** The same connection; what is known of the client does not matter. */
    @Override
    public boolean equals(Object other) {
        return super.equals(other) && ((NamedPipePeerAddress) other).connectionId == connectionId;
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + Long.hashCode(connectionId);
    }

    /** Such as {@code \\.\pipe\echo#7 (pid 1234, session 1, user S-1-5-18)}. */
    @Override
    public String toString() {
        NamedPipePeerCredentials known = credentials;
        return path() + "#" + connectionId + " (" + (known == null ? "not identified yet" : known) + ")";
    }
}
