/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

/** The bytes that a talker sends: the first tells which one it is, each other depends on that and on its position. */
final class Stream {

    static byte byteAt(int id, long position) {
        return (byte) (position == 0 ? id : id * 31L + position * 7 + (position >> 8) * 13);
    }

    private Stream() {}
}
