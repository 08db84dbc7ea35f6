/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import io.netty.buffer.ByteBuf;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of buffers, one after the other. */
final class Digest {

    private final MessageDigest sha256;

    Digest() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) { // every JVM has it
            throw new IllegalStateException(e);
        }
    }

    /** Does not move the buffer's indices. */
    void update(ByteBuf buffer) {
        sha256.update(buffer.nioBuffer());
    }

    /** In hexadecimal; the digest begins anew. */
    String value() {
        return HexFormat.of().formatHex(sha256.digest());
    }
}
