/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.grpc.stub.CallStreamObserver;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A stream of 100 MB, of which each part can be told from the others: sent when there is room, checked when received. It
 * keeps count of how far the sender was ahead.
 */
final class LongStream {

    static final int PARTS = 1600;
    static final int PART_BYTES = 64 * 1024;

    private static final byte[] CONTENT = new byte[PARTS + PART_BYTES];

    static {
        new Random(4711).nextBytes(CONTENT);
    }

    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger received = new AtomicInteger();
    private final CompletableFuture<Void> heldUp = new CompletableFuture<>();
    private final CompletableFuture<Void> allSent = new CompletableFuture<>();
    private volatile int mostAhead;

    private static byte[] part(int index) {
        return Arrays.copyOfRange(CONTENT, index, index + PART_BYTES);
    }

    /** Called when there may be room, one at a time. */
    void sendWhileThereIsRoom(CallStreamObserver<byte[]> out) {
        while (out.isReady() && sent.get() < PARTS) {
            out.onNext(part(sent.getAndIncrement()));
            mostAhead = Math.max(mostAhead, sent.get() - received.get());
        }
        if (sent.get() < PARTS) {
            heldUp.complete(null);
        } else {
            allSent.complete(null);
        }
    }

    /** Called for each part, one at a time. */
    void receive(byte[] part) {
        int index = received.getAndIncrement();
        if (!Arrays.equals(part, part(index))) {
            throw new IllegalStateException("part " + index + " is not what was sent");
        }
    }

    /** Done when the sender has found no room. */
    CompletableFuture<Void> heldUp() {
        return heldUp;
    }

    /** Done, by the thread that sends, when the last part was sent. */
    CompletableFuture<Void> allSent() {
        return allSent;
    }

    int received() {
        return received.get();
    }

    /** By how many bytes the sender was ahead of the receiver at most. */
    long mostBytesAhead() {
        return (long) mostAhead * PART_BYTES;
    }

    @Override
    public String toString() {
        return sent + " parts sent, " + received + " received";
    }
}
