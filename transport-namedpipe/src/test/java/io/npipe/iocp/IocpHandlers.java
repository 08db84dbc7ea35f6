/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import io.netty.channel.IoHandler;

/** Looks into handlers, for tests that keep the books. */
public final class IocpHandlers {

    /** How many registrations it has. */
    public static int registrations(IoHandler handler) {
        int[] count = new int[1];
        ((IocpIoHandler) handler).registrations().forEach(registration -> count[0]++);
        return count[0];
    }

    private IocpHandlers() {}
}
