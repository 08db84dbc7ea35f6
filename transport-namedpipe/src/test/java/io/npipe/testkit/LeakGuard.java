/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class if Netty reports a leaked buffer while it runs. Registered for every class through {@code
 * META-INF/services}; needs {@code -Dio.netty.leakDetectionLevel=paranoid}.
 */
public final class LeakGuard implements BeforeAllCallback, AfterAllCallback {

    private static final List<String> REPORTS = new CopyOnWriteArrayList<>();

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ResourceLeakDetectorFactory() {
            @Deprecated
            @SuppressWarnings("InlineMeSuggester") // it is deprecated where it is declared
            @Override
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval, long max) {
                return newResourceLeakDetector(resource, interval);
            }

            @Override
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int interval) {
                return new ReportingDetector<>(resource, interval);
            }
        });
    }

    /** Made by JUnit. */
    public LeakGuard() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        if (ResourceLeakDetector.getLevel() != ResourceLeakDetector.Level.PARANOID) {
            throw new IllegalStateException("tests need -Dio.netty.leakDetectionLevel=paranoid");
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        List<String> reports = reports();
        if (!reports.isEmpty()) {
            throw new AssertionError(reports.size() + " leaked, the first:" + System.lineSeparator() + reports.get(0));
        }
    }

    /** What has leaked since the last call. */
    static List<String> reports() {
        collectGarbage();
        // What one collection found is enqueued one by one; when the next one's is, all of the first one's has been.
        collectGarbage();
        PooledByteBufAllocator.DEFAULT.directBuffer(1).release(); // tracking a buffer reports those enqueued
        List<String> reports = List.copyOf(REPORTS);
        REPORTS.clear();
        return reports;
    }

    /** Returns when an object that had become unreachable before has been enqueued. */
    private static void collectGarbage() {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        WeakReference<Object> sentinel = new WeakReference<>(new Object(), queue);
        try {
            for (int seconds = 0; seconds < HangLimit.SECONDS; seconds++) {
                System.gc();
                if (queue.remove(1000) != null) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            Reference.reachabilityFence(sentinel);
        }
        throw new IllegalStateException("the garbage collector does not enqueue references");
    }

    private static final class ReportingDetector<T> extends ResourceLeakDetector<T> {

        @SuppressWarnings("deprecation") // the constructor that a factory is meant to call
        ReportingDetector(Class<T> resource, int interval) {
            super(resource, interval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            REPORTS.add(resourceType + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            REPORTS.add(resourceType);
        }
    }
}
