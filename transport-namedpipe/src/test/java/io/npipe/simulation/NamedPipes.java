/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.NtStatus.STATUS_IO_TIMEOUT;
import static io.npipe.win32.NtStatus.STATUS_OBJECT_NAME_NOT_FOUND;
import static io.npipe.win32.NtStatus.STATUS_PENDING;
import static io.npipe.win32.NtStatus.STATUS_SUCCESS;
import static io.npipe.win32.PipeConstants.FILE_FLAG_FIRST_PIPE_INSTANCE;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_REJECT_REMOTE_CLIENTS;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_UNLIMITED_INSTANCES;
import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_FILE_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_INVALID_OWNER;
import static io.npipe.win32.Win32Error.ERROR_INVALID_PARAMETER;
import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.npipe.win32.PipeConstants;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The pipe file system: names, their instances, and who waits for one. */
final class NamedPipes {

    /** What a wait answers under Wine when the name vanishes. */
    private static final int STATUS_HANDLES_CLOSED = 0x8000000A;

    /** The level of a client that asks for none: it lets the server act as itself, whoever it is at the time. */
    static final int NO_LEVEL = -1;

    private static final int FILE_CREATE_PIPE_INSTANCE = 0x4;

    /** Of a later instance: to create it, and what its handle can do. */
    private static final int SERVER_RIGHTS = 0x12019F;

    private static final int GENERIC_READ_RIGHTS = 0x120089;
    private static final int GENERIC_WRITE_RIGHTS = 0x120116;

    private static final SimulatedProcess THIEF = new SimulatedProcess("S-1-5-21-1-2-3-6666", 6666, 6);

    private final Completions completions;
    private final Chances chances;
    private final boolean wine;
    private final Map<String, PipeName> names = new HashMap<>();
    private final List<Waiter> waiters = new ArrayList<>();

    private record Waiter(Operation operation, String name) {}

    NamedPipes(Completions completions, Chances chances, boolean wine) {
        this.completions = completions;
        this.chances = chances;
        this.wine = wine;
    }

    boolean isWine() {
        return wine;
    }

