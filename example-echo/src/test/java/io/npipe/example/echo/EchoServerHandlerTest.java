/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class EchoServerHandlerTest {

    @Test
    void doesNotReadWhileTheClientDoesNot() {
        EmbeddedChannel channel = new EmbeddedChannel(new EchoServerHandler());
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(10, 100));

        channel.pipeline().fireChannelRead(channel.alloc().buffer().writeZero(1000));
        assertFalse(channel.config().isAutoRead(), "reads on above the high watermark");

        channel.pipeline().fireChannelReadComplete();
        assertTrue(channel.config().isAutoRead(), "does not read although all is sent");
        ByteBuf echo = channel.readOutbound();
        assertEquals(1000, echo.readableBytes());
        echo.release();
        assertFalse(channel.finish());
    }
}
