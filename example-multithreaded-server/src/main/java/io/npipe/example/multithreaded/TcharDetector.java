/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * Learns from a client's first request what its program was compiled for, and leaves a decoder and an encoder for that in
 * its place: a program does not change.
 */
final class TcharDetector extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Tchar tchar;
        try {
            tchar = Tchar.of((ByteBuf) message);
        } catch (RuntimeException e) {
            ReferenceCountUtil.release(message);
            throw e;
        }
        ctx.pipeline().addAfter(ctx.name(), null, tchar.newDecoder()).addAfter(ctx.name(), null, tchar.newEncoder());
        ctx.pipeline().remove(this);
        ctx.fireChannelRead(message);
    }
}
