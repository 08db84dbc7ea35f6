/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A client that calls and a server that answers in the order of the test, over streams that are cut where the test says.
 * Fails unless each call gets the reply to its own request.
 */
final class Conversation {

    private static final int MAX = 1000;

    private final Embedded client;
    private final Embedded server;
    private final RequestResponseClientHandler caller = new RequestResponseClientHandler();
    private final List<Promise<ByteBuf>> replies = new ArrayList<>();
    private final List<byte[]> atServer = new ArrayList<>();

    /** With handlers between framing and the server's end. */
    Conversation(ChannelHandler... between) throws Exception {
        client = new Embedded(new MessageFrameCodec(MAX), caller);
        List<ChannelHandler> handlers = new ArrayList<>();
        handlers.add(new MessageFrameCodec(MAX));
        handlers.addAll(List.of(between));
        handlers.add(new RequestResponseServerHandler((ctx, request) -> {
            atServer.add(Embedded.bytesOf(request));
            Promise<ByteBuf> reply = ctx.executor().newPromise();
            replies.add(reply);
            return reply;
        }));
        server = new Embedded(handlers.toArray(new ChannelHandler[0]));
    }

    /** What the server makes of a request; differs for each one, whatever its content. */
    private static byte[] reply(byte[] request) {
        byte[] reply = new byte[request.length + 1];
        for (int i = 0; i < request.length; i++) {
            reply[i] = (byte) ~request[i];
        }
        reply[request.length] = (byte) request.length;
        return reply;
    }

    /**
     * Makes all calls, answers them, and checks the replies.
     *
     * @param order for each reply which one of those that are left
     */
    void run(List<byte[]> requests, List<Integer> order, List<Integer> cuts) {
        List<Future<ByteBuf>> calls = new ArrayList<>();
        for (byte[] request : requests) {
            calls.add(caller.call(client.buffer(request)));
        }
        transfer(client, server, cuts);
        assertEquals(requests.size(), replies.size());
        answer(order);
        transfer(server, client, cuts);
        for (int i = 0; i < requests.size(); i++) {
            Future<ByteBuf> call = calls.get(i);
            assertTrue(call.isSuccess(), () -> "no reply: " + call);
            assertArrayEquals(reply(requests.get(i)), Embedded.bytesOf(call.getNow()), "the reply to another request");
        }
        assertEquals(0, caller.lateReplies() + caller.duplicateReplies() + caller.unknownReplies());
        assertEquals(List.of(), client.caught());
        assertEquals(List.of(), server.caught());
    }

    private void answer(List<Integer> order) {
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < replies.size(); i++) {
            left.add(i);
        }
        for (int i = 0; !left.isEmpty(); i++) {
            int next = left.remove(order.get(i % order.size()) % left.size());
            replies.get(next).setSuccess(server.buffer(reply(atServer.get(next))));
        }
    }

    private static void transfer(Embedded from, Embedded to, List<Integer> cuts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        from.sent().forEach(all::writeBytes);
        byte[] stream = all.toByteArray();
        int at = 0;
        for (int i = 0; at < stream.length; i++) {
            int end = Math.min(stream.length, at + cuts.get(i % cuts.size()));
            to.channel().writeInbound(to.buffer(Arrays.copyOfRange(stream, at, end)));
            at = end;
        }
    }

    /** Fails if a buffer is left at one of the ends. */
    void end() {
        client.close();
        server.close();
    }
}
