/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.NtStatus.STATUS_BUFFER_OVERFLOW;
import static io.npipe.win32.NtStatus.STATUS_SUCCESS;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One direction of a pipe: either writes that wait to be read or reads that wait for a write. A write is an entry until it
 * is read whole, of no length, too, if the pipe carries messages; it ends once what is unread up to its last byte fits into
 * the quota.
 */
final class DataQueue {

    /** What one write wrote. */
    private static final class Entry {

        final byte[] bytes;
        int offset;

        /** How much was written before the end of it. */
        long end;

        /** Null once it has ended. */
        Operation write;

        /** It does not end yet, though it could. */
        boolean slow;

        final SimulatedProcess writer;

        Entry(byte[] bytes, SimulatedProcess writer) {
            this.bytes = bytes;
            this.writer = writer;
        }

        int unread() {
            return bytes.length - offset;
        }

        /** As much of it as there is room for. */
        int moveTo(byte[] into, int filled) {
            int count = copyTo(into, filled);
            offset += count;
            return count;
        }

        int copyTo(byte[] into, int filled) {
            int count = Math.min(unread(), into.length - filled);
            System.arraycopy(bytes, offset, into, filled, count);
            return count;
        }
    }

    /** The outcome of a read. */
    static final class Taken {

        private final int status;
        private final byte[] bytes;

        Taken(int status, byte[] bytes) {
            this.status = status;
            this.bytes = bytes;
        }

