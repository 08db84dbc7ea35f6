/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.testing.integration.AbstractInteropTest;
import io.netty.handler.ssl.SslContext;
import io.npipe.testkit.PipeLab;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.Ignore;
import org.junit.jupiter.api.Test;
import org.junit.runner.Description;
import org.junit.runner.JUnitCore;
import org.junit.runner.Result;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunListener;
import org.junit.runners.model.InitializationError;

/** gRPC's interoperability suite passes over pipes, every method of it. It is for JUnit 4, whose own runner runs it. */
class InteropTest {

    /** What was run. */
    private static final class Methods extends RunListener {

        final Set<String> run = new TreeSet<>();
        final List<Failure> skipped = new ArrayList<>();

        @Override
        public void testFinished(Description method) {
            run.add(method.getMethodName());
        }

        /** An assumption does not hold: JUnit 4 counts that among those that were run. */
        @Override
        public void testAssumptionFailure(Failure failure) {
            skipped.add(failure);
        }
    }

    private static Set<String> methodsOfTheSuite() {
        Set<String> methods = new TreeSet<>();
        Arrays.stream(AbstractInteropTest.class.getMethods())
                .filter(method -> method.isAnnotationPresent(org.junit.Test.class))
                .filter(method -> !method.isAnnotationPresent(Ignore.class))
                .forEach(method -> methods.add(method.getName()));
        return methods;
    }

    private static void run(String what, SslContext serverTls, SslContext clientTls) throws InitializationError {
        Methods methods = new Methods();
        Result result;
        try (PipeLab lab = new PipeLab()) {
            PipeInterop.use(lab, serverTls, clientTls);
            JUnitCore core = new JUnitCore();
            core.addListener(methods);
            result = core.run(new PipeInterop.Unlimited());
        }
        List<Failure> failures = result.getFailures();
        assertTrue(
                failures.isEmpty(),
                () -> failures.size() + " failed, the first: " + failures.get(0).getTestHeader() + ": "
                        + failures.get(0).getTrace());
        assertEquals(List.of(), methods.skipped);
        assertEquals(methodsOfTheSuite(), methods.run);
        assertEquals(methods.run.size(), result.getRunCount());
        System.out.println("gRPC's interop suite " + what + ": " + result.getRunCount() + " methods of "
                + methodsOfTheSuite().size() + " passed in " + result.getRunTime() + " ms");
    }

    @Test
    void theSuitePassesInPlainText() throws Exception {
        run("over a pipe", null, null);
    }

    @Test
    void theSuitePassesThroughTls() throws Exception {
        TestTls tls = new TestTls();
        run("through TLS over a pipe", tls.server(), tls.client());
    }
}
