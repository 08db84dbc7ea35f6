/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What a server does, in a line: on a terminal the same line again and again; elsewhere a new one now and then, if there is
 * something new to tell.
 */
final class LiveLine {

    private static final int UPDATES_A_LINE = 5;

    private final Traffic traffic;
    private final boolean terminal;
    private final PrintStream out;
    private long lastNanos;
    private long lastAnswers;
    private int updates;
    private String told = "";
    private int shownLength;

    LiveLine(Traffic traffic, boolean terminal, PrintStream out, long nowNanos) {
        this.traffic = traffic;
        this.terminal = terminal;
        this.out = out;
        lastNanos = nowNanos;
    }

    /** To be called once a second. */
    void update(long nowNanos) {
        long answers = traffic.answers();
        double seconds = Math.max(1, nowNanos - lastNanos) / (double) TimeUnit.SECONDS.toNanos(1);
        if (terminal) {
            rewrite(line(answers, seconds));
        } else if (++updates % UPDATES_A_LINE == 0) {
            String line = line(answers, seconds);
            if (!line.equals(told)) {
                out.println(line);
                told = line;
            }
        } else {
            return; // the rate is of the time since the last line
        }
        lastNanos = nowNanos;
        lastAnswers = answers;
    }

    private String line(long answers, double seconds) {
        return String.format(
                Locale.ROOT,
                "clients: %d now, %d in all; messages: %d, %.0f/s",
                traffic.clients(),
                traffic.clientsSeen(),
                answers,
                (answers - lastAnswers) / seconds);
    }

    private void rewrite(String line) {
        out.print("\r" + line + " ".repeat(Math.max(0, shownLength - line.length())));
        out.flush();
        shownLength = line.length();
    }
}
