/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.nettysuite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.testsuite.transport.TestsuitePermutation.BootstrapComboFactory;
import io.netty.testsuite.transport.socket.SocketHalfClosedTest;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.PipeMode;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/** Netty's {@link SocketHalfClosedTest} over pipes of messages with {@code HALF_CLOSE}. What casts is written anew. */
@Tag("any-jvm")
@ExtendWith(NettySuite.class)
class MessagePipeHalfClosedTest extends SocketHalfClosedTest {

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

    @Override
    protected void configure(ServerBootstrap sb, Bootstrap cb, ByteBufAllocator allocator) {
        super.configure(sb, cb, allocator);
        sb.option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                .childOption(NamedPipeChannelOption.HALF_CLOSE, true);
        cb.option(NamedPipeChannelOption.HALF_CLOSE, true);
    }

    /** As with Netty's NIO, which skips this, an end is seen by a read: so there is one more here. */
    @Test
    @Override
    public void testAllDataReadEventTriggeredAfterHalfClosure(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            sb.childOption(ChannelOption.AUTO_CLOSE, false);
            cb.option(ChannelOption.AUTO_CLOSE, false).option(ChannelOption.AUTO_READ, false);
            testHalfClosureOnlyOneEventWhenAutoRead(sb, cb);
        });
    }

    /** Who ended its output still reads what the peer writes then. */
    @Test
    @Override
    public void testHalfClosureReceiveDataOnFinalWait2StateWhenSoLingerSet(TestInfo testInfo) throws Throwable {
        run(testInfo, (sb, cb) -> {
            CountDownLatch answered = new CountDownLatch(1);
            Channel server = sb.childOption(ChannelOption.SO_LINGER, 1)
                    .childHandler(new ShutsDown(answered))
                    .bind()
                    .sync()
                    .channel();
            Channel client = cb.option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                            if (event == ChannelInputShutdownEvent.INSTANCE) {
                                ctx.writeAndFlush(ctx.alloc().buffer().writeZero(16));
                            }
                        }
                    })
                    .connect(server.localAddress())
                    .sync()
                    .channel();
            answered.await();
            client.close().sync();
            server.close().sync();
        });
    }

    /** Netty casts the handler's context to a channel here, and sees the events of the close that follows. */
    @Override
    public void testHalfClosureOnlyOneEventWhenAutoRead(ServerBootstrap sb, Bootstrap cb) throws Throwable {
        List<Object> events = new ArrayList<>();
        Channel server = sb.childHandler(new ShutsDown(new CountDownLatch(1)))
                .bind()
                .sync()
                .channel();
        Channel client = cb.option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .handler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        ctx.read();
                    }

                    @Override
                    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                        events.add(event);
                        if (event == ChannelInputShutdownReadComplete.INSTANCE) {
                            ctx.executor().execute(ctx::close);
                        }
                    }
                })
                .connect(server.localAddress())
                .sync()
                .channel();
        client.closeFuture().sync();
        assertEquals(List.of(ChannelInputShutdownEvent.INSTANCE, ChannelInputShutdownReadComplete.INSTANCE), events);
        server.close().sync();
    }

    /** A close is no half-close, also with {@code ALLOW_HALF_CLOSURE}: all is read, and the channel is inactive. */
    @Override
    public void testAllDataReadClosure(ServerBootstrap sb, Bootstrap cb) throws Throwable {
        PipeHalfClosedTest.allIsReadThenTheChannelCloses(true, true, false, sb, cb);
        PipeHalfClosedTest.allIsReadThenTheChannelCloses(false, false, false, sb, cb);
    }

    private static final class ShutsDown extends ChannelInboundHandlerAdapter {

        private final CountDownLatch answered;

        ShutsDown(CountDownLatch answered) {
            this.answered = answered;
        }

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ((DuplexChannel) ctx.channel()).shutdownOutput();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            io.netty.util.ReferenceCountUtil.release(message);
            answered.countDown();
        }
    }
}
