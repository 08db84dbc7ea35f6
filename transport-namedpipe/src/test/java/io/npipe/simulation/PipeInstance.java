/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.NtStatus.STATUS_PIPE_BROKEN;
import static io.npipe.win32.NtStatus.STATUS_PIPE_DISCONNECTED;
import static io.npipe.win32.NtStatus.STATUS_SUCCESS;
import static io.npipe.win32.Win32Error.ERROR_BAD_PIPE;
import static io.npipe.win32.Win32Error.ERROR_BROKEN_PIPE;
import static io.npipe.win32.Win32Error.ERROR_INVALID_FUNCTION;
import static io.npipe.win32.Win32Error.ERROR_NO_DATA;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_PIPE_LISTENING;
import static io.npipe.win32.Win32Error.ERROR_PIPE_NOT_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import java.util.ArrayList;
import java.util.List;

/**
 * An instance of a pipe: a server end, at most one client end, a queue in each direction, and a state that decides what
 * calls answer.
 *
 * <pre>
 *   created ─▶ LISTENING ──open──▶ CONNECTED ──one end closes──▶ CLOSING
 *                 ▲  │                 │                            │
 *                 │  └───disconnect────┴─────────disconnect─────────┤
 *                 └────────listen──────── DISCONNECTED ◀────────────┘
 * </pre>
 *
 * A client that was disconnected is cut off for good: the instance knows it no more.
 */
final class PipeInstance {

    enum State {
        LISTENING,
        CONNECTED,
        CLOSING,
        DISCONNECTED
    }

    private static final int ERROR_NOT_SUPPORTED = 50; // Wine's

    private final NamedPipes pipes;
    private final PipeName name;
    private final SimulatedProcess creator;
    private final Completions completions;
    private final DataQueue toServer;
    private final DataQueue toClient;
    private final PipeEnd server;
    private final List<Operation> listens = new ArrayList<>();
    private PipeEnd client;
    private Client lastClient;
    private boolean serverClosed;
    private boolean listensAgain;
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
        toServer = new DataQueue(completions, name.isMessageType(), pipes, toServerQuota);
        toClient = new DataQueue(completions, name.isMessageType(), pipes, toClientQuota);
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

    // ---- connecting ------------------------------------------------------------------------------------------------

    /** ConnectNamedPipe: {@code ERROR_SUCCESS} if the operation is to wait, else what is answered inline. */
    int listen(PipeEnd end, Operation operation) {
        if (!end.isServer()) {
            return ERROR_INVALID_FUNCTION;
        }
        switch (state) {
            case CONNECTED -> {
                forgetEarlyClient();
                return ERROR_PIPE_CONNECTED;
            }
            case CLOSING -> {
                forgetEarlyClient();
                return ERROR_NO_DATA;
            }
            case LISTENING, DISCONNECTED -> {
                listensAgain |= state == State.DISCONNECTED;
                state = State.LISTENING;
                if (end.neverWaits()) {
                    announce();
                    return ERROR_PIPE_LISTENING;
                }
                listens.add(operation);
                return ERROR_SUCCESS;
            }
        }
        throw new AssertionError(state);
    }

    private void forgetEarlyClient() {
        if (pipes.forgetsEarlyClients()) {
            lastClient = lastClient.unknown();
            toServer.forgetWriter();
        }
    }

    /** The listening is under way: whoever waits for an instance may have this one, if it was not free before. */
    void announce() {
        if (listensAgain) {
            listensAgain = false;
            pipes.instanceIsFree(this);
        }
    }

    /**
     * Who has opened it.
     *
     * @param process the client
     * @param level how far it lets the server go
     * @param tracking when the server may act as it
     */
    record Client(SimulatedProcess process, int level, Tracking tracking) {

        /** The kernel has forgotten who it is, though not its process. */
        Client unknown() {
            return new Client(process, level, tracking == Tracking.STATIC ? Tracking.NEVER : tracking);
        }
    }

