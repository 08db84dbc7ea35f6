/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Collects the warnings and errors that Netty's loggers, and so ours, are given. While somebody watches, nothing below
 * them is logged. Registered for every class through {@code META-INF/services}, since it must be there before the first
 * logger is made.
 */
public final class LogWatch implements AutoCloseable {

    private static final Set<String> PROBLEMS = Set.of("warn", "error");
    private static volatile LogWatch current;

    private final List<String> problems = new CopyOnWriteArrayList<>();

    private LogWatch() {}

    /** Begins to watch; one at a time. */
    public static LogWatch begin() {
        LogWatch watch = new LogWatch();
        current = watch;
        return watch;
    }

    /** What was logged since the beginning: {@code "warn"} or {@code "error"}, the logger's name, what it was given. */
    public List<String> problems() {
        return problems;
    }

    @Override
    public void close() {
        current = null;
    }

    /** Puts itself before every logger that is made from now on. */
    public static final class Installer implements BeforeAllCallback {

        static {
            InternalLoggerFactory loggers = InternalLoggerFactory.getDefaultFactory();
            InternalLoggerFactory.setDefaultFactory(new InternalLoggerFactory() {
                @Override
                protected InternalLogger newInstance(String name) {
                    return watched(loggers, name);
                }
            });
        }

        /** Made by JUnit. */
        public Installer() {}

        @Override
        public void beforeAll(ExtensionContext context) {
            // being loaded is all
        }

        private static InternalLogger watched(InternalLoggerFactory loggers, String name) {
            InternalLogger logger = newInstance(loggers, name);
            return (InternalLogger) Proxy.newProxyInstance(
                    InternalLogger.class.getClassLoader(),
                    new Class<?>[] {InternalLogger.class},
                    (proxy, method, args) -> {
                        LogWatch watch = current;
                        if (watch != null && method.getReturnType() == boolean.class) {
                            return method.getName().equals("isWarnEnabled")
                                    || method.getName().equals("isErrorEnabled");
                        }
                        if (watch != null && method.getReturnType() == void.class) {
                            if (PROBLEMS.contains(method.getName())) {
                                watch.problems.add(method.getName() + " " + name + ": " + Arrays.deepToString(args)
                                        + stackTrace(args));
                            }
                            return null;
                        }
                        try {
                            return method.invoke(logger, args);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        private static String stackTrace(Object[] args) {
            StringWriter text = new StringWriter();
            for (Object arg : args) {
                if (arg instanceof Throwable thrown) {
                    thrown.printStackTrace(new PrintWriter(text));
                } else if (arg instanceof Object[] several) {
                    text.append(stackTrace(several));
                }
            }
            return text.toString();
        }

        private static InternalLogger newInstance(InternalLoggerFactory loggers, String name) {
            try {
                var method = InternalLoggerFactory.class.getDeclaredMethod("newInstance", String.class);
                method.setAccessible(true);
                return (InternalLogger) method.invoke(loggers, name);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
