/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.npipe.example.common.OneLine;
import java.io.IOException;

/**
 * Serves one client as a thread of the sample does: reads a request, writes the answer, and reads the next when the answer
 * is in the pipe. So a client that does not read its answers stops nobody but itself, and nothing piles up for it.
 */
final class AnswerHandler extends SimpleChannelInboundHandler<String> {

    private final Answer answer;
    private final EventExecutor executor;
    private final Traffic traffic;

    /**
     * Serves one client.
     *
     * @param answer what it is told
     * @param executor makes the answers: the channel's event loop, unless they block
     * @param traffic counts what is done
     */
    AnswerHandler(Answer answer, EventExecutor executor, Traffic traffic) {
        this.answer = answer;
        this.executor = executor;
        this.traffic = traffic;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        traffic.clientCame();
        ctx.read();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, String request) {
        // By the handler and not by its place in the pipeline, which Netty 4.2 advises against.
        executor.submit(() -> answer.to(request)).addListener((Future<String> made) -> {
            if (made.isSuccess()) {
                write(ctx, made.getNow());
            } else {
                cutOff(ctx, made.cause());
            }
        });
    }

    private void write(ChannelHandlerContext ctx, String text) {
        ctx.writeAndFlush(text).addListener(written -> {
            if (written.isSuccess()) {
                traffic.answered();
                ctx.read();
            } else {
                exceptionCaught(ctx, written.cause());
            }
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        traffic.clientWent();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) { // a client that has gone is nothing to tell
            ctx.close();
        } else {
            cutOff(ctx, cause);
        }
    }

    private static void cutOff(ChannelHandlerContext ctx, Throwable cause) {
        System.err.println("multithreaded-server: a client is cut off: " + OneLine.of(cause));
        ctx.close();
    }
}
