/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.npipe.win32.NativeWin32;
import java.io.Serializable;

/**
 * Who is at the other end of a pipe, as Windows told it once: when the connection was made, or at the first read where it
 * cannot tell before. Immutable.
 *
 * <table>
 *   <caption>What is known</caption>
 *   <tr><th>peer</th><th>{@code processId}, {@code sessionId}</th><th>{@code userSid}</th></tr>
 *   <tr><td>a client</td><td>of the process that opened the pipe</td><td>of its user, from the impersonation token</td></tr>
 *   <tr><td>a client with {@link ImpersonationLevel#ANONYMOUS}</td><td>the same</td><td>null</td></tr>
 *   <tr><td>a client that connected before the server listened, if Windows forgets it then</td><td>the same</td>
 *       <td>null</td></tr>
 *   <tr><td>a client over the network, where {@link NamedPipeChannelOption#ACCEPT_REMOTE_CLIENTS} lets it in</td>
 *       <td>0 and -1: what Windows has is that machine's word</td><td>of its user</td></tr>
 *   <tr><td>a server</td><td>of the process that created the pipe</td>
 *       <td>the owner of the pipe; null if it has none</td></tr>
 * </table>
 *
 * <p>What Windows does not tell is 0, -1 and null.
 *
 * <p>A process id is for logs. It is no identity: the process may have ended, and its id may have been given to another
 * one; a program may connect and hand the pipe on. The user is what Windows has authenticated.
 *
 * @param processId id of the process, or 0
 * @param sessionId id of its Windows session, or -1
 * @param userSid SID of the user, {@code S-1-5-…}, or null
 */
public record NamedPipePeerCredentials(long processId, int sessionId, String userSid) implements Serializable {

    /** {@code processId} where it is not known. */
    static final long NO_PROCESS = 0;

    /** {@code sessionId} where it is not known. */
    static final int NO_SESSION = -1;

    /** Nothing is known. */
    static final NamedPipePeerCredentials UNKNOWN = new NamedPipePeerCredentials(NO_PROCESS, NO_SESSION, null);

    /**
     * Looks the user's account up, off the event loop, since that may ask another machine. Each call asks again.
     *
     * @return {@code domain\name}; null if the user is not known, or if the SID has no account (any more). Fails with
     *     {@link java.io.UncheckedIOException} if Windows does not answer. Listeners are told on Netty's global executor.
     */
    public Future<String> accountName() {
        return userSid == null
                ? GlobalEventExecutor.INSTANCE.newSucceededFuture(null)
                : Accounts.nameOf(NativeWin32::get, Accounts.THREADS, userSid);
    }

    /** Such as {@code pid 1234, session 1, user S-1-5-18}. */
    @Override
    public String toString() {
        return "pid " + (processId == NO_PROCESS ? "unknown" : processId) + ", session "
                + (sessionId == NO_SESSION ? "unknown" : sessionId) + ", user "
                + (userSid == null ? "unknown" : userSid);
    }
}