    private static String key(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    // ---- creating --------------------------------------------------------------------------------------------------

    /** The outcome of a creation or opening: an end, or an error code. */
    record Opened(PipeEnd end, int code) {

        static Opened failed(int code) {
            return new Opened(null, code);
        }
    }

    Opened create(
            String name,
            int openMode,
            int pipeMode,
            int maximum,
            int outQuota,
            int inQuota,
            AccessList asked,
            SimulatedProcess process) {
        AccessList list =
                asked == null ? AccessList.windowsDefault(process.userSid()) : asked.ownedBy(process.userSid());
        int access = openMode & PIPE_ACCESS_DUPLEX;
        int maxInstances = wine ? Math.min(maximum, PIPE_UNLIMITED_INSTANCES) : maximum;
        boolean impossibleMode = (pipeMode & PIPE_READMODE_MESSAGE) != 0 && (pipeMode & PIPE_TYPE_MESSAGE) == 0;
        if (access == 0 || maxInstances < 1 || maxInstances > PIPE_UNLIMITED_INSTANCES || impossibleMode) {
            return Opened.failed(ERROR_INVALID_PARAMETER);
        }
        if (!process.has(list.owner())) {
            return Opened.failed(ERROR_INVALID_OWNER);
        }
        PipeName pipe = names.get(key(name));
        if (pipe != null) {
            int refusal = refusalOfLaterInstance(pipe, openMode, access, process);
            if (refusal != ERROR_SUCCESS) {
                return Opened.failed(refusal);
            }
        } else {
            boolean local = (pipeMode & PIPE_REJECT_REMOTE_CLIENTS) != 0;
            pipe = new PipeName(access, pipeMode, maxInstances, local, list);
            names.put(key(name), pipe);
        }
        PipeInstance instance = new PipeInstance(this, pipe, process, completions, outQuota, inQuota);
        instance.server().setReadsMessages((pipeMode & PIPE_READMODE_MESSAGE) != 0 && pipe.isMessageType());
        pipe.instances().add(instance);
        instanceIsFree(pipe);
        return new Opened(instance.server(), ERROR_SUCCESS);
    }

    private int refusalOfLaterInstance(PipeName pipe, int openMode, int access, SimulatedProcess process) {
        if (pipe.maxInstances() != PIPE_UNLIMITED_INSTANCES && pipe.instances().size() >= pipe.maxInstances()) {
            return ERROR_PIPE_BUSY;
        }
        boolean first = (openMode & FILE_FLAG_FIRST_PIPE_INSTANCE) != 0 && !wine;
        if (first || pipe.access() != access) {
            return ERROR_ACCESS_DENIED;
        }
        return wine || pipe.accessList().allows(process, SERVER_RIGHTS) ? ERROR_SUCCESS : ERROR_ACCESS_DENIED;
    }

    // ---- opening ---------------------------------------------------------------------------------------------------

    Opened open(String name, int desiredAccess, boolean remote, SimulatedProcess process, int level) {
        PipeName pipe = names.get(key(name));
        if (pipe == null || !pipe.isServed()) {
            return Opened.failed(ERROR_FILE_NOT_FOUND);
        }
        int rights = rights(desiredAccess);
        boolean reads = (rights & PipeEnd.FILE_READ_DATA) != 0;
        boolean writes = (rights & PipeEnd.FILE_WRITE_DATA) != 0;
        boolean wrongDirection = (reads && !pipe.serverWrites()) || (writes && !pipe.serverReads());
        boolean refused = !wine && !pipe.accessList().allows(process, rights & ~FILE_CREATE_PIPE_INSTANCE);
        if (wrongDirection || refused || (remote && pipe.rejectsRemoteClients())) {
            return Opened.failed(ERROR_ACCESS_DENIED);
        }
        PipeInstance free = pipe.freeInstance();
        if (free == null) {
            return Opened.failed(ERROR_PIPE_BUSY);
        }
        boolean dynamic = level == NO_LEVEL || completions.happens(chances.lateIdentity());
        int allowed = level == NO_LEVEL ? Token.IMPERSONATION : level;
        return new Opened(free.open(rights, new PipeInstance.Client(process, allowed, dynamic)), ERROR_SUCCESS);
    }

    private static int rights(int desiredAccess) {
        int rights = desiredAccess & ~(PipeConstants.GENERIC_READ | PipeConstants.GENERIC_WRITE);
        rights |= PipeConstants.SYNCHRONIZE | PipeConstants.FILE_READ_ATTRIBUTES; // CreateFileW asks for them itself
        if ((desiredAccess & PipeConstants.GENERIC_READ) != 0) {
            rights |= GENERIC_READ_RIGHTS;
        }
        if ((desiredAccess & PipeConstants.GENERIC_WRITE) != 0) {
            rights |= GENERIC_WRITE_RIGHTS;
        }
        return rights;
    }

    // ---- waiting ---------------------------------------------------------------------------------------------------

    /**
     * FSCTL_PIPE_WAIT.
     *
     * @return {@code STATUS_SUCCESS}: an instance is free; {@code STATUS_PENDING}: it waits; else an error
     */
    int await(Operation operation, String name, VirtualTime time, long timeoutNanos) {
        PipeName pipe = names.get(key(name));
        if (pipe == null) {
            return STATUS_OBJECT_NAME_NOT_FOUND;
        }
        if (pipe.freeInstance() != null) {
            return STATUS_SUCCESS;
        }
        waiters.add(new Waiter(operation, key(name)));
        time.after(timeoutNanos, () -> endWait(operation, STATUS_IO_TIMEOUT));
        if (completions.happens(chances.earlyWait())) {
            completions.later(() -> endWait(operation, STATUS_SUCCESS));
        }
        return STATUS_PENDING;
    }

    private void endWait(Operation operation, int status) {
        if (operation.isUnderWay()) {
            withdraw(operation);
            completions.end(operation, status, 0, null);
        }
    }

    void withdraw(Operation operation) {
        waiters.removeIf(waiter -> waiter.operation == operation);
    }

    // ---- what instances tell ---------------------------------------------------------------------------------------

    void instanceIsFree(PipeName pipe) {
        endWaits(pipe, STATUS_SUCCESS);
        if (completions.happens(chances.stolenInstance()) && pipe.freeInstance() != null) {
            PipeEnd thief = pipe.freeInstance()
                    .open(
                            PipeEnd.rights(pipe.serverWrites(), pipe.serverReads()),
                            new PipeInstance.Client(THIEF, Token.IMPERSONATION, false));
            if (completions.happens(50)) {
                thief.closed(); // before the server has asked for clients: ConnectNamedPipe answers 232
            } else {
                completions.later(thief::closed);
            }
        }
    }

    private void endWaits(PipeName pipe, int status) {
        for (Waiter waiter : List.copyOf(waiters)) {
            if (names.get(waiter.name) == pipe) {
                endWait(waiter.operation, status);
            }
        }
    }

    void instanceIsGone(PipeInstance instance) {
        PipeName pipe = instance.name();
        pipe.instances().remove(instance);
        if (pipe.instances().isEmpty()) {
            endWaits(pipe, wine ? STATUS_HANDLES_CLOSED : STATUS_OBJECT_NAME_NOT_FOUND);
            names.values().remove(pipe);
        }
    }
}
