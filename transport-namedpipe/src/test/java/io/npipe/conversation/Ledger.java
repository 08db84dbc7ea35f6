/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** The promises of one party: each is to be done in the end, and to be completed once. */
final class Ledger {

    private final List<CheckedPromise> promises = new ArrayList<>();
    private final String owner;
    private final Consumer<String> violations;
    private final Consumer<String> whenDone;

    private boolean mayFailAgain;

    /**
     * Opens one.
     *
     * @param violations told of what must not be
     * @param whenDone told of each promise that is done, in the place of a listener
     */
    Ledger(String owner, Consumer<String> violations, Consumer<String> whenDone) {
        this.owner = owner;
        this.violations = violations;
        this.whenDone = whenDone;
    }

    /** From now on a promise that has failed may be failed again by those who ask whether it is done. */
    void mayFailAgain() {
        mayFailAgain = true;
    }

    CheckedPromise promise(Channel channel, String what) {
        CheckedPromise promise = new CheckedPromise(channel, what + " of " + owner, mayFailAgain, violations);
        promises.add(promise);
        promise.addListener(done -> {
            if (isBug(done.cause())) {
                violations.accept(promise.what() + " failed with " + done.cause());
            }
            whenDone.accept("the promise of " + what);
        });
        return promise;
    }

    /** Whatever anybody does to a channel, it does not answer with this. */
    static boolean isBug(Throwable cause) {
        return cause instanceof NullPointerException
                || cause instanceof ClassCastException
                || cause instanceof IndexOutOfBoundsException
                || cause instanceof AssertionError;
    }

    /** Cancels one that can still be cancelled; returns what it stands for, or null if there is none. */
    String cancelOne(Random random) {
        List<CheckedPromise> open =
                promises.stream().filter(promise -> promise.isCancellable()).toList();
        if (open.isEmpty()) {
            return null;
        }
        CheckedPromise promise = open.get(random.nextInt(open.size()));
        return promise.cancel(false) ? promise.what() : null;
    }

    void checkDone() {
        for (CheckedPromise promise : promises) {
            if (!promise.isDone()) {
                violations.accept(promise.what() + " is not done");
            }
        }
    }
}
