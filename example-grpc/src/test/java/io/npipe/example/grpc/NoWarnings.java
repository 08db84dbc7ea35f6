/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.npipe.testkit.LogWatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test if gRPC, Netty or the transport logs a warning or worse while it runs, or before it in its class.
 * Registered for every class through {@code META-INF/services}.
 */
public final class NoWarnings implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    private final Collector grpc = new Collector();
    private LogWatch netty;

    /** Made by JUnit. */
    public NoWarnings() {}

    /** gRPC logs to the JDK, Netty and the transport to Netty's loggers. */
    private static Logger root() {
        return LogManager.getLogManager().getLogger("");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        for (Handler handler : root().getHandlers()) {
            if (handler instanceof Collector) { // one at a time, as LogWatch
                root().removeHandler(handler);
            }
        }
        root().setLevel(Level.INFO);
        grpc.problems.clear();
        root().addHandler(grpc);
        netty = LogWatch.begin();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        root().setLevel(Level.INFO); // whatever a test before has left
    }

    @Override
    public void afterEach(ExtensionContext context) {
        List<String> problems = new ArrayList<>(netty.problems());
        problems.addAll(grpc.problems);
        netty.problems().clear();
        grpc.problems.clear();
        if (!problems.isEmpty()) {
            throw new AssertionError(problems.size() + " warnings, the first: " + problems.get(0));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        root().removeHandler(grpc);
        netty.close();
        afterEach(context); // what was left to the end of the class
    }

    private static final class Collector extends Handler {

        final List<String> problems = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                problems.add(entry.getLevel() + " " + entry.getLoggerName() + ": " + entry.getMessage() + " "
                        + entry.getThrown());
            }
        }

        @Override
        public void flush() {
            // nothing is kept back
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
