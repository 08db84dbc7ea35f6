/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** What {@code WriteBeforeRegisteredTest} asks of sockets: a write to a channel that never gets as far as a connection. */
class PipeWriteBeforeRegisteredTest extends PipeSuiteTest {

    @Test
    void aWriteBeforeTheConnectionFailsWithItAndIsReleased(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            Channel channel = cb.handler(new ChannelInboundHandlerAdapter())
                    .connect(newSocketAddress())
                    .channel();
            ByteBuf data = channel.alloc().buffer().writeByte(1);
            ChannelFuture write = channel.writeAndFlush(data);
            assertFalse(write.await().isSuccess());
            channel.closeFuture().sync();
            assertEquals(0, data.refCnt());
        });
    }
}
