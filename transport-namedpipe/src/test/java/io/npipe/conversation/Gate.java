/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import io.npipe.channel.NamedPipePeerCredentials;
import io.npipe.channel.PeerAuthorizationHandler;
import java.util.Random;
import java.util.function.Predicate;

/** What decides about the peer of one talker, with a temper of its own, and remembers how. */
final class Gate implements Predicate<NamedPipePeerCredentials> {

    private final Temper temper;
    private final Random random;
    private final Talker talker;
    private boolean allowed;

    Gate(Temper temper, Random random, Talker talker) {
        this.temper = temper;
        this.random = random;
        this.talker = talker;
    }

    PeerAuthorizationHandler handler(long timeoutMillis) {
        return new PeerAuthorizationHandler(this, timeoutMillis);
    }

    boolean hasAllowed() {
        return allowed;
    }

    @Override
    public boolean test(NamedPipePeerCredentials peer) {
        boolean allows = random.nextInt(4) != 0;
        if (!allows) {
            talker.endedItself();
        }
        temper.act(talker, null, "the predicate");
        allowed = allows;
        return allows;
    }
}
