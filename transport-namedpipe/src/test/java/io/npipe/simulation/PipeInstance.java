/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.NtStatus.STATUS_PIPE_BROKEN;
import static io.npipe.win32.NtStatus.STATUS_PIPE_DISCONNECTED;
import static io.npipe.win32.NtStatus.STATUS_SUCCESS;
import static io.npipe.win32.Win32Error.ERROR_BAD_PIPE;
import static io.npipe.win32.Win32Error.ERROR_BROKEN_PIPE;
import static io.npipe.win32.Win32Error.ERROR_NO_DATA;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_PIPE_LISTENING;
import static io.npipe.win32.Win32Error.ERROR_PIPE_NOT_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

/**
 * One instance of a named pipe.
 *
 * <pre>
 *   LISTENING ── a client opens it ──▶ CONNECTED ── one end closes ──▶ CLOSING ── the other, too ──▶ gone
 *       ▲                                  └──── disconnect ────▶ DISCONNECTED
 *       └───────────────────────── listen ──────────────────────────┘
 * </pre>
 */
final class PipeInstance {

    enum State {
        LISTENING,
        CONNECTED,
        CLOSING,
        DISCONNECTED
    }

    private final NamedPipes pipes;
    private final PipeName name;
    private final SimulatedProcess creator;
    private final Completions completions;
    private final DataQueue toServer;
    private final DataQueue toClient;
    private final PipeEnd server;
    private PipeEnd client;
    private Operation listen;
    private Client lastClient;
    private boolean serverClosed;
    private State state = State.LISTENING;

    PipeInstance(
            NamedPipes pipes,
            PipeName name,
            SimulatedProcess creator,
            Completions completions,
            int toClientQuota,
            int toServerQuota) {
        this.pipes = pipes;
        this.creator = creator;
        this.name = name;
        this.completions = completions;
        boolean wine = pipes.isWine();
        toServer = new DataQueue(completions, name.isMessageType(), wine, toServerQuota);
        toClient = new DataQueue(completions, name.isMessageType(), wine, toClientQuota);
        server = new PipeEnd(this, true, PipeEnd.rights(name.serverReads(), name.serverWrites()));
    }

    PipeName name() {
        return name;
    }

    DataQueue toServer() {
        return toServer;
    }

    DataQueue toClient() {
        return toClient;
    }

    PipeEnd server() {
        return server;
    }

    boolean isFree() {
        return state == State.LISTENING;
    }

    boolean isOpenAtServer() {
        return !serverClosed;
    }

    // ---- connecting ------------------------------------------------------------------------------------------------

    /** ConnectNamedPipe: {@code ERROR_SUCCESS} if the operation is to wait, else what is answered inline. */
    int listen(Operation operation) {
        switch (state) {
            case CONNECTED -> {
                return ERROR_PIPE_CONNECTED;
            }
            case CLOSING -> {
                return ERROR_NO_DATA;
            }
            case LISTENING, DISCONNECTED -> {
                if (listen != null) {
                    return ERROR_PIPE_LISTENING;
                }
                boolean fresh = state == State.DISCONNECTED;
                state = State.LISTENING;
                listen = operation;
                if (fresh) {
                    pipes.instanceIsFree(name);
                }
                return ERROR_SUCCESS;
            }
        }
        throw new AssertionError(state);
    }

    /**
     * Who has opened it.
     *
     * @param process the client
     * @param level how far it lets the server go
     * @param isDynamic whether it is known only when the server has read from it, as who wrote what was read last
     */
    record Client(SimulatedProcess process, int level, boolean isDynamic) {}

    /** Null before there was one. */
    Client lastClient() {
        return lastClient;
    }

    SimulatedProcess creator() {
        return creator;
    }

    PipeEnd open(int rights, Client newClient) {
        lastClient = newClient;
        client = new PipeEnd(this, false, rights);
        state = State.CONNECTED;
        if (listen != null) {
            Operation ended = listen;
            listen = null;
            completions.end(ended, STATUS_SUCCESS, 0, null);
        }
        return client;
    }

