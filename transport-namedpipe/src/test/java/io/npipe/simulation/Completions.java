/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.NtStatus.STATUS_CANCELLED;
import static io.npipe.win32.NtStatus.STATUS_PENDING;

import io.npipe.win32.Overlapped;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * How operations end: their memory, their packets and events, and the time that all this may take.
 *
 * <p>While an operation is under way, its memory holds nonsense; what it brings is written when its packet is taken from
 * the port, as late as can be. If the nonsense has changed by then, somebody has touched it.
 */
final class Completions {

    private static final int MAX_DELAY_NANOS = 200_000;
    private static final int STATUS_OFFSET = 0;
    private static final int INFORMATION_OFFSET = 8;

    private final Memory memory;
    private final CallerRules rules;
    private final VirtualTime time;
    private final Random random;
    private final Chances chances;
    private final Trace trace;

    Completions(Memory memory, CallerRules rules, VirtualTime time, Random random, Chances chances, Trace trace) {
        this.memory = memory;
        this.rules = rules;
        this.time = time;
        this.random = random;
        this.chances = chances;
        this.trace = trace;
    }

    boolean happens(int percent) {
        return percent > 0 && random.nextInt(100) < percent;
    }

    private long delay() {
        return 1L + random.nextInt(MAX_DELAY_NANOS);
    }

    // ---- taking an operation ---------------------------------------------------------------------------------------

    /** The caller has given the memory away. */
    void begin(Operation operation) {
        operation.file.operations().add(operation);
        String owner = operation.kind + " #" + operation.id;
        memory.claim(operation.overlapped, Overlapped.SIZE, owner);
        memory.claim(operation.buffer, operation.length, owner);
        memory.putLong(operation.overlapped + STATUS_OFFSET, STATUS_PENDING);
        operation.countBefore = memory.getLong(operation.overlapped + INFORMATION_OFFSET);
        if (operation.kind == Operation.Kind.READ) {
            memory.write(operation.buffer, pattern(operation), operation.length);
        }
    }

    private static byte[] pattern(Operation operation) {
        byte[] pattern = new byte[operation.length];
        Arrays.fill(pattern, (byte) (0xA0 + operation.id % 16));
        return pattern;
    }

    /** Nobody else has changed the memory, and now it holds what the operation brought. */
    private void writeBack(Operation operation) {
        if (memory.getLong(operation.overlapped + STATUS_OFFSET) != STATUS_PENDING
                || memory.getLong(operation.overlapped + INFORMATION_OFFSET) != operation.countBefore) {
            rules.violated("the OVERLAPPED of " + operation + " was changed while the kernel had it");
        }
        byte[] before = operation.kind == Operation.Kind.READ ? pattern(operation) : operation.written;
        if (before != null && !Arrays.equals(before, memory.read(operation.buffer, operation.length))) {
            rules.violated("the buffer of " + operation + " was changed while the kernel had it");
        }
        memory.putLong(operation.overlapped + STATUS_OFFSET, operation.status & 0xFFFFFFFFL);
        memory.putLong(operation.overlapped + INFORMATION_OFFSET, operation.information);
        if (operation.result != null) {
            memory.write(operation.buffer, operation.result, operation.information);
        }
        operation.isWritten = true;
    }

    /** Nobody has changed what it says since it has ended. */
    private void requireUntouched(Operation operation) {
        if (memory.getLong(operation.overlapped + STATUS_OFFSET) != (operation.status & 0xFFFFFFFFL)
                || memory.getLong(operation.overlapped + INFORMATION_OFFSET) != operation.information) {
            rules.violated("the OVERLAPPED of " + operation + " was changed before its packet was taken");
        }
    }

    /** The call fails: what was set before it remains. */
    void failInline(long overlapped) {
        memory.putLong(overlapped + STATUS_OFFSET, STATUS_PENDING);
    }

    // ---- ending it -------------------------------------------------------------------------------------------------

    /** Whether an operation that could end inline pends nevertheless. */
    boolean pendsThoughReady() {
        return happens(chances.pendThoughReady());
    }

    /**
     * Ends an operation.
     *
     * @param data what was read, or null
     */
    void end(Operation operation, int status, int information, byte[] data) {
        operation.state = Operation.State.ENDED;
        operation.status = status;
        operation.information = information;
        operation.result = data;
        trace.add("end " + operation.kind, operation.id, status, information);
        if (happens(chances.slowPacket())) {
            later(() -> deliver(operation));
        } else {
            deliver(operation);
        }
    }

    private void deliver(Operation operation) {
        CompletionQueue port = operation.file.port();
        if (port != null && operation.packetContext != 0) {
            if (port.isClosed()) {
                return; // its memory is never given back
            }
            if (!operation.isWritten && operation.event != null) {
                writeBack(operation); // without an event it is whoever takes the packet that writes it
            }
            port.add(new CompletionQueue.Packet(
                    operation.file.completionKey(), operation.packetContext, operation.information, operation));
        } else {
            finish(operation);
        }
        if (operation.event != null) {
            operation.event.set();
        }
    }

    /** The caller learns of the end: the packet is taken, or the event is set. */
    void finish(Operation operation) {
        if (operation.isWritten) {
            requireUntouched(operation);
        } else {
            writeBack(operation);
        }
        if (!operation.endedInline) {
            memory.unclaim(operation.buffer, operation.length);
        }
        operation.file.operations().remove(operation);
        memory.unclaim(operation.overlapped, Overlapped.SIZE);
        operation.state = Operation.State.DELIVERED;
        trace.add("delivered " + operation.kind, operation.id);
    }

    /**
     * Ends it inline: its memory is written now.
     *
     * @param withPacket whether there is a packet nevertheless, if the handle has joined a port
     */
    void endInline(Operation operation, int status, int information, byte[] data, boolean withPacket) {
        operation.endedInline = true;
        operation.status = status;
        operation.information = information;
        operation.result = data;
        writeBack(operation);
        memory.unclaim(operation.buffer, operation.length);
        if (operation.file.port() != null && withPacket) {
            end(operation, status, information, data);
            return;
        }
        trace.add("inline " + operation.kind, operation.id, status, information);
        finish(operation);
        if (operation.event != null) {
            operation.event.set();
        }
    }

    /** Does something some time later. */
    void later(Runnable event) {
        time.after(delay(), event);
    }

    /** Somebody asks for its end. False if it has ended already. */
    boolean cancel(Operation operation) {
        if (!operation.isUnderWay()) {
            return false;
        }
        if (happens(chances.slowCancel())) {
            later(() -> cancelNow(operation));
        } else {
            cancelNow(operation);
        }
        return true;
    }

    /** The last handle is closed: whatever would end in a packet is cancelled before the pipe learns of it. */
    void cancelWhatHasAPacket(FileObject file) {
        for (Operation operation : List.copyOf(file.operations())) {
            if (file.port() != null && operation.packetContext != 0 && operation.event == null) {
                cancelNow(operation);
            }
        }
    }

    /** Everything that is under way ends. */
    void cancelAll(FileObject file) {
        List.copyOf(file.operations()).forEach(this::cancelNow);
    }

    private void cancelNow(Operation operation) {
        if (operation.isUnderWay()) {
            operation.file.withdraw(operation);
            end(operation, STATUS_CANCELLED, 0, null);
            operation.file.settle();
        }
    }
}
