/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.npipe.win32.Win32;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Creates the events of a listener, and closes them again if it does not come to listen. */
final class ListenEvents {

    private static final int MANUAL_RESET = 1; // as ConnectNamedPipe asks for

    private final Win32 win32;
    private final NamedPipeAddress address;
    private final List<Long> created = new ArrayList<>();

    ListenEvents(Win32 win32, NamedPipeAddress address) {
        this.win32 = win32;
        this.address = address;
    }

    List<Long> create(int count) throws IOException {
        List<Long> events = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            long event = win32.CreateEventW(0, MANUAL_RESET, 0, 0);
            if (event < 0) {
                throw new NamedPipeException(win32, (int) -event, "CreateEventW", address);
            }
            created.add(event);
            events.add(event);
        }
        return events;
    }

    void close() {
        created.forEach(win32::CloseHandle);
    }
}
