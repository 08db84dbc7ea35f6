/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Lets a {@link Temper} act in every callback. What it hears it always passes on, before that or after it. */
final class TemperedHandler extends ChannelInboundHandlerAdapter {

    private final Temper temper;
    private final Party party;

    TemperedHandler(Temper temper, Party party) {
        this.temper = temper;
        this.party = party;
    }

    private void act(ChannelHandlerContext ctx, String where, Runnable passOn) {
        if (temper.passesOnFirst()) {
            passOn.run();
            temper.act(party, ctx, where);
            return;
        }
        try {
            temper.act(party, ctx, where);
        } finally {
            passOn.run();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        temper.act(party, ctx, "handlerAdded");
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        temper.act(party, ctx, "handlerRemoved");
    }

    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
        act(ctx, "channelRegistered", ctx::fireChannelRegistered);
    }

    @Override
    public void channelUnregistered(ChannelHandlerContext ctx) {
        act(ctx, "channelUnregistered", ctx::fireChannelUnregistered);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        act(ctx, "channelActive", ctx::fireChannelActive);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        act(ctx, "channelInactive", ctx::fireChannelInactive);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        act(ctx, "channelRead", () -> ctx.fireChannelRead(message));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        act(ctx, "channelReadComplete", ctx::fireChannelReadComplete);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        act(ctx, "channelWritabilityChanged", ctx::fireChannelWritabilityChanged);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        act(ctx, "userEventTriggered", () -> ctx.fireUserEventTriggered(event));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        act(ctx, "exceptionCaught", () -> ctx.fireExceptionCaught(cause));
    }
}
