/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.MessageToMessageDecoder;
import io.netty.util.CharsetUtil;
import io.netty.util.internal.ObjectUtil;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.List;
import java.util.Objects;

/**
 * Decodes each message to a {@link String}, as Windows programs send them: in UTF-16LE or an ANSI code page ({@link
 * WindowsCharset}), with or without the terminating NUL, which is dropped. It wants a {@link MessageFrameCodec}, or whatever
 * else makes one buffer of one message, ahead of it.
 *
 * <p>Netty's {@code StringDecoder} puts U+FFFD where it cannot decode; this one refuses, so that a message that was cut is
 * noticed. Such a message is dropped, the channel lives on, and what is caught is:
 *
 * <ul>
 *   <li>{@link CorruptedFrameException} for bytes that are no text of the character set: an odd number of them in UTF-16LE,
 *       half of a surrogate pair or of a double-byte character, an unassigned byte;
 *   <li>{@link CorruptedFrameException} for a NUL ahead of the end, where a C program would see a shorter string; or for none
 *       at the end, if one is required;
 *   <li>{@link io.netty.handler.codec.TooLongFrameException} for more bytes than the limit, before anything is allocated.
 * </ul>
 *
 * <p>A byte order mark is a character like others. Buffers are released. It is for one channel, and called by its event
 * loop.
 */
public final class WindowsStringDecoder extends MessageToMessageDecoder<ByteBuf> {

    private final CharsetDecoder decoder;
    private final int maxBytes;
    private final boolean terminatorRequired;

    /**
     * Takes strings with a NUL and without one.
     *
     * @param charset the character set
     * @param maxBytes bytes of the longest string, with its NUL; at least 1
     * @throws IllegalArgumentException if the limit is less
     */
    public WindowsStringDecoder(Charset charset, int maxBytes) {
        this(charset, maxBytes, StringTermination.NONE);
    }

    /**
     * With the least that a string must have.
     *
     * @param charset the character set
     * @param maxBytes bytes of the longest string, with its NUL; at least 1
     * @param required {@link StringTermination#NUL} to refuse a string without one, as cut off; {@link
     *     StringTermination#NONE} to take both
     * @throws IllegalArgumentException if the limit is less
     */
    public WindowsStringDecoder(Charset charset, int maxBytes, StringTermination required) {
        super(ByteBuf.class);
        decoder = CharsetUtil.decoder(
                Objects.requireNonNull(charset, "charset"), CodingErrorAction.REPORT, CodingErrorAction.REPORT);
        this.maxBytes = ObjectUtil.checkPositive(maxBytes, "maxBytes");
        terminatorRequired = Objects.requireNonNull(required, "required") == StringTermination.NUL;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf message, List<Object> out) {
        int length = message.readableBytes();
        if (length > maxBytes) {
            throw MessageFrameCodec.tooLong(length, maxBytes);
        }
        out.add(withoutTerminator(text(message)));
    }

    private String text(ByteBuf message) {
        int length = message.readableBytes();
        try {
            return decoder.decode(message.nioBuffer()).toString();
        } catch (CharacterCodingException e) {
            throw new CorruptedFrameException(
                    "a message of " + length + " bytes is no text in " + decoder.charset(), e);
        }
    }

    private String withoutTerminator(String text) {
        int end = text.indexOf('\0');
        if (end < 0) {
            if (terminatorRequired) {
                throw new CorruptedFrameException("a string of " + text.length() + " characters has no NUL at its end");
            }
            return text;
        }
        if (end != text.length() - 1) {
            throw new CorruptedFrameException(
                    "a string of " + text.length() + " characters has a NUL ahead of its end, at index " + end);
        }
        return text.substring(0, end);
    }
}
