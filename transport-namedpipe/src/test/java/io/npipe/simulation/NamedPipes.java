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
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_UNLIMITED_INSTANCES;
import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_FILE_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_INVALID_NAME;
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
import java.util.concurrent.TimeUnit;

/** The pipe file system: names, their instances, and who waits for one. */
final class NamedPipes {

    /** What ends under Wine with its pipe. */
    static final int STATUS_HANDLES_CLOSED = 0x8000000A;

    private static final int FILE_CREATE_PIPE_INSTANCE = 0x4;
    private static final int GENERIC_ALL_RIGHTS = 0x1F01FF;
    private static final int GENERIC_ALL = 0x10000000;
    private static final int DEFAULT_TIMEOUT_MILLIS = 50;
    private static final int PIPE_NOWAIT = 1;

    private static final SimulatedProcess THIEF = new SimulatedProcess("S-1-5-21-1-2-3-6666", 6666, 6);

    private final Completions completions;
    private final Chances chances;
    private final boolean wine;
    private final Map<String, PipeName> names = new HashMap<>();
    private final List<Waiter> waiters = new ArrayList<>();

    private record Waiter(Operation operation, PipeName pipe) {}

    NamedPipes(Completions completions, Chances chances, boolean wine) {
        this.completions = completions;
        this.chances = chances;
        this.wine = wine;
    }

    boolean isWine() {
        return wine;
    }

    /** Whether a listening forgets who the client is that was there before it. */
    boolean forgetsEarlyClients() {
        return chances.forgetsEarlyClients();
    }

