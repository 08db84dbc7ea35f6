/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.CharsetUtil;

/** Keeps what a channel reads, as ASCII text. */
final class Received extends ChannelInboundHandlerAdapter {

    private final StringBuilder text = new StringBuilder();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf data = (ByteBuf) message;
        synchronized (this) {
            text.append(data.toString(CharsetUtil.US_ASCII));
            notifyAll();
        }
        data.release();
    }

    /** Waits until there are so many characters; returns all that there are. */
    synchronized String await(int length) throws InterruptedException {
        while (text.length() < length) {
            wait();
        }
        return text.toString();
    }
}
