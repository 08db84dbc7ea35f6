/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.CorruptedFrameException;
import io.npipe.codec.message.StringTermination;
import io.npipe.codec.message.WindowsCharset;
import io.npipe.codec.message.WindowsStringDecoder;
import io.npipe.codec.message.WindowsStringEncoder;
import java.nio.charset.Charset;

/** What a Windows program was compiled for, and so in what it sends strings: always with their NUL. */
enum Tchar {
    UNICODE(2),
    ANSI(1);

    /** Of the longest string, with its NUL: the buffers of the sample. */
    static final int MAX_CHARACTERS = 512;

    /** Of the longest string in either. */
    static final int MAX_BYTES = MAX_CHARACTERS * UNICODE.size;

    private final int size;

    Tchar(int size) {
        this.size = size;
    }

    /**
     * Tells what a message with a string is in. Its end is enough: there is no NUL but the last character, so in UTF-16LE it
     * ends with two zero bytes, and in ANSI with one, whatever the text.
     *
     * @throws CorruptedFrameException if there is no NUL
     */
    static Tchar of(ByteBuf message) {
        int last = message.writerIndex() - 1;
        int length = message.readableBytes();
        if (length == 0 || message.getByte(last) != 0) {
            throw new CorruptedFrameException("a request of " + length + " bytes has no NUL at its end");
        }
        return length > 1 && message.getByte(last - 1) == 0 ? UNICODE : ANSI;
    }

    Charset charset() {
        return this == UNICODE ? WindowsCharset.UNICODE : WindowsCharset.ansi();
    }

    WindowsStringDecoder newDecoder() {
        return new WindowsStringDecoder(charset(), MAX_CHARACTERS * size, StringTermination.NUL);
    }

    WindowsStringEncoder newEncoder() {
        return new WindowsStringEncoder(charset(), MAX_CHARACTERS * size, StringTermination.NUL);
    }
}
