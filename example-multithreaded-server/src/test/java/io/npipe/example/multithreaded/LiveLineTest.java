/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("any-jvm")
class LiveLineTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Traffic traffic = new Traffic();

    private LiveLine line(boolean terminal) {
        return new LiveLine(traffic, terminal, new PrintStream(bytes, true, StandardCharsets.UTF_8), 0);
    }

    private String shown() {
        String shown = bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
        bytes.reset();
        return shown;
    }

    private void answer(int times) {
        for (int i = 0; i < times; i++) {
            traffic.answered();
        }
    }

    private static long second(int second) {
        return TimeUnit.SECONDS.toNanos(second);
    }

    @Test
    void onATerminalItIsRewrittenEverySecond() {
        LiveLine line = line(true);
        traffic.clientCame();
        answer(1000);
        line.update(second(1));
        assertEquals("\rclients: 1 now, 1 in all; messages: 1000, 1000/s", shown());

        traffic.clientWent();
        line.update(second(2));
        assertEquals("\rclients: 0 now, 1 in all; messages: 1000, 0/s   ", shown());
    }

    @Test
    void elsewhereItIsToldEveryFiveSecondsUnlessNothingHasChanged() {
        LiveLine line = line(false);
        answer(100);
        for (int i = 1; i < 5; i++) {
            line.update(second(i));
        }
        assertEquals("", shown());
        line.update(second(5));
        assertEquals("clients: 0 now, 0 in all; messages: 100, 20/s\n", shown());

        for (int i = 6; i <= 20; i++) {
            line.update(second(i));
        }
        assertEquals("clients: 0 now, 0 in all; messages: 100, 0/s\n", shown());
    }
}
