/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.testsuite.transport.AbstractComboTestsuiteTest;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;

/** {@code docs/conformance.md} against Netty's suite and against our classes. */
@Tag("any-jvm")
class ConformanceTest {

    private static final String SUITE = "io/netty/testsuite/transport/";
    private static final List<String> PACKAGES = List.of("io.npipe.nettysuite.", "io.npipe.iocp.", "io.npipe.peers.");

    private record Row(String suiteClass, String method, String verdict, String ourClass, String remark) {}

    private static List<Row> rows() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("..", "docs", "conformance.md"))) {
            return lines.filter(line -> line.startsWith("| "))
                    .map(line -> line.substring(1).split("\\|", -1))
                    .filter(cells -> cells.length == 6 && !cells[0].contains("---") && !cells[1].contains(" method "))
                    .map(cells -> Arrays.stream(cells).map(String::strip).toList())
                    .map(cells -> new Row(cells.get(0), cells.get(1), cells.get(2), cells.get(3), cells.get(4)))
                    .toList();
        }
    }

    /** The suite's classes by simple name. */
    private static Map<String, Class<?>> suite() throws IOException, URISyntaxException, ClassNotFoundException {
        Path jar = Path.of(AbstractComboTestsuiteTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Map<String, Class<?>> classes = new TreeMap<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (String name : file.stream().map(Object::toString).toList()) {
                if (name.startsWith(SUITE) && name.endsWith("Test.class") && !name.contains("$")) {
                    String binary =
                            name.substring(0, name.length() - ".class".length()).replace('/', '.');
                    Class<?> type = Class.forName(binary, false, ConformanceTest.class.getClassLoader());
                    classes.put(type.getSimpleName(), type);
                }
            }
        }
        return classes;
    }

    private static boolean isTest(Method method) {
        return method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(ParameterizedTest.class);
    }

    private static Set<String> declaredTests(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(ConformanceTest::isTest)
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Class<?> ours(String simpleName) {
        return PACKAGES.stream()
                .map(prefix -> classIfPresent(prefix + simpleName))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + simpleName));
    }

    private static Optional<Class<?>> classIfPresent(String name) {
        try {
            return Optional.of(Class.forName(name, false, ConformanceTest.class.getClassLoader()));
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }

    @Test
    void everyMethodOfTheSuiteHasItsRowAndNoOther() throws Exception {
        Set<String> suite = new TreeSet<>();
        suite().forEach((name, type) -> declaredTests(type).forEach(method -> suite.add(name + "." + method)));
        Set<String> rows = rows().stream()
                .map(row -> row.suiteClass + "." + row.method)
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(suite.size() > 100, "the suite was not found: " + suite);
        assertEquals(String.join("\n", suite), String.join("\n", rows));
    }

    @Test
    void everyRowSaysWhatOurClassDoes() throws Exception {
        Map<String, Class<?>> suite = suite();
        for (Row row : rows()) {
            Class<?> theirs = suite.get(row.suiteClass);
            switch (row.verdict) {
                case "passes" -> {
                    assertEquals(theirs, ours(row.ourClass).getSuperclass(), row::toString);
                    assertFalse(overrides(ours(row.ourClass), row.method), row::toString);
                }
                case "adapted" -> {
                    assertEquals(theirs, ours(row.ourClass).getSuperclass(), row::toString);
                    assertTrue(overrides(ours(row.ourClass), row.method), row::toString);
                    assertFalse(row.remark.isEmpty(), row::toString);
                }
                case "instead" -> {
                    assertFalse(declaredTests(ours(row.ourClass)).isEmpty(), row::toString);
                    assertFalse(row.remark.isEmpty(), row::toString);
                }
                case "cannot apply" -> assertFalse(row.remark.isEmpty(), row::toString);
                default -> throw new AssertionError("unknown verdict: " + row);
            }
        }
    }

    /** Whether the test itself or what it calls by the same name is ours; the fast open tests share one body. */
    private static boolean overrides(Class<?> type, String method) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(own -> !own.isSynthetic())
                .anyMatch(own -> method.equals(own.getName())
                        || (method.contains("FastOpen") && method.startsWith(own.getName())));
    }

    private static boolean isOverriddenUnmarked(Class<?> type, String method) {
        return Arrays.stream(type.getDeclaredMethods())
                .anyMatch(own -> own.getName().equals(method)
                        && List.of(own.getParameterTypes()).equals(List.of(TestInfo.class))
                        && !isTest(own));
    }

    /** JUnit runs an overridden method only if it is marked again: none may get lost. */
    @Test
    void aSubclassHasAsManyTestsAsTheSuitesClass() throws Exception {
        Map<String, Class<?>> suite = suite();
        Map<String, String> subclasses = rows().stream()
                .filter(row -> row.verdict.equals("passes") || row.verdict.equals("adapted"))
                .collect(Collectors.toMap(Row::suiteClass, Row::ourClass, (one, other) -> {
                    assertEquals(one, other);
                    return one;
                }));
        assertTrue(subclasses.size() > 20);
        subclasses.forEach((suiteClass, ourClass) -> {
            Set<String> run = declaredTests(suite.get(suiteClass));
            run.removeIf(method -> isOverriddenUnmarked(ours(ourClass), method));
            run.addAll(declaredTests(ours(ourClass)));
            assertEquals(declaredTests(suite.get(suiteClass)), run, ourClass);
        });
    }
}
