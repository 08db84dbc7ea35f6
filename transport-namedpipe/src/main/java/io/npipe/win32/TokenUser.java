/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import java.nio.ByteBuffer;

/** Layout of {@code TOKEN_USER} on 64-bit Windows, with room for the SID that it points to. */
public final class TokenUser {

    /** Bytes that suffice for every user. */
    public static final int SIZE = 16 + Sid.MAX_SIZE;

    private static final int SID = 0;

    /**
     * Reads the user.
     *
     * @param memory memory in native order, at the address that Windows has written to
     * @param offset of the structure
     * @return the SID as text
     */
    public static String sid(ByteBuffer memory, int offset) {
        return Sid.textAt(memory.getLong(offset + SID));
    }

    private TokenUser() {}
}