    /** When a server knows its client. */
    enum Tracking {
        /** From the beginning. */
        STATIC,
        /** When it has read from it, as who wrote what was read last. */
        DYNAMIC,
        /** Not any more. */
        NEVER
    }

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
        pipes.instanceIsTaken(this);
        endListens(STATUS_SUCCESS);
        return client;
    }

    private void endListens(int status) {
        List<Operation> ended = List.copyOf(listens);
        listens.clear();
        ended.forEach(listen -> completions.end(listen, status, 0, null));
    }

    // ---- what calls answer whatever they are asked, or ERROR_SUCCESS -----------------------------------------------

    int whyNotAsk(PipeEnd end) {
        return end.isCutOff() ? ERROR_PIPE_NOT_CONNECTED : ERROR_SUCCESS;
    }

    int whyNotPeek(PipeEnd end) {
        if (end.isCutOff()) {
            return ERROR_PIPE_NOT_CONNECTED;
        }
        return switch (state) {
            case LISTENING, DISCONNECTED -> ERROR_BAD_PIPE;
            case CONNECTED -> ERROR_SUCCESS;
            case CLOSING -> end.inbound().isEmpty() ? ERROR_BROKEN_PIPE : ERROR_SUCCESS;
        };
    }

    int whyNotRead(PipeEnd end) {
        if (end.isCutOff()) {
            return ERROR_PIPE_NOT_CONNECTED;
        }
        return switch (state) {
            case LISTENING -> ERROR_PIPE_LISTENING;
            case DISCONNECTED -> ERROR_PIPE_NOT_CONNECTED;
            case CONNECTED -> end.neverWaits() && end.inbound().isEmpty() ? ERROR_NO_DATA : ERROR_SUCCESS;
            case CLOSING -> end.inbound().isEmpty() ? ERROR_BROKEN_PIPE : ERROR_SUCCESS;
        };
    }

    int whyNotWrite(PipeEnd end) {
        if (end.isCutOff()) {
            return ERROR_PIPE_NOT_CONNECTED;
        }
        return switch (state) {
            case LISTENING -> ERROR_PIPE_LISTENING;
            case DISCONNECTED -> ERROR_PIPE_NOT_CONNECTED;
            case CONNECTED -> ERROR_SUCCESS;
            case CLOSING -> ERROR_NO_DATA;
        };
    }

    // ---- ending ----------------------------------------------------------------------------------------------------

    void withdraw(Operation operation) {
        listens.remove(operation);
        toServer.withdraw(operation);
        toClient.withdraw(operation);
    }

    /** A write was withdrawn: those behind it may end. */
    void settle() {
        toServer.endWrites();
        toClient.endWrites();
    }

    /** DisconnectNamedPipe. */
    int disconnect(PipeEnd end) {
        if (!end.isServer()) {
            return whyNotDisconnect(end);
        }
        switch (state) {
            case LISTENING -> {
                if (pipes.isWine()) {
                    return ERROR_PIPE_LISTENING;
                }
                state = State.DISCONNECTED;
                pipes.instanceIsTaken(this);
                endListens(STATUS_PIPE_DISCONNECTED);
                return ERROR_SUCCESS;
            }
            case DISCONNECTED -> {
                return ERROR_PIPE_NOT_CONNECTED;
            }
            case CONNECTED, CLOSING -> {
                state = State.DISCONNECTED;
                cutOff();
                return ERROR_SUCCESS;
            }
        }
        throw new AssertionError(state);
    }

    private int whyNotDisconnect(PipeEnd end) {
        if (pipes.isWine()) {
            return ERROR_NOT_SUPPORTED;
        }
        return end.isCutOff() ? ERROR_PIPE_NOT_CONNECTED : ERROR_INVALID_FUNCTION;
    }

    private void cutOff() {
        for (DataQueue queue : List.of(toServer, toClient)) {
            queue.endReads(STATUS_PIPE_DISCONNECTED);
            queue.discard(STATUS_PIPE_DISCONNECTED);
            queue.forgetWriter();
        }
        if (client != null) {
            client.cutOff();
            client = null;
        }
        if (!pipes.isWine()) {
            lastClient = null;
        }
    }

    /** One end's handle is closed. What it had written can still be read, what it had under way ends. */
    void endClosed(PipeEnd end) {
        if (end.isCutOff()) {
            return;
        }
        if (pipes.isWine()) {
            end.outbound().abandonWrites(STATUS_PIPE_BROKEN);
        } else {
            completions.cancelWhatHasAPacket(end);
        }
        if (end.isServer()) {
            serverClosed = true;
            endListens(pipes.isWine() ? NamedPipes.STATUS_HANDLES_CLOSED : STATUS_PIPE_BROKEN);
        } else {
            client = null;
        }
        end.inbound().endReads(STATUS_PIPE_BROKEN);
        end.inbound().discard(STATUS_PIPE_BROKEN);
        if (state == State.CONNECTED) {
            state = State.CLOSING;
            end.outbound().serve(); // a slow read
            end.outbound().endReads(STATUS_PIPE_BROKEN);
        }
        if (end.isServer()) {
            pipes.serverHasClosed(this);
        }
        if (serverClosed && client == null) {
            pipes.instanceIsGone(this);
        }
    }
}
