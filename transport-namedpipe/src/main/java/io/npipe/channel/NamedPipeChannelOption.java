/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.channel.ChannelOption;
import java.util.Set;

/** The options of named pipes, beside those of Netty. */
public final class NamedPipeChannelOption {

    /**
     * Server: how many instances listen ahead of the clients, 1 to {@value
     * io.npipe.channel.NamedPipeServerChannelConfig#MAX_LISTENING_INSTANCES}; by default as many as there are
     * processors, at most 16. A client that finds all of them taken waits until the next one listens. {@code SO_BACKLOG}
     * may only lower it. To be set before the bind.
     */
    public static final ChannelOption<Integer> LISTENING_INSTANCES = option("LISTENING_INSTANCES");

    /**
     * Server: bytes or messages, for all instances of the name; {@link PipeMode#BYTE} by default. {@code PIPE_TYPE_*} of
     * <a href="https://learn.microsoft.com/windows/win32/api/namedpipeapi/nf-namedpipeapi-createnamedpipew">
     * CreateNamedPipeW</a>. To be set before the bind.
     */
    public static final ChannelOption<PipeMode> PIPE_TYPE = option("PIPE_TYPE");

    /**
     * Child and client: how this end reads; by default as the pipe's type. Messages can be read as bytes, bytes not as
     * messages: a child then fails to register, a client to connect. {@code PIPE_READMODE_*} of <a
     * href="https://learn.microsoft.com/windows/win32/api/namedpipeapi/nf-namedpipeapi-setnamedpipehandlestate">
     * SetNamedPipeHandleState</a>. To be set before the connection.
     *
     * <p>A child that only reads ({@link PipeDirection#CLIENT_TO_SERVER}) may not change the mode of its handle. With {@code
     * BYTE} on a pipe of messages, this library reads messages and passes on their bytes: a buffer then never has bytes of
     * two messages, but one message may come in several buffers.
     */
    public static final ChannelOption<PipeMode> READ_MODE = option("READ_MODE");

    /**
     * Server: which way the pipe goes; {@link PipeDirection#DUPLEX} by default. {@code PIPE_ACCESS_*} of {@code
     * CreateNamedPipeW}. To be set before the bind.
     *
     * <p>An end that only writes learns that the peer has gone when it writes.
     */
    public static final ChannelOption<PipeDirection> DIRECTION = option("DIRECTION");

    /**
     * Client: what to open the pipe for; {@link PipeAccess#READ_WRITE} by default. {@code dwDesiredAccess} of <a
     * href="https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew">CreateFileW</a>. To be set before
     * the connection.
     */
    public static final ChannelOption<PipeAccess> ACCESS = option("ACCESS");

    /**
     * Server: how many instances the name may have, connected or listening, 1 to 254, or {@link
     * NamedPipeServerChannelConfig#UNLIMITED_INSTANCES}, the default. {@code nMaxInstances} of {@code CreateNamedPipeW}. At
     * the limit clients wait; the server listens again when a child closes. With 1 the name is gone for a moment between one
     * client and the next, and other clients than this library's may be told so. To be set before the bind.
     */
    public static final ChannelOption<Integer> MAX_INSTANCES = option("MAX_INSTANCES");

    /**
     * Server: how long those clients wait for an instance who leave it to the server, in milliseconds; 0, the default, is
     * the system's 50 ms. {@code nDefaultTimeOut} of {@code CreateNamedPipeW}. Clients of this library wait for their own
     * {@code CONNECT_TIMEOUT_MILLIS}. To be set before the bind.
     */
    public static final ChannelOption<Integer> DEFAULT_WAIT_MILLIS = option("DEFAULT_WAIT_MILLIS");

    /**
     * Server and client: whether a write to a pipe of another machine ends only when its bytes are there; false by default.
     * {@code FILE_FLAG_WRITE_THROUGH}; on one machine it changes nothing. To be set before the bind or the connection.
     */
    public static final ChannelOption<Boolean> WRITE_THROUGH = option("WRITE_THROUGH");

    /**
     * Client: whether to wait also for a pipe that does not exist yet, for up to {@code CONNECT_TIMEOUT_MILLIS}; false by
     * default. It is tried again after 10 ms, then 20, up to every 250 ms: the kernel offers no wait for that. A name that
     * Windows does not accept fails at once, and so does one below that of an existing pipe ({@code a\b} while there is
     * {@code a}).
     * Without it, a pipe that was there, with all instances busy, and is gone is waited for in the same way, for about 3 s:
     * its server may be between two instances.
     */
    public static final ChannelOption<Boolean> WAIT_FOR_SERVER = option("WAIT_FOR_SERVER");

    /**
     * Child and client: the longest message that is read, in bytes; 16 MiB by default. A longer one is skipped, and a {@link
     * io.netty.handler.codec.TooLongFrameException} is caught in its place. Any time.
     */
    public static final ChannelOption<Integer> MAX_MESSAGE_SIZE = option("MAX_MESSAGE_SIZE");

    /**
     * Child and client of a message-type pipe: whether a message of length 0 is the end of the sender's output; false by
     * default. See {@link NamedPipeChannelConfig#setHalfClose}. Any time.
     */
    public static final ChannelOption<Boolean> HALF_CLOSE = option("HALF_CLOSE");