        int status() {
            return status;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    /** Waits until what was written before it is read. */
    static final class Flush {

        private Entry last;
        private int status = STATUS_SUCCESS;

        boolean isDone() {
            return last == null;
        }

        int status() {
            return status;
        }
    }

    private final Completions completions;
    private final boolean messages;
    private final boolean wine;
    private final boolean emptyMessagesTellNobody;
    private final int quota;
    private final Deque<Entry> entries = new ArrayDeque<>();

    /** Those of them whose write has not ended. */
    private final Deque<Entry> pending = new ArrayDeque<>();

    // Bytes in all; their difference is what is unread.
    private long written;
    private long read;

    private final Deque<Operation> readers = new ArrayDeque<>();
    private final List<Flush> flushes = new ArrayList<>();
    private SimulatedProcess lastWriter;

    DataQueue(Completions completions, boolean messages, NamedPipes pipes, int quota) {
        this.completions = completions;
        this.messages = messages;
        wine = pipes.isWine();
        emptyMessagesTellNobody = pipes.emptyMessagesTellNobody();
        this.quota = quota;
    }

    int quota() {
        return quota;
    }

    /** Who wrote what was read last; null before the first. */
    SimulatedProcess lastWriter() {
        return lastWriter;
    }

    /** Nothing waits to be read, not even a message of no length. */
    boolean isEmpty() {
        return entries.isEmpty();
    }

    int unread() {
        return (int) (written - read);
    }

    /** Unread bytes of the first message; 0 if there are none. */
    int unreadOfMessage() {
        return messages && !entries.isEmpty() ? entries.element().unread() : 0;
    }

    /** A copy of what is first, without taking it: of one message at most, however it is read. */
    byte[] peek(int length) {
        byte[] bytes = new byte[Math.min(length, messages ? unreadOfMessage() : unread())];
        int filled = 0;
        for (Entry entry : entries) {
            if (filled == bytes.length) {
                break;
            }
            filled += entry.copyTo(bytes, filled);
            see(entry);
        }
        return bytes;
    }

    private void see(Entry entry) {
        if (entry.bytes.length > 0 || !emptyMessagesTellNobody) {
            lastWriter = entry.writer;
        }
    }

    // ---- reading ---------------------------------------------------------------------------------------------------

    /** Reads what is there, or returns null: the read must wait. */
    Taken take(int length, boolean byMessage) {
        return readers.isEmpty() && !entries.isEmpty() ? takeNow(length, byMessage) : null;
    }

    private Taken takeNow(int length, boolean byMessage) {
        boolean more = byMessage && entries.element().unread() > length;
        byte[] bytes = new byte[Math.min(length, byMessage ? entries.element().unread() : unread())];
        if (wine) {
            moveAtLeastOne(bytes);
        } else {
            moveWhileThereIsRoom(bytes, length, byMessage);
        }
        endWrites();
        endFlushes();
        return new Taken(more ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS, bytes);
    }

    /** As npfs: while a read of bytes has room left it goes on, and so joins messages of no length. */
    private void moveWhileThereIsRoom(byte[] bytes, int length, boolean byMessage) {
        int filled = 0;
        while (filled < length && !entries.isEmpty()) {
            filled += moveFirst(bytes, filled);
            if (byMessage) {
                break;
            }
        }
    }

    /** As Wine: until all is read that has a length. */
    private void moveAtLeastOne(byte[] bytes) {
        int filled = 0;
        do {
            filled += moveFirst(bytes, filled);
        } while (filled < bytes.length);
    }

    private int moveFirst(byte[] bytes, int filled) {
        Entry entry = entries.element();
        see(entry);
        int count = entry.moveTo(bytes, filled);
        read += count;
        if (entry.unread() == 0) {
            removeFirst();
        }
        return count;
    }

    private void removeFirst() {
        Entry entry = entries.remove();
        if (pending.remove(entry)) {
            endWrite(entry, STATUS_SUCCESS, entry.bytes.length);
        }
    }

    private void endWrite(Entry entry, int status, int count) {
        Operation write = entry.write;
        entry.write = null;
        completions.end(write, status, count, null);
    }

    void await(Operation read) {
        readers.add(read);
    }

    /** Whether a read waits, which can only be of this end's reader. */
    boolean hasReaders() {
        return !readers.isEmpty();
    }

    /** Gives what is there to the reads that wait. */
    void serve() {
        while (!readers.isEmpty() && !entries.isEmpty()) {
            Operation read = readers.remove();
            boolean takesEmptyMessage = read.length == 0 && entries.element().unread() == 0;
            Taken taken = takeNow(takesEmptyMessage ? 1 : read.length, ((PipeEnd) read.file).readsMessages());
            completions.end(read, taken.status, taken.bytes.length, taken.bytes);
        }
    }

    // ---- writing ---------------------------------------------------------------------------------------------------

    /** What {@link #write} answers if the write has not ended. */
    static final int WAITS = -1;

    /**
     * Writes.
     *
     * @param slow whether it ends later than it could
     * @return how many bytes were written, or {@link #WAITS}: the write will end by itself
     */
    int write(Operation write, boolean slow) {
        byte[] bytes = write.written;
        if (bytes.length == 0 && !messages) {
            return 0;
        }
        boolean waits = !((PipeEnd) write.file).neverWaits();
        if (!waits && messages && !wine && !takesMessage(bytes.length)) {
            return 0;
        }
        Entry entry = new Entry(bytes, write.writer);
        entries.add(entry);
        written += bytes.length;
        entry.end = written;
        serve();
        boolean isRead = entries.peekLast() != entry;
        boolean fits = bytes.length == 0 || unread() <= quota;
        if (isRead || (fits && !(slow && waits))) {
            return bytes.length;
        }
        if (!waits) {
            entries.removeLast();
            written -= entry.unread();
            return entry.offset;
        }
        entry.write = write;
        entry.slow = slow;
        pending.add(entry);
        return WAITS;
    }

    /** Whether the reads that wait and the quota take a message that must not wait; it is not written in part. */
    private boolean takesMessage(int length) {
        int wanted = readers.stream().mapToInt(read -> read.length).sum();
        return length - wanted <= quota - unread();
    }

    /** The slow write may end now. */
    void hurry(Operation write) {
        for (Entry entry : pending) {
            if (entry.write == write) {
                entry.slow = false;
            }
        }
        endWrites();
    }

    /** Ends the writes that fit by now. */
    void endWrites() {
        for (Entry entry : new ArrayList<>(pending)) {
            if (!entry.slow && entry.end - read <= quota) {
                pending.remove(entry);
                endWrite(entry, STATUS_SUCCESS, entry.bytes.length);
            }
        }
    }

    /** Whether a write waits. */
    boolean hasWriters() {
        return !pending.isEmpty();
    }

    // ---- flushing --------------------------------------------------------------------------------------------------

    /** Waits until all is read that is there now. */
    Flush flush() {
        Flush flush = new Flush();
        flush.last = entries.peekLast();
        if (!flush.isDone()) {
            flushes.add(flush);
        }
        return flush;
    }

    private void endFlushes() {
        flushes.forEach(flush -> flush.last = entries.contains(flush.last) ? flush.last : null);
        flushes.removeIf(Flush::isDone);
    }

    // ---- ending ----------------------------------------------------------------------------------------------------

    /** Takes a read out, or a write with what of it is unread; {@link #endWrites} is due then. */
    void withdraw(Operation operation) {
        readers.remove(operation);
        if (pending.removeIf(entry -> entry.write == operation)) {
            entries.removeIf(entry -> entry.write == operation);
            written = read;
            for (Entry entry : entries) {
                written += entry.unread();
                entry.end = written;
            }
            endFlushes();
        }
    }

    /** Ends the reads that wait. */
    void endReads(int status) {
        List<Operation> waiting = new ArrayList<>(readers);
        readers.clear();
        waiting.forEach(read -> completions.end(read, status, 0, null));
    }

    /** Ends the writes that wait, and drops what of them is unread. */
    void abandonWrites(int status) {
        for (Entry entry : new ArrayList<>(pending)) {
            Operation write = entry.write;
            withdraw(write);
            completions.end(write, status, 0, null);
        }
    }

    /** Drops what was not read, and ends the writes and flushes that wait. */
    void discard(int status) {
        entries.clear();
        written = read;
        List<Entry> dropped = new ArrayList<>(pending);
        pending.clear();
        dropped.forEach(entry -> endWrite(entry, status, 0));
        flushes.stream().filter(flush -> !flush.isDone()).forEach(flush -> flush.status = status);
        endFlushes();
    }

    /** For the next client nobody has written yet. */
    void forgetWriter() {
        lastWriter = null;
    }
}
