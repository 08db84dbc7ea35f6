/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;

/** The two character sets in which Windows programs send text. */
public final class WindowsCharset {

    /** What the functions with a {@code W} take: UTF-16, little-endian, without a byte order mark. */
    public static final Charset UNICODE = StandardCharsets.UTF_16LE;

    /** The system's code page, as the JVM says; not documented, but it is the one that those functions use. */
    private static final String SYSTEM = "sun.jnu.encoding";

    /** The user's, where that is set apart. */
    private static final String USER = "native.encoding";

    /**
     * What the functions with an {@code A} take on this machine: the system's ANSI code page, such as {@code windows-1252} or
     * {@code windows-31j}. It is what the system property {@code sun.jnu.encoding} names, else {@code native.encoding}.
     * Elsewhere than on Windows that is the locale's. A peer on another machine may have another one: name the {@link
     * Charset} then.
     *
     * @return the character set
     * @throws UnsupportedCharsetException if this JVM does not have it, such as one without the module {@code jdk.charsets}
     * @throws IllegalStateException if neither property is set
     */
    public static Charset ansi() {
        return named(System.getProperty(SYSTEM, System.getProperty(USER)));
    }

    static Charset named(String name) {
        if (name == null) {
            throw new IllegalStateException("neither " + SYSTEM + " nor " + USER + " names the ANSI code page");
        }
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException e) {
            throw new IllegalStateException(SYSTEM + " or " + USER + " is no character set: " + name, e);
        }
    }

    private WindowsCharset() {}
}