    /**
     * Client of a pipe of another machine: how many bytes are collected before they are sent; unset by default. {@code
     * lpMaxCollectionCount} of {@code SetNamedPipeHandleState}. A pipe of this machine refuses it. To be set before the
     * connection.
     */
    public static final ChannelOption<Integer> COLLECT_BYTES = option("COLLECT_BYTES");

    /**
     * Client of a pipe of another machine: after how many milliseconds what was collected is sent; unset by default. {@code
     * lpCollectDataTimeout} of {@code SetNamedPipeHandleState}. A pipe of this machine refuses it. To be set before the
     * connection.
     */
    public static final ChannelOption<Integer> COLLECT_MILLIS = option("COLLECT_MILLIS");

    /**
     * Server: who may open the pipe; {@link PipeSecurity#currentUser()} by default. The security descriptor of {@code
     * CreateNamedPipeW}, given with the first instance, and again with the next one when all have gone; all instances have
     * it. To be set before the bind.
     */
    public static final ChannelOption<PipeSecurity> SECURITY = option("SECURITY");

    /**
     * Server: whether the bind fails if the name exists already; true by default. {@code FILE_FLAG_FIRST_PIPE_INSTANCE}. With
     * false, a server joins whoever has created the name before, if that one's security lets it: clients then reach the one
     * or the other, and {@link #SECURITY} must be the same, else the bind fails. To be set before the bind.
     */
    public static final ChannelOption<Boolean> FIRST_INSTANCE = option("FIRST_INSTANCE");

    /**
     * Server: whether clients of other machines may connect; false by default. {@code PIPE_ACCEPT_REMOTE_CLIENTS} or {@code
     * PIPE_REJECT_REMOTE_CLIENTS}. They come over SMB, and {@link #SECURITY} must allow them, too. To be set before the
     * bind.
     */
    public static final ChannelOption<Boolean> ACCEPT_REMOTE_CLIENTS = option("ACCEPT_REMOTE_CLIENTS");

    /**
     * Client: how far the server may go in this process' name; {@link ImpersonationLevel#IDENTIFICATION} by default. {@code
     * SECURITY_*} of {@code CreateFileW}. A server has that right from the moment of the connection, before {@link
     * #REQUIRED_SERVER_OWNER} has been looked at. To be set before the connection.
     */
    public static final ChannelOption<ImpersonationLevel> IMPERSONATION_LEVEL = option("IMPERSONATION_LEVEL");

    /**
     * Client: who must own the pipe, the SID ({@code S-1-5-18}) or the name ({@code NT AUTHORITY\SYSTEM}) of an account; none
     * by default. The owner is looked at before anything is read or written; a pipe of anyone else fails the connection with
     * a {@link java.net.ConnectException}. A name is looked up at each connection, which may ask another machine. {@link
     * PipeSecurity#currentUserSid()} is this process' own user. A server of this library makes its user the owner, unless
     * its {@link PipeSecurity} says otherwise; of others it may be the group of administrators ({@code S-1-5-32-544}), if
     * they run elevated. To be set before the connection.
     */
    public static final ChannelOption<String> REQUIRED_SERVER_OWNER = option("REQUIRED_SERVER_OWNER");

    /** Those that only servers have; for the sentence that a client's configuration refuses them with. */
    private static final Set<ChannelOption<?>> OF_SERVERS = Set.of(
            LISTENING_INSTANCES,
            PIPE_TYPE,
            DIRECTION,
            MAX_INSTANCES,
            DEFAULT_WAIT_MILLIS,
            SECURITY,
            FIRST_INSTANCE,
            ACCEPT_REMOTE_CLIENTS);

    /** Those that only children and clients have. */
    private static final Set<ChannelOption<?>> OF_CONNECTIONS = Set.of(
            READ_MODE,
            ACCESS,
            WAIT_FOR_SERVER,
            MAX_MESSAGE_SIZE,
            HALF_CLOSE,
            COLLECT_BYTES,
            COLLECT_MILLIS,
            IMPERSONATION_LEVEL,
            REQUIRED_SERVER_OWNER);

    private static final Set<ChannelOption<?>> MEANINGLESS =
            Set.of(ChannelOption.SO_KEEPALIVE, ChannelOption.SO_REUSEADDR, ChannelOption.TCP_NODELAY);

    /** Options of sockets that frameworks set unasked: accepted, so that nobody is warned about what nobody chose. */
    static boolean isMeaninglessForPipes(ChannelOption<?> option) {
        return MEANINGLESS.contains(option);
    }

    /** Refuses an option that is set where it means nothing. */
    static void requireServerSide(ChannelOption<?> option) {
        if (OF_CONNECTIONS.contains(option)) {
            throw new IllegalArgumentException(
                    option + " is an option of connections, not of servers: set it with childOption, or on the client");
        }
    }

    /** Refuses an option that is set where it means nothing. */
    static void requireConnectionSide(ChannelOption<?> option) {
        if (OF_SERVERS.contains(option)) {
            throw new IllegalArgumentException(option + " is an option of servers: set it on the ServerBootstrap");
        }
    }

    private static <T> ChannelOption<T> option(String name) {
        return ChannelOption.valueOf(NamedPipeChannelOption.class, name);
    }

    private NamedPipeChannelOption() {}
}
