/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

/** An {@link EmbeddedChannel} that keeps what was caught, in bytes and with an allocator that knows of leaks. */
final class Embedded implements AutoCloseable {

    private final AllocationLedger ledger = new AllocationLedger();
    private final List<Throwable> caught = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel(false, false);

    Embedded(ChannelHandler... handlers) throws Exception {
        channel.config().setAllocator(ledger);
        channel.pipeline().addLast(handlers).addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                caught.add(cause);
            }
        });
        channel.register();
    }

    EmbeddedChannel channel() {
        return channel;
    }

    AllocationLedger ledger() {
        return ledger;
    }

    /** What exceptionCaught was told. */
    List<Throwable> caught() {
        return caught;
    }

    ByteBuf buffer(byte... bytes) {
        return ledger.buffer(Math.max(1, bytes.length)).writeBytes(bytes);
    }

    /** What arrives above the handlers, as bytes. */
    List<byte[]> receive(byte... bytes) {
        channel.writeInbound(buffer(bytes));
        return received();
    }

    List<byte[]> received() {
        List<byte[]> all = new ArrayList<>();
        for (ByteBuf message; (message = channel.readInbound()) != null; ) {
            all.add(bytesOf(message));
        }
        return all;
    }

    /** What leaves below the handlers, a buffer each. */
    List<byte[]> sent() {
        List<byte[]> all = new ArrayList<>();
        for (ByteBuf message; (message = channel.readOutbound()) != null; ) {
            all.add(bytesOf(message));
        }
        return all;
    }

    static byte[] bytesOf(ByteBuf message) {
        byte[] bytes = new byte[message.readableBytes()];
        message.readBytes(bytes).release();
        return bytes;
    }

    /** Closes the channel; fails if a buffer is left. */
    @Override
    public void close() {
        channel.close();
        received();
        sent();
        ledger.assertNothingLeft();
    }
}
