/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on standard error, for what takes over two seconds. Any thread. */
final class Progress implements AutoCloseable {

    private static final long SHOW_AFTER_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int WIDTH = 100;
    private static final long MEGABYTE = 1_000_000;
    private static final long KILOBYTE = 1_000;

    private final long total;
    private final long start = System.nanoTime();
    private long done;
    private ProgressBar bar;

    Progress(long total) {
        this.total = total;
    }

    synchronized void add(long bytes) {
        done += bytes;
        long elapsed = System.nanoTime() - start;
        if (bar == null && elapsed > SHOW_AFTER_NANOS) {
            bar = show(Duration.ofNanos(elapsed));
        }
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    private ProgressBar show(Duration elapsed) {
        boolean large = total >= 10 * MEGABYTE;
        return new ProgressBarBuilder()
                .setTaskName("echo")
                .setInitialMax(total)
                .startsFrom(done, elapsed)
                .setUnit(large ? " MB" : " kB", large ? MEGABYTE : KILOBYTE)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                .build();
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
