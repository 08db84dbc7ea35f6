/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.testkit;

import com.sun.jna.NativeLibrary;

/** Tells Wine's kernel from Windows', for tests that assert where they differ. */
public final class Wine {

    private static final boolean WINE = hasExport();

    /** Whether this is Wine. */
    public static boolean isWine() {
        return WINE;
    }

    private static boolean hasExport() {
        try {
            NativeLibrary.getInstance("ntdll").getFunction("wine_get_version");
            return true;
        } catch (UnsatisfiedLinkError windows) { // the export is Wine's
            return false;
        }
    }

    private Wine() {}
}
