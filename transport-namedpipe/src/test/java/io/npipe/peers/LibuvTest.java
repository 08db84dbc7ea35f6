/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.peers;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.local.LocalAddress;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.RawPipe;
import java.net.BindException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What libuv tests of its pipes, asked of ours. */
@Tag("any-jvm")
class LibuvTest {

    private final PipeLab lab = new PipeLab(1, 2);

    @AfterEach
    void endLoops() {
        lab.close();
    }

    @Test
    void bindingWhatAnotherServerHasFails() throws Exception {
        try (RawPipe other = RawPipe.single(lab.address())) {
            assertTrue(other.isOpen());
            assertInstanceOf(
                    BindException.class,
                    lab.server(Inbox::new).bind(lab.address()).await().cause());
        }
    }

    @Test
    void bindingTwiceFails() throws Exception {
        Channel server = lab.bind(Inbox::new);
        assertInstanceOf(
                IllegalStateException.class,
                server.bind(PipeLab.freshAddress()).await().cause());
        assertTrue(server.isActive());
    }

    @Test
    void bindingWhatIsNoPipeFails() throws Exception {
        assertInstanceOf(
                UnsupportedAddressTypeException.class,
                lab.server(Inbox::new).bind(LocalAddress.ANY).await().cause());
    }

    @Test
    void aPathThatIsTooLongIsRefusedWithItsLength() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> NamedPipeAddress.of("x".repeat(1024)));
        assertTrue(refused.getMessage().contains("1033"), refused.getMessage());
    }

    @Test
    void whatIsNotUnderPipeIsRefused() {
        for (String file : List.of("\\\\.\\C:\\file", "\\\\.\\pipe", "\\\\?\\C:\\file")) {
            assertThrows(IllegalArgumentException.class, () -> NamedPipeAddress.of(file), file);
        }
    }

    @Test
    void manyConnectsAndClosesAtOnce() throws Exception {
        lab.bind(() -> new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                ctx.close();
            }
        });
        List<ChannelFuture> connects = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            connects.add(lab.client(new Inbox()).connect(lab.address()));
        }
        for (ChannelFuture connect : connects) {
            connect.sync().channel().closeFuture().sync();
        }
    }

    @Test
    void bothEndsCloseDuringTheConnect() throws Exception {
        for (int i = 0; i < 100; i++) {
            Channel server = lab.server(() -> new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelActive(ChannelHandlerContext ctx) {
                            ctx.close();
                        }
                    })
                    .bind(PipeLab.freshAddress())
                    .sync()
                    .channel();
            ChannelFuture connect = lab.client(new Inbox()).connect(server.localAddress());
            ChannelFuture serverClosed = server.close();
            ChannelFuture clientClosed = connect.channel().close();
            serverClosed.sync();
            clientClosed.sync();
            assertTrue(connect.await().isDone());
        }
    }
}
