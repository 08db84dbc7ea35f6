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
 * One direction of a pipe: what was written and not read, or the reads that wait for it.
 *
 * <p>A write ends when the unread rest up to its own end fits the quota. Until then its bytes can be read all the same.
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

    private final Completions completions;
    private final boolean messages;
    private final boolean swallowsEmptyMessages;
    private final int quota;
    private final Deque<Entry> entries = new ArrayDeque<>();

    /** Those of them whose write has not ended. */
    private final Deque<Entry> pending = new ArrayDeque<>();

    // Bytes in all; their difference is what is unread.
    private long written;
    private long read;

    private final Deque<Operation> readers = new ArrayDeque<>();
    private SimulatedProcess lastWriter;

    /**
     * A direction.
     *
     * @param swallowsEmptyMessages Wine: a byte-mode read never shows one that was there before
     */
    DataQueue(Completions completions, boolean messages, boolean swallowsEmptyMessages, int quota) {
        this.completions = completions;
        this.messages = messages;
        this.swallowsEmptyMessages = swallowsEmptyMessages;
        this.quota = quota;
    }

    int quota() {
        return quota;
    }

    /** Who wrote the byte that was read last; null before the first. */
    SimulatedProcess lastWriter() {
        return lastWriter;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    int unread() {
        return (int) (written - read);
    }

    /** Unread bytes of the first message. */
    int unreadOfFirst() {
        return entries.isEmpty() ? 0 : entries.peek().unread();
    }

    /** A copy of what would be read, without taking it. */
    byte[] peek(int length, boolean byMessage) {
        byte[] bytes = new byte[Math.min(length, byMessage ? unreadOfFirst() : unread())];
        int filled = 0;
        for (Entry entry : entries) {
            if (filled == bytes.length) {
                break;
            }
            int count = Math.min(entry.unread(), bytes.length - filled);
            System.arraycopy(entry.bytes, entry.offset, bytes, filled, count);
            filled += count;
        }
        return bytes;
    }

    // ---- reading ---------------------------------------------------------------------------------------------------

    /** Reads what is there, or returns null: the read must wait. */
    Taken take(int length, boolean byMessage) {
        if (!readers.isEmpty()) {
            return null;
        }
        if (swallowsEmptyMessages && !byMessage) {
            while (!entries.isEmpty() && entries.peek().unread() == 0) {
                removeFirst();
            }
        }
        return takeAny(length, byMessage);
    }

    private Taken takeAny(int length, boolean byMessage) {
        Entry first = entries.peek();
        if (first == null) {
            return null;
        }
        boolean more = byMessage && first.unread() > length;
        byte[] bytes = peek(length, byMessage);
        if (bytes.length == 0 && first.unread() == 0) {
            removeFirst();
        }
        int left = bytes.length;
        while (left > 0) {
            Entry entry = entries.element();
            int count = Math.min(left, entry.unread());
            entry.offset += count;
            read += count;
            lastWriter = entry.writer;
            left -= count;
            if (entry.unread() == 0) {
                removeFirst();
            }
        }
        endWrites();
        return new Taken(more ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS, bytes);
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

    /** Gives what is there to the reads that wait. */
    void serve() {
        while (!readers.isEmpty() && !entries.isEmpty()) {
            Operation read = readers.remove();
            Taken taken = takeAny(read.length, ((PipeEnd) read.file).readsMessages());
            completions.end(read, taken.status, taken.bytes.length, taken.bytes);
        }
    }

    // ---- writing ---------------------------------------------------------------------------------------------------

    /**
     * Writes.
     *
     * @return whether the write has ended; else it will end by itself
     */
    boolean write(Operation write, boolean slow) {
        byte[] bytes = write.written;
        if (bytes.length == 0 && !messages) {
            return true;
        }
        Entry entry = new Entry(bytes, write.writer);
        entries.add(entry);
        written += bytes.length;
        entry.end = written;
        serve();
        boolean isRead = entries.peekLast() != entry;
        if (isRead || bytes.length == 0 || (unread() <= quota && !slow)) {
            return true;
        }
        entry.write = write;
        entry.slow = slow;
        pending.add(entry);
        return false;
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

    private void endWrites() {
        for (Entry entry : new ArrayList<>(pending)) {
            if (!entry.slow && entry.end - read <= quota) {
                pending.remove(entry);
                endWrite(entry, STATUS_SUCCESS, entry.bytes.length);
            }
        }
    }

    // ---- ending ----------------------------------------------------------------------------------------------------

    void withdraw(Operation operation) {
        readers.remove(operation);
        if (pending.removeIf(entry -> entry.write == operation)) {
            entries.removeIf(entry -> entry.write == operation);
            written = read;
            for (Entry entry : entries) {
                written += entry.unread();
                entry.end = written;
            }
        }
    }

    /** Ends the reads that wait. */
    void endReads(int status) {
        List<Operation> waiting = new ArrayList<>(readers);
        readers.clear();
        waiting.forEach(read -> completions.end(read, status, 0, null));
    }

    /** Drops what was not read, and ends the writes that wait. */
    void discard(int status) {
        entries.clear();
        written = read;
        List<Entry> dropped = new ArrayList<>(pending);
        pending.clear();
        dropped.forEach(entry -> endWrite(entry, status, 0));
    }
}