    // ---- transferring ----------------------------------------------------------------------------------------------

    /** What every question to an end answers now, or {@code ERROR_SUCCESS}. */
    int whyNotAsk(PipeEnd end) {
        return end.isCutOff() ? ERROR_PIPE_NOT_CONNECTED : ERROR_SUCCESS;
    }

    /** What a peek answers now, or {@code ERROR_SUCCESS}. */
    int whyNotPeek(PipeEnd end) {
        if (end.isCutOff()) {
            return ERROR_PIPE_NOT_CONNECTED;
        }
        if (state == State.LISTENING || state == State.DISCONNECTED) {
            return ERROR_BAD_PIPE;
        }
        return state == State.CLOSING && end.inbound().isEmpty() ? ERROR_BROKEN_PIPE : ERROR_SUCCESS;
    }

    /** What a read answers now whatever is asked for, or {@code ERROR_SUCCESS}. */
    int whyNotRead(PipeEnd end) {
        if (end.isCutOff() || state == State.DISCONNECTED) {
            return ERROR_PIPE_NOT_CONNECTED;
        }
        if (state == State.LISTENING) {
            return ERROR_PIPE_LISTENING;
        }
        return state == State.CLOSING && end.inbound().isEmpty() ? ERROR_BROKEN_PIPE : ERROR_SUCCESS;
    }

    /** What a write answers now whatever is asked for, or {@code ERROR_SUCCESS}. */
    int whyNotWrite(PipeEnd end) {
        if (end.isCutOff() || state == State.DISCONNECTED) {
            return ERROR_PIPE_NOT_CONNECTED;
        }
        if (state == State.LISTENING) {
            return ERROR_PIPE_LISTENING;
        }
        return state == State.CLOSING ? ERROR_NO_DATA : ERROR_SUCCESS;
    }

    void withdraw(Operation operation) {
        if (operation == listen) {
            listen = null;
        }
        toServer.withdraw(operation);
        toClient.withdraw(operation);
    }

    // ---- ending ----------------------------------------------------------------------------------------------------

    /** DisconnectNamedPipe. */
    int disconnect() {
        switch (state) {
            case LISTENING -> {
                if (pipes.isWine()) {
                    return ERROR_PIPE_LISTENING;
                }
                state = State.DISCONNECTED;
                if (listen != null) {
                    Operation ended = listen;
                    listen = null;
                    completions.end(ended, STATUS_PIPE_DISCONNECTED, 0, null);
                }
                return ERROR_SUCCESS;
            }
            case DISCONNECTED -> {
                return ERROR_PIPE_NOT_CONNECTED;
            }
            case CONNECTED, CLOSING -> {
                state = State.DISCONNECTED;
                if (!pipes.isWine()) {
                    lastClient = null;
                }
                for (DataQueue queue : new DataQueue[] {toServer, toClient}) {
                    queue.endReads(STATUS_PIPE_DISCONNECTED);
                    queue.discard(STATUS_PIPE_DISCONNECTED);
                }
                if (client != null) {
                    client.cutOff();
                    client = null;
                }
                return ERROR_SUCCESS;
            }
        }
        throw new AssertionError(state);
    }

    /** One end's handle is closed. */
    void endClosed(PipeEnd end) {
        if (end.isCutOff()) {
            return;
        }
        if (end.isServer()) {
            serverClosed = true;
        } else {
            client = null;
        }
        completions.cancelAll(end);
        if (state == State.CONNECTED) {
            state = State.CLOSING;
            end.inbound().discard(STATUS_PIPE_BROKEN);
            end.outbound().serve(); // a slow read
            end.outbound().endReads(STATUS_PIPE_BROKEN);
        }
        if (serverClosed && client == null) {
            pipes.instanceIsGone(this);
        }
    }
}
