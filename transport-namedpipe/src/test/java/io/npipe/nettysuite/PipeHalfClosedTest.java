/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.SocketHalfClosedTest;
import io.npipe.testkit.RecordingRecvAllocator;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** Netty's {@link SocketHalfClosedTest} over byte pipes, which have no half-close: {@code shutdownOutput()} is refused, and
 * what was written is read to its end before the channel closes, whatever {@code ALLOW_HALF_CLOSURE} says. */
@Tag("any-jvm")
@ExtendWith(NettySuite.class)
class PipeHalfClosedTest extends SocketHalfClosedTest {

    @Override
    protected List<BootstrapComboFactory<ServerBootstrap, Bootstrap>> newFactories() {
        return NettySuite.serversAndClients();
    }

    @Override
    protected List<ByteBufAllocator> newAllocators() {
        return NettySuite.allocators();
    }

    @Override
    protected SocketAddress newSocketAddress() {
        return NettySuite.freshAddress();
    }

    /** Read byte by byte, two at a time, on a machine that may be busy: a thousand reads show what more of them would. */
    private static final int TOTAL = 1024;

    private static final int READS = 2;

    @Test
    @Override
    public void testAllDataReadEventTriggeredAfterHalfClosure(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            sb.childOption(ChannelOption.AUTO_CLOSE, false);
            cb.option(ChannelOption.AUTO_CLOSE, false);
            allIsReadThenTheChannelCloses(false, true, true, sb, cb);
        });
    }

    @Test
    @Override
    public void testHalfClosureReceiveDataOnFinalWait2StateWhenSoLingerSet(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            sb.childOption(ChannelOption.SO_LINGER, 1);
            allIsReadThenTheChannelCloses(true, true, true, sb, cb);
        });
    }

    @Override
    public void testHalfClosureOnlyOneEventWhenAutoRead(ServerBootstrap sb, Bootstrap cb) throws Throwable {
        allIsReadThenTheChannelCloses(true, true, true, sb, cb);
    }

    @Override
    public void testAllDataReadAfterHalfClosure(ServerBootstrap sb, Bootstrap cb) throws Throwable {
        allIsReadThenTheChannelCloses(true, true, true, sb, cb);
        allIsReadThenTheChannelCloses(false, true, true, sb, cb);
    }

    @Override
    public void testAllDataReadClosure(ServerBootstrap sb, Bootstrap cb) throws Throwable {
        allIsReadThenTheChannelCloses(true, false, false, sb, cb);
        allIsReadThenTheChannelCloses(true, true, false, sb, cb);
        allIsReadThenTheChannelCloses(false, false, false, sb, cb);
        allIsReadThenTheChannelCloses(false, true, false, sb, cb);
    }

    static void allIsReadThenTheChannelCloses(
            boolean autoRead, boolean allowHalfClosure, boolean shutdown, ServerBootstrap sb, Bootstrap cb)
            throws Throwable {
        Reader reader = new Reader(autoRead);
        BlockingQueue<Throwable> refusals = new LinkedBlockingQueue<>();
        Channel server =
                sb.childHandler(new Writer(shutdown, refusals)).bind().sync().channel();
        Channel client = cb.option(ChannelOption.ALLOW_HALF_CLOSURE, allowHalfClosure)
                .option(ChannelOption.AUTO_READ, autoRead)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new RecordingRecvAllocator(1, READS, new ArrayList<>()))
                .handler(reader)
                .connect(server.localAddress())
                .sync()
                .channel();
        client.read();
        client.closeFuture().sync();
        server.close().sync();

        assertEquals(List.of(), reader.events);
        assertEquals(TOTAL, reader.bytes);
        assertTrue(reader.completes <= TOTAL / READS + 10, () -> "too many read completes: " + reader.completes);
        if (shutdown) {
            assertInstanceOf(UnsupportedOperationException.class, refusals.take());
        }
    }

    /** Writes all, then shuts its output down, if it is to, and closes. */
    private static final class Writer extends ChannelInboundHandlerAdapter {

        private final boolean shutdown;
        private final BlockingQueue<Throwable> refusals;

        Writer(boolean shutdown, BlockingQueue<Throwable> refusals) {
            this.shutdown = shutdown;
            this.refusals = refusals;
        }

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ChannelFuture write = ctx.writeAndFlush(ctx.alloc().buffer(TOTAL).writeZero(TOTAL));
            write.addListener(written -> {
                if (shutdown) {
                    ((DuplexChannel) ctx.channel()).shutdownOutput().addListener(refused -> {
                        refusals.add(refused.cause());
                        ctx.close();
                    });
                } else {
                    ctx.close();
                }
            });
        }
    }

    private static final class Reader extends ChannelInboundHandlerAdapter {

        private final boolean autoRead;
        private final List<Object> events = new ArrayList<>();
        private int bytes;
        private int completes;

        Reader(boolean autoRead) {
            this.autoRead = autoRead;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            bytes += ((ByteBuf) message).readableBytes();
            ((ByteBuf) message).release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            completes++;
            if (!autoRead) {
                ctx.read();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add(cause);
        }
    }
}
