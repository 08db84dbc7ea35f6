/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import io.npipe.testkit.Wine;
import io.npipe.win32.NativeWin32;
import io.npipe.win32.Win32;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Asks the kernel that it runs on for each of the {@link Rows}, and prints a table: what was expected, and what came. A
 * question that is open is answered by that. It ends with 0 whatever the answers are.
 *
 * <pre>
 * RowReport [FILE]    the file gets the same as Markdown
 * </pre>
 */
public final class RowReport {

    /** It exists only so that a hang ends. */
    private static final int LIMIT_SECONDS = 120;

    /** One line of the table. */
    private record Line(Row row, String answer, boolean isRight) {}

    /** Asks, prints, and writes. */
    public static void main(String[] arguments) throws IOException {
        List<Line> lines = ask(NativeWin32.get(), Wine.isWine());
        System.out.println(plain(lines));
        for (String file : arguments) {
            Files.writeString(Path.of(file), markdown(lines), StandardCharsets.UTF_8);
        }
    }

    private static List<Line> ask(Win32 win32, boolean isWine) {
        List<Line> lines = new ArrayList<>();
        for (Row row : all()) {
            String answer = answer(row, win32);
            lines.add(new Line(row, answer, row.accepts(answer, isWine)));
        }
        return lines;
    }

    /** On a thread of its own: one that is never answered must not hide the others. */
    private static String answer(Row row, Win32 win32) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        answer.complete(row.answer(win32));
                    } catch (Throwable t) { // that is an answer, too
                        answer.complete(t.toString());
                    }
                },
                "row-" + row.number());
        thread.setDaemon(true);
        thread.start();
        return answer.completeOnTimeout("no answer", LIMIT_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** Also those that only the kernel of this system is asked. */
    static List<Row> all() {
        return Stream.of(Rows.ALL, RealRows.ALL)
                .flatMap(List::stream)
                .sorted(Comparator.comparing(Row::number))
                .toList();
    }

    private static String system() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + (Wine.isWine() ? ", Wine" : "")
                + ", Java " + System.getProperty("java.version");
    }

    private static String sum(List<Line> lines) {
        long right = lines.stream().filter(Line::isRight).count();
        return right + " of " + lines.size() + " as expected, on " + system();
    }

    private static String plain(List<Line> lines) {
        StringBuilder text = new StringBuilder();
        for (Line line : lines) {
            Row row = line.row;
            text.append(String.format(
                    Locale.ROOT,
                    "%s %s %s  %s -> %s%n         expected: %s%n         answer:   %s%n",
                    row.number(),
                    row.kind(),
                    mark(line),
                    row.setup(),
                    row.call(),
                    row.expected(Wine.isWine()),
                    line.answer));
        }
        return text + sum(lines);
    }

    private static String mark(Line line) {
        return line.isRight ? "ok   " : "OTHER";
    }

    private static String markdown(List<Line> lines) {
        StringBuilder text = new StringBuilder("# What the kernel answers\n\n" + sum(lines) + "\n\n"
                + "| row | kind | what | expected | answer | |\n| --- | --- | --- | --- | --- | --- |\n");
        for (Line line : lines) {
            Row row = line.row;
            text.append("| ").append(row.number());
            text.append(" | ").append(row.kind());
            text.append(" | ").append(cell(row.setup() + " → " + row.call()));
            text.append(" | ").append(cell(row.expected(Wine.isWine())));
            text.append(" | ").append(cell(line.answer));
            text.append(" | ").append(line.isRight ? "✓" : "✗").append(" |\n");
        }
        return text.toString();
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }

    private RowReport() {}
}
