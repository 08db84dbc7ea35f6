/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import java.util.function.Consumer;

/** A promise that reports whoever completes it a second time. */
final class CheckedPromise extends DefaultChannelPromise {

    private final Consumer<String> violations;
    private final String what;
    private final boolean mayFailAgain;

    CheckedPromise(Channel channel, String what, boolean mayFailAgain, Consumer<String> violations) {
        super(channel);
        this.what = what;
        this.mayFailAgain = mayFailAgain;
        this.violations = violations;
    }

    String what() {
        return "the promise of " + what;
    }

    private boolean first(boolean completed) {
        if (!completed && !isCancelled()) {
            violations.accept(what() + " was completed twice");
        }
        return completed;
    }

    @Override
    public ChannelPromise setSuccess(Void unused) {
        trySuccess(null);
        return this;
    }

    @Override
    public ChannelPromise setFailure(Throwable cause) {
        tryFailure(cause);
        return this;
    }

    @Override
    public boolean trySuccess(Void unused) {
        return first(super.trySuccess(null));
    }

    @Override
    public boolean trySuccess() {
        return trySuccess(null);
    }

    @Override
    public boolean tryFailure(Throwable cause) {
        boolean failedBefore = mayFailAgain && cause() != null;
        boolean failed = super.tryFailure(cause);
        return failedBefore ? failed : first(failed);
    }
}
