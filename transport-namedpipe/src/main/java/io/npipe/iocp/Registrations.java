/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.iocp;

import java.util.Arrays;
import java.util.function.Consumer;

/** The registrations of a loop by their ids, which begin at 1 and are given out again. */
final class Registrations {

    private IocpIoRegistration[] byId = new IocpIoRegistration[64];
    private int[] freeIds = new int[64];
    private int freeCount;
    private int highestId;

    /** An id that no registration has: the next one that {@link #put} expects. */
    int nextId() {
        return freeCount > 0 ? freeIds[freeCount - 1] : highestId + 1;
    }

    void put(IocpIoRegistration registration) {
        int id = registration.id();
        if (freeCount > 0) {
            freeCount--;
        } else {
            highestId = id;
        }
        if (id >= byId.length) {
            byId = Arrays.copyOf(byId, 2 * byId.length);
        }
        byId[id] = registration;
    }

    IocpIoRegistration get(int id) {
        return id < byId.length ? byId[id] : null;
    }

    void remove(int id) {
        byId[id] = null;
        if (freeCount == freeIds.length) {
            freeIds = Arrays.copyOf(freeIds, 2 * freeIds.length);
        }
        freeIds[freeCount++] = id;
    }

    void forEach(Consumer<IocpIoRegistration> action) {
        for (int id = 1; id <= highestId; id++) {
            if (byId[id] != null) {
                action.accept(byId[id]);
            }
        }
    }
}
