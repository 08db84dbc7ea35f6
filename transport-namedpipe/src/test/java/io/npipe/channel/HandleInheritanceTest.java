/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.ObservedWin32;
import io.npipe.testkit.PipeLab;
import io.npipe.win32.Win32;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The kernel's own word: no handle that a server or a client opens goes to child processes. */
class HandleInheritanceTest {

    private static final int HANDLE_FLAG_INHERIT = 1;

    /** Remembers what was opened. */
    private static final class Opened extends ObservedWin32 {

        private final List<Long> handles = new CopyOnWriteArrayList<>();

        Opened(Win32 delegate) {
            super(delegate);
        }

        private long opened(long handle) {
            handles.add(handle);
            return handle;
        }

        @Override
        public long CreateNamedPipeW(
                long name, int open, int pipe, int max, int out, int in, int timeout, long security) {
            return opened(super.CreateNamedPipeW(name, open, pipe, max, out, in, timeout, security));
        }

        @Override
        public long CreateFileW(
                long name, int access, int share, long security, int disposition, int flags, long template) {
            return opened(super.CreateFileW(name, access, share, security, disposition, flags, template));
        }

        @Override
        public long CreateEventW(long security, int manual, int initial, long name) {
            return opened(super.CreateEventW(security, manual, initial, name));
        }

        @Override
        public long CreateIoCompletionPort(long file, long port, long key, int threads) {
            long result = super.CreateIoCompletionPort(file, port, key, threads);
            return port == 0 ? opened(result) : result;
        }
    }

    @Test
    void nothingIsInherited() throws Exception {
        Function getHandleInformation = Function.getFunction("kernel32", "GetHandleInformation");
        Opened kernel = new Opened(Kernels.win32());
        Inbox accepted = new Inbox();
        try (PipeLab lab = new PipeLab(1, kernel, 1, kernel)) {
            lab.bind(() -> accepted);
            lab.connect(new Inbox());
            accepted.awaitActive();

            assertTrue(kernel.handles.size() >= 6, kernel.handles::toString); // ports, events, instances, the client
            for (long handle : kernel.handles) {
                IntByReference flags = new IntByReference();
                assertTrue(getHandleInformation.invokeInt(new Object[] {new Pointer(handle), flags}) != 0);
                assertEquals(0, flags.getValue() & HANDLE_FLAG_INHERIT);
            }
        }
    }
}
