/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import io.npipe.win32.Win32;
import java.util.List;

/**
 * One rule of the kernel: after some preparation, some calls give some answer.
 *
 * @param number two digits, for all time
 * @param kind how sure it is
 * @param setup what there is
 * @param call what is called then
 * @param windows what Windows answers: one of these
 * @param wine what Wine 8 answers
 * @param action does it, and returns the answer as text
 */
public record Row(
        String number, Kind kind, String setup, String call, List<String> windows, String wine, Action action) {

    /** How sure a rule is. */
    public enum Kind {
        /** Wine's conformance tests assert it, which run on Windows. */
        W,
        /** ReactOS does it. */
        R,
        /** Open: any of several answers. */
        C
    }

    /** What a row does. */
    @FunctionalInterface
    public interface Action {

        /** Does it, and returns the answer. */
        String answer(Stage stage);
    }

    /** A rule of Wine's tests, in which Wine itself does the same. */
    static Row sure(String number, String setup, String call, String answer, Action action) {
        return new Row(number, Kind.W, setup, call, List.of(answer), answer, action);
    }

    /** The same rule, for which Wine answers otherwise. */
    Row onWine(String answer) {
        return new Row(number, kind, setup, call, windows, answer, action);
    }

    /** A rule that only ReactOS shows. */
    static Row likely(String number, String setup, String call, String answer, Action action) {
        return new Row(number, Kind.R, setup, call, List.of(answer), answer, action);
    }

    /** A question; Wine's answer is the first. */
    static Row open(String number, String setup, String call, List<String> answers, Action action) {
        return new Row(number, Kind.C, setup, call, answers, answers.get(0), action);
    }

    /** Does it on a kernel, and returns the answer. */
    public String answer(Win32 win32) {
        try (Stage stage = new Stage(win32)) {
            return action.answer(stage);
        }
    }

    /** Whether an answer is right. */
    public boolean accepts(String answer, boolean isWine) {
        return isWine ? answer.equals(wine) : windows.contains(answer);
    }

    /** What a kernel should answer, as text. */
    public String expected(boolean isWine) {
        return isWine ? wine : String.join(" or ", windows);
    }

    @Override
    public String toString() {
        return number + " (" + kind + ") " + setup + ": " + call;
    }
}