    /** Whether a message of no length says nothing of its writer. */
    boolean emptyMessagesTellNobody() {
        return chances.emptyMessagesTellNobody();
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

    /** What an instance is created with. */
    record Creation(
            String name,
            int openMode,
            int pipeMode,
            int maximum,
            int outQuota,
            int inQuota,
            int timeoutMillis,
            AccessList asked) {

        int access() {
            return openMode & PIPE_ACCESS_DUPLEX;
        }

        boolean isImpossible() {
            return (pipeMode & PIPE_READMODE_MESSAGE) != 0 && (pipeMode & PIPE_TYPE_MESSAGE) == 0;
        }
    }

    Opened create(Creation asked, SimulatedProcess process) {
        int maxInstances = wine ? Math.min(asked.maximum, PIPE_UNLIMITED_INSTANCES) : asked.maximum;
        if (maxInstances < (wine ? 0 : 1) || maxInstances > PIPE_UNLIMITED_INSTANCES || asked.isImpossible()) {
            return Opened.failed(ERROR_INVALID_PARAMETER);
        }
        AccessList list = asked.asked == null
                ? AccessList.windowsDefault(process.tokenOwner())
                : asked.asked.ownedBy(process.tokenOwner());
        if (!wine && !process.mayMakeOwner(list.owner())) {
            return Opened.failed(ERROR_INVALID_OWNER);
        }
        PipeName pipe = names.get(key(asked.name));
        int refusal = refusal(pipe, asked, process);
        if (refusal != ERROR_SUCCESS) {
            return Opened.failed(refusal);
        }
        if (pipe == null) {
            int timeout = asked.timeoutMillis == 0 ? DEFAULT_TIMEOUT_MILLIS : asked.timeoutMillis;
            pipe = new PipeName(
                    asked.access(), asked.pipeMode, maxInstances, asked.outQuota, asked.inQuota, timeout, list);
            names.put(key(asked.name), pipe);
        }
        int outQuota = wine ? pipe.outQuota() : asked.outQuota;
        int inQuota = wine ? pipe.inQuota() : asked.inQuota;
        PipeInstance instance = new PipeInstance(this, pipe, process, completions, outQuota, inQuota);
        instance.server().setReadsMessages((asked.pipeMode & PIPE_READMODE_MESSAGE) != 0 && pipe.isMessageType());
        instance.server().setNeverWaits((asked.pipeMode & PIPE_NOWAIT) != 0);
        pipe.instances().add(instance);
        instanceIsFree(instance);
        return new Opened(instance.server(), ERROR_SUCCESS);
    }

    /** Windows has no pipe below another one; Wine has. A name that ends with the backslash is one of its own. */
    private boolean isBelowAnother(String name) {
        if (wine) {
            return false;
        }
        for (int end = name.indexOf('\\', 1); end > 0 && end < name.length() - 1; end = name.indexOf('\\', end + 1)) {
            if (names.containsKey(key(name.substring(0, end)))) {
                return true;
            }
        }
        return false;
    }

    private int refusal(PipeName pipe, Creation asked, SimulatedProcess process) {
        if (asked.access() == 0 && (pipe == null || wine)) {
            return ERROR_INVALID_PARAMETER;
        }
        if (pipe == null && isBelowAnother(asked.name)) {
            return ERROR_INVALID_NAME;
        }
        return pipe == null ? ERROR_SUCCESS : refusalOfLaterInstance(pipe, asked, process);
    }

    private int refusalOfLaterInstance(PipeName pipe, Creation asked, SimulatedProcess process) {
        int rights = PipeEnd.rights(pipe.serverReads(), pipe.serverWrites()) | FILE_CREATE_PIPE_INSTANCE;
        if (!wine && !pipe.accessList().allows(process, rights)) {
            return ERROR_ACCESS_DENIED; // whatever the limit
        }
        if (pipe.maxInstances() != PIPE_UNLIMITED_INSTANCES && pipe.instances().size() >= pipe.maxInstances()) {
            return ERROR_PIPE_BUSY;
        }
        boolean first = (asked.openMode & FILE_FLAG_FIRST_PIPE_INSTANCE) != 0 && !wine;
        if (first || pipe.access() != asked.access()) {
            return ERROR_ACCESS_DENIED;
        }
        boolean withoutDacl = asked.asked != null && asked.asked.allowsAll();
        if (withoutDacl && chances.refusesDescriptors()) {
            return ERROR_ACCESS_DENIED;
        }
        return ERROR_SUCCESS;
    }

    // ---- opening ---------------------------------------------------------------------------------------------------

    /**
     * CreateFileW.
     *
     * @param quality null if it asks for none: the server may act as the client, whoever that is at the time
     */
    Opened open(String name, int desiredAccess, boolean remote, SimulatedProcess process, SecurityQuality quality) {
        PipeName pipe = names.get(key(name));
        if (pipe == null) {
            return Opened.failed(isBelowAnother(name) ? ERROR_INVALID_NAME : ERROR_FILE_NOT_FOUND);
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
        boolean dynamic =
                quality == null || quality.dynamic || !(reads || writes) || completions.happens(chances.lateIdentity());
        int level = quality == null ? Token.IMPERSONATION : quality.level;
        PipeInstance.Tracking tracking = dynamic ? PipeInstance.Tracking.DYNAMIC : PipeInstance.Tracking.STATIC;
        return new Opened(free.open(rights, new PipeInstance.Client(process, level, tracking)), ERROR_SUCCESS);
    }

    /** How far a client lets its server go, and whether as who it is at the time. */
    record SecurityQuality(int level, boolean dynamic) {}

    private static int rights(int desiredAccess) {
        int rights = desiredAccess & ~(PipeConstants.GENERIC_READ | PipeConstants.GENERIC_WRITE | GENERIC_ALL);
        rights |= PipeConstants.SYNCHRONIZE | PipeConstants.FILE_READ_ATTRIBUTES; // CreateFileW asks for them itself
        if ((desiredAccess & GENERIC_ALL) != 0) {
            rights |= GENERIC_ALL_RIGHTS;
        }
        boolean reads = (desiredAccess & PipeConstants.GENERIC_READ) != 0;
        boolean writes = (desiredAccess & PipeConstants.GENERIC_WRITE) != 0;
        return rights | PipeEnd.rights(reads, writes);
    }

    // ---- waiting ---------------------------------------------------------------------------------------------------

    /**
     * FSCTL_PIPE_WAIT.
     *
     * @param timeoutNanos negative for the pipe's own
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
        waiters.add(new Waiter(operation, pipe));
        long timeout = timeoutNanos >= 0
                ? timeoutNanos
                : TimeUnit.MILLISECONDS.toNanos(Integer.toUnsignedLong(pipe.timeoutMillis()));
        if (timeout != VirtualTime.NEVER) {
            time.after(timeout, () -> endWait(operation, STATUS_IO_TIMEOUT));
        }
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

    /** It is there for the next client. */
    void instanceIsFree(PipeInstance instance) {
        PipeName pipe = instance.name();
        pipe.listening().add(instance);
        endWaits(pipe, STATUS_SUCCESS);
        if (completions.happens(chances.stolenInstance()) && pipe.freeInstance() != null) {
            PipeEnd thief = pipe.freeInstance()
                    .open(
                            PipeEnd.rights(pipe.serverWrites(), pipe.serverReads()),
                            new PipeInstance.Client(THIEF, Token.IMPERSONATION, PipeInstance.Tracking.STATIC));
            if (completions.happens(50)) {
                thief.closed(); // before the server has asked for clients: ConnectNamedPipe answers 232
            } else {
                completions.later(thief::closed);
            }
        }
    }

    /** It is not free any more. */
    void instanceIsTaken(PipeInstance instance) {
        instance.name().listening().remove(instance);
    }

    private void endWaits(PipeName pipe, int status) {
        for (Waiter waiter : List.copyOf(waiters)) {
            if (waiter.pipe == pipe) {
                endWait(waiter.operation, status);
            }
        }
    }

    /** Its place, and with the last one the name, is free, though its client may still be there. */
    void serverHasClosed(PipeInstance instance) {
        PipeName pipe = instance.name();
        instanceIsTaken(instance);
        pipe.instances().remove(instance);
        if (!pipe.isServed()) {
            names.values().remove(pipe);
            if (!wine) {
                endWaits(pipe, STATUS_OBJECT_NAME_NOT_FOUND);
            }
        }
    }

    /** Nobody holds it any more. */
    void instanceIsGone(PipeInstance instance) {
        if (wine && !instance.name().isServed()) {
            endWaits(instance.name(), STATUS_HANDLES_CLOSED);
        }
    }
}
