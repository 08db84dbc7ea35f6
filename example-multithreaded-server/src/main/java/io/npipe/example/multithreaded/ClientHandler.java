/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.io.EOFException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;

/** One client: sends its requests, each when the last one is answered, and goes. */
final class ClientHandler extends SimpleChannelInboundHandler<String> {

    private final int client;
    private final String message;
    private final int requests;
    private final BiPredicate<String, String> right;
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private volatile long waitMillis = Outcome.DID_NOT_WAIT;
    private int answers;
    private String firstAnswer;
    private boolean alike = true;
    private int wrong;

    /**
     * Makes a client.
     *
     * @param client its number
     * @param message what it says; it adds who says it
     * @param requests how many it sends
     * @param right whether an answer, the second, is the one to a request, the first
     */
    ClientHandler(int client, String message, int requests, BiPredicate<String, String> right) {
        this.client = client;
        this.message = message;
        this.requests = requests;
        this.right = right;
    }

    CompletableFuture<Outcome> outcome() {
        return outcome;
    }

    /** Any thread, before it is added to a pipeline. */
    void waited(long millis) {
        waitMillis = millis;
    }

    /** Any thread; the first one counts. */
    void end(Throwable failure) {
        outcome.complete(new Outcome(client, waitMillis, answers, firstAnswer, alike, wrong, failure));
    }

    private String request() {
        return message + " (client " + client + ", request " + (answers + 1) + ")";
    }

    /** To a channel that is connected. */
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        send(ctx);
    }

    private void send(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(request()).addListener(written -> {
            if (!written.isSuccess()) {
                exceptionCaught(ctx, written.cause());
            }
        });
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, String answer) {
        if (!right.test(request(), answer)) {
            wrong++;
        }
        if (firstAnswer == null) {
            firstAnswer = answer;
        }
        alike &= answer.equals(firstAnswer);
        answers++;
        if (answers < requests) {
            send(ctx);
        } else {
            end(null);
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end(new EOFException("the server has closed the pipe"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        end(cause);
        ctx.close();
    }
}
