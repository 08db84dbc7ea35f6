/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

/** Whether the NUL that ends a string in C is sent with it. */
public enum StringTermination {

    /** The characters only: {@code lstrlen} of them. */
    NONE,

    /** The characters and a NUL: {@code lstrlen + 1}. */
    NUL
}
