/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.npipe.win32.NativeWin32;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Win32;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is left is seen. */
class HandleCountTest {

    private static final int SOME = 20;

    private final Win32 win32 = NativeWin32.get();

    @Test
    void whatIsOpenedIsCounted() {
        HandleCount before = HandleCount.now();
        List<Long> opened = new ArrayList<>();
        for (int i = 0; i < SOME; i++) {
            opened.add(win32.CreateEventW(0, 1, 0, 0));
            opened.add(win32.CreateIoCompletionPort(PipeConstants.INVALID_HANDLE_VALUE, 0, 0, 1));
        }

        HandleCount meanwhile = HandleCount.now();

        assertEquals(before.of(HandleCount.Type.PORT) + SOME, meanwhile.of(HandleCount.Type.PORT));
        assertTrue(meanwhile.of(HandleCount.Type.EVENT) >= before.of(HandleCount.Type.EVENT) + SOME);
        opened.forEach(win32::CloseHandle);
        before.awaitBack(HandleCount.Type.PORT);
    }

    /** The books of the seam balance, and the kernel's do not. */
    @Test
    void aHandleThatTheTransportForgetsIsSeen() {
        runLab(win32); // what is opened once and for all is open
        HandleCount before = HandleCount.now();
        AtomicInteger closes = new AtomicInteger();
        List<Long> forgotten = new ArrayList<>();

        runLab(new ObservedWin32(win32) {
            @Override
            public int CloseHandle(long hObject) {
                if (closes.incrementAndGet() != 1) {
                    return super.CloseHandle(hObject);
                }
                forgotten.add(hObject);
                return 0;
            }
        });

        assertEquals(1, forgotten.size());
        HandleCount after = HandleCount.now();
        assertEquals(1, sum(after) - sum(before), () -> before + " before, " + after + " after");
        win32.CloseHandle(forgotten.get(0));
        assertEquals(sum(before), sum(HandleCount.now()));
    }

    private static int sum(HandleCount count) {
        return count.of(HandleCount.Type.FILE) + count.of(HandleCount.Type.PORT) + count.of(HandleCount.Type.TOKEN);
    }

    private void runLab(Win32 kernel) {
        try (PipeLab lab = new PipeLab(1, kernel, 1, win32)) {
            lab.bind(ChannelInboundHandlerAdapter::new);
            lab.connect(new ChannelInboundHandlerAdapter());
        }
    }
}
