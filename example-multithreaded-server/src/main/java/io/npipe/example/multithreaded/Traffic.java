/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a server does. Any thread. */
final class Traffic {

    private final AtomicInteger clients = new AtomicInteger();
    private final AtomicInteger mostClients = new AtomicInteger();
    private final LongAdder clientsSeen = new LongAdder();
    private final LongAdder answers = new LongAdder();

    void clientCame() {
        clientsSeen.increment();
        mostClients.accumulateAndGet(clients.incrementAndGet(), Math::max);
    }

    void clientWent() {
        clients.decrementAndGet();
    }

    void answered() {
        answers.increment();
    }

    /** Now. */
    int clients() {
        return clients.get();
    }

    /** At any one time. */
    int mostClients() {
        return mostClients.get();
    }

    /** Since the start. */
    long clientsSeen() {
        return clientsSeen.sum();
    }

    /** Since the start. */
    long answers() {
        return answers.sum();
    }
}
