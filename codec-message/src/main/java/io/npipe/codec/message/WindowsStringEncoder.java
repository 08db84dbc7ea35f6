/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.EncoderException;
import io.netty.handler.codec.MessageToMessageEncoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.CharsetUtil;
import io.netty.util.internal.ObjectUtil;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.util.List;
import java.util.Objects;

/**
 * Encodes each {@link CharSequence} to a message, as Windows programs expect them: in UTF-16LE or an ANSI code page ({@link
 * WindowsCharset}), with or without the terminating NUL. It wants a {@link MessageFrameCodec} ahead of it, or a peer that
 * needs no boundaries.
 *
 * <p>Netty's {@code StringEncoder} sends a question mark for what the character set does not have; here the write fails,
 * with an {@link EncoderException} whose cause is:
 *
 * <ul>
 *   <li>a {@link CharacterCodingException} for a character that the character set does not have, or half of a surrogate pair;
 *   <li>an {@link IllegalArgumentException} for a NUL in the text, where a C program would see a shorter string;
 *   <li>a {@link TooLongFrameException} for text that takes more bytes than the limit; no more than those are allocated.
 * </ul>
 *
 * <p>It is for one channel, and called by its event loop.
 */
public final class WindowsStringEncoder extends MessageToMessageEncoder<CharSequence> {

    private final CharsetEncoder encoder;
    private final int maxBytes;
    private final boolean terminated;

    /**
     * Makes an encoder.
     *
     * @param charset the character set
     * @param maxBytes bytes of the longest string, with its NUL; at least 1
     * @param termination whether to send a NUL with each string
     * @throws IllegalArgumentException if the limit is less
     * @throws UnsupportedOperationException if the character set cannot encode
     */
    public WindowsStringEncoder(Charset charset, int maxBytes, StringTermination termination) {
        super(CharSequence.class);
        encoder = CharsetUtil.encoder(
                Objects.requireNonNull(charset, "charset"), CodingErrorAction.REPORT, CodingErrorAction.REPORT);
        this.maxBytes = ObjectUtil.checkPositive(maxBytes, "maxBytes");
        terminated = Objects.requireNonNull(termination, "termination") == StringTermination.NUL;
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, CharSequence text, List<Object> out)
            throws CharacterCodingException {
        if (text.length() / 2 > maxBytes) { // a character takes a byte at least, and may be a pair
            throw tooLong(text);
        }
        if (text.chars().anyMatch(c -> c == '\0')) {
            throw new IllegalArgumentException("text with a NUL: whoever reads it would take that for its end");
        }
        CharBuffer chars = CharBuffer.wrap(terminated ? text + "\0" : text);
        int capacity = (int) Math.min(maxBytes, Math.ceil((double) chars.length() * encoder.maxBytesPerChar()));
        ByteBuf message = ctx.alloc().ioBuffer(capacity, maxBytes);
        try {
            message.writerIndex(encode(text, chars, message.internalNioBuffer(0, capacity)));
            out.add(message.retain());
        } finally {
            message.release();
        }
    }

    /** Returns how many bytes it takes. */
    private int encode(CharSequence text, CharBuffer chars, ByteBuffer bytes) throws CharacterCodingException {
        int start = bytes.position();
        encoder.reset();
        CoderResult result = encoder.encode(chars, bytes, true);
        if (result.isUnderflow()) {
            result = encoder.flush(bytes);
        }
        if (result.isOverflow()) {
            throw tooLong(text);
        }
        if (result.isError()) {
            result.throwException();
        }
        return bytes.position() - start;
    }

    private TooLongFrameException tooLong(CharSequence text) {
        return new TooLongFrameException(
                "text of " + text.length() + " characters takes more than " + maxBytes + " bytes");
    }
}
