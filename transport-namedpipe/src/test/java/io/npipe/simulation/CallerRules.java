/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.ArrayList;
import java.util.List;

/** Collects what the caller of the simulated kernel did that it must not do. */
public final class CallerRules {

    private final List<AssertionError> violations = new ArrayList<>();
    private boolean lenient;

    /** From now on what is bad style, but legal, is allowed: such as to close a handle with an operation under way. */
    void setLenient() {
        lenient = true;
    }

    /** Something that is always wrong. */
    public void violated(String what) {
        violations.add(new AssertionError(what));
    }

    /** Something that Windows allows and this transport does not. */
    void discouraged(String what) {
        if (!lenient) {
            violated(what);
        }
    }

    /** Throws the first one, if there is one, and forgets them. */
    public void check() {
        if (!violations.isEmpty()) {
            AssertionError first = violations.get(0);
            violations.clear();
            throw first;
        }
    }
}
