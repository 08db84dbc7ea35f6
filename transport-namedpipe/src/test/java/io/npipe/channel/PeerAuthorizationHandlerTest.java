/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.embedded.EmbeddedChannel;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.SimulatedPipeLab;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is let in, and what the handlers behind hear of the others: nothing. */
@Tag("any-jvm")
@Timeout(60)
class PeerAuthorizationHandlerTest {

    private static final Chances KNOWN_LATE = new Chances(0, 0, 0, 0, 0, 0, 0, 100, 0);
    private static final String NOBODY = "S-1-5-21-1-2-3-4711";

    /** All that it hears, in order. */
    @Sharable
    private static final class Log extends ChannelInboundHandlerAdapter {

        private final List<String> events = new ArrayList<>();

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            events.add("active");
            ctx.fireChannelActive();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            events.add("inactive");
            ctx.fireChannelInactive();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ByteBuf data = (ByteBuf) msg;
            events.add("read " + data.toString(StandardCharsets.US_ASCII));
            data.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            events.add("complete");
            ctx.fireChannelReadComplete();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add("caught " + cause);
        }
    }

    private final Log log = new Log();
    private Channel child;

    private ChannelInitializer<Channel> behind(PeerAuthorizationHandler authorization) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                child = channel;
                channel.pipeline().addLast(authorization, log);
            }
        };
    }

    // ---- real kernel and simulated one -----------------------------------------------------------------------------

    @Test
    void theUserWhoIsAllowedIsServed() throws Exception {
        Inbox accepted = new Inbox();
        String me = Kernels.win32().currentUserSid();
        PeerAuthorizationHandler onlyMe = PeerAuthorizationHandler.allow(
                Kernels::win32, NOBODY, Kernels.win32().accountOfSid(me));
        try (PipeLab lab = new PipeLab()) {
            lab.bind(() -> new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(onlyMe, accepted);
                }
            });
            Channel client = lab.connect(new Inbox());
            client.writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII));
            Channel served = accepted.awaitActive();
            assertEquals("hello", accepted.awaitText(5));
            assertNull(served.pipeline().get(PeerAuthorizationHandler.class), "it has done its work");
        }
    }

    @Test
    void aUserWhoIsNotAllowedIsClosedWithoutAWord() throws Exception {
        Inbox accepted = new Inbox();
        Inbox client = new Inbox();
        PeerAuthorizationHandler onlyNobody = PeerAuthorizationHandler.allow(NOBODY);
        try (PipeLab lab = new PipeLab()) {
            lab.bind(() -> new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(onlyNobody, accepted);
                }
            });
            lab.connect(client).writeAndFlush(Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII));
            client.awaitInactive();
        }
        assertEquals(0, accepted.received().length);
        assertFalse(accepted.isInactive(), "it was never told that it was active");
    }

    @Test
    void aClientAuthorisesItsServer() throws Exception {
        Inbox client = new Inbox();
        try (PipeLab lab = new PipeLab()) {
            lab.bind(Inbox::new);
            Channel channel = lab.connect(new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel pipe) {
                    pipe.pipeline().addLast(PeerAuthorizationHandler.allow(NOBODY), client);
                }
            });
            channel.closeFuture().syncUninterruptibly();
            assertFalse(client.isInactive());
        }
    }

    @Test
    void anAccountThatDoesNotExistIsNotAllowed() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> PeerAuthorizationHandler.allow(Kernels::win32, "npipe-nobody"))
                .getMessage();
        assertTrue(message.contains("npipe-nobody"), message);
    }

    // ---- where Windows tells late ----------------------------------------------------------------------------------

    private SimulatedPipeLab lab(Chances chances, boolean autoRead, PeerAuthorizationHandler authorization) {
        SimulatedPipeLab lab = new SimulatedPipeLab(1, chances, Faults.NONE);
        lab.on(lab.serverGroup(), () -> lab.server(() -> behind(authorization))
                .childOption(ChannelOption.AUTO_READ, autoRead)
                .bind(lab.address()));
        lab.settle();
        return lab;
    }

    private static void say(SimulatedPipeLab lab, Channel client, String text) {
        lab.on(lab.clientGroup(), () -> client.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII)));
        lab.settle();
    }

    @Test
    void whoIsKnownLateIsDecidedOnBeforeTheFirstBytesArePassedOn() {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, true, new PeerAuthorizationHandler(peer -> true))) {
            Channel client = lab.connect(new Inbox());
            assertNull(((NamedPipeChannel) child).peerCredentials());
            assertEquals(List.of(), log.events);

            say(lab, client, "hello");
            assertEquals(List.of("active", "read hello", "complete"), log.events);
            assertNotNull(((NamedPipeChannel) child).peerCredentials());
            say(lab, client, "again");
            assertEquals(List.of("read again", "complete"), log.events.subList(3, 5));
            lab.on(lab.clientGroup(), client::close);
            lab.settle();
            assertEquals("inactive", log.events.get(log.events.size() - 1));
        }
    }

    @Test
    void whoIsKnownLateIsRefusedWithWhatItSaid() {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, true, PeerAuthorizationHandler.allow(NOBODY))) {
            Channel client = lab.connect(new Inbox());
            say(lab, client, "hello");
            assertEquals(List.of(), log.events);
            assertFalse(client.isOpen());
        } // the lab fails if what was read is not released
    }

    @Test
    void whoBeginsWithAnEmptyMessageFromWhichNobodyKnowsItIsRefused() {
        PeerAuthorizationHandler everybody = new PeerAuthorizationHandler(peer -> true);
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, KNOWN_LATE, Faults.NONE)) {
            lab.on(lab.serverGroup(), () -> lab.server(() -> behind(everybody))
                    .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                    .bind(lab.address()));
            lab.settle();
            Channel client = lab.connect(new Inbox());
            say(lab, client, "");
            assertEquals(List.of(), log.events);
            assertFalse(client.isOpen());
        }
    }

    @Test
    void whoSaysNothingIsNeverHeardOf() {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, true, new PeerAuthorizationHandler(peer -> true))) {
            Channel client = lab.connect(new Inbox());
            lab.on(lab.clientGroup(), client::close);
            lab.settle();
            assertEquals(List.of(), log.events);
            assertFalse(child.isOpen());
        }
    }

    @Test
    void withoutAutoReadItReadsWhatItNeedsAndNoMore() {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, false, new PeerAuthorizationHandler(peer -> true))) {
            Channel client = lab.connect(new Inbox());
            say(lab, client, "hello");
            assertEquals(List.of("active", "read hello", "complete"), log.events);
            say(lab, client, "again");
            assertEquals(3, log.events.size());
            lab.on(lab.serverGroup(), child::read);
            lab.settle();
            assertEquals(List.of("read again", "complete"), log.events.subList(3, 5));
        }
    }

    @Test
    void whoIsKnownAtOnceIsReadOnlyWhenAsked() {
        try (SimulatedPipeLab lab = lab(Chances.NONE, false, new PeerAuthorizationHandler(peer -> true))) {
            Channel client = lab.connect(new Inbox());
            say(lab, client, "hello");
            assertEquals(List.of("active"), log.events);
        }
    }

    // ---- decisions -------------------------------------------------------------------------------------------------

    @Test
    void aPeerIsAskedForOnce() {
        AtomicInteger asked = new AtomicInteger();
        AtomicReference<NamedPipePeerCredentials> seen = new AtomicReference<>();
        Predicate<NamedPipePeerCredentials> counting = peer -> {
            asked.incrementAndGet();
            seen.set(peer);
            return true;
        };
        for (Chances chances : new Chances[] {Chances.NONE, KNOWN_LATE}) {
            asked.set(0);
            try (SimulatedPipeLab lab = lab(chances, true, new PeerAuthorizationHandler(counting))) {
                Channel client = lab.connect(new Inbox());
                say(lab, client, "hello");
                say(lab, client, "again");
                assertEquals(1, asked.get());
                assertEquals(((NamedPipeChannel) child).peerCredentials(), seen.get());
            }
        }
    }

    @Test
    void aPredicateThatThrowsRefuses() {
        PeerAuthorizationHandler failing = new PeerAuthorizationHandler(peer -> {
            throw new IllegalStateException("no decision");
        });
        for (Chances chances : new Chances[] {Chances.NONE, KNOWN_LATE}) {
            log.events.clear();
            try (SimulatedPipeLab lab = lab(chances, true, failing)) {
                Channel client = lab.connect(new Inbox());
                say(lab, client, "hello");
                assertFalse(client.isOpen());
                assertEquals(List.of("caught java.lang.IllegalStateException: no decision"), log.events);
            }
        }
    }

    @Test
    void aPeerWhoseUserIsNotKnownIsNotOnTheList() {
        try (SimulatedPipeLab lab = lab(Chances.NONE, true, PeerAuthorizationHandler.allow(NOBODY))) {
            Channel[] client = new Channel[1];
            lab.on(
                    lab.clientGroup(),
                    () -> client[0] = lab.client(new Inbox())
                            .option(NamedPipeChannelOption.IMPERSONATION_LEVEL, ImpersonationLevel.ANONYMOUS)
                            .connect(lab.address())
                            .channel());
            lab.settle();
            assertFalse(client[0].isOpen());
            assertNull(((NamedPipeChannel) child).peerCredentials().userSid());
        }
    }

    @Test
    void whatHappensToARefusedPeerCanBeChanged() {
        List<NamedPipePeerCredentials> refused = new ArrayList<>();
        PeerAuthorizationHandler telling = new PeerAuthorizationHandler(peer -> false) {
            @Override
            protected void peerRefused(ChannelHandlerContext ctx, NamedPipePeerCredentials peer) {
                refused.add(peer);
            }
        };
        try (SimulatedPipeLab lab = lab(Chances.NONE, true, telling)) {
            lab.connect(new Inbox());
            assertEquals(List.of(((NamedPipeChannel) child).peerCredentials()), refused);
        }
    }

    @Test
    void whateverIsDoneAboutARefusedPeerItIsClosed() {
        PeerAuthorizationHandler failing = new PeerAuthorizationHandler(peer -> false) {
            @Override
            protected void peerRefused(ChannelHandlerContext ctx, NamedPipePeerCredentials peer) {
                throw new IllegalStateException("of the subclass");
            }
        };
        try (SimulatedPipeLab lab = lab(Chances.NONE, true, failing)) {
            assertFalse(lab.connect(new Inbox()).isOpen());
            assertEquals(List.of("caught java.lang.IllegalStateException: of the subclass"), log.events);
        }
    }

    @Test
    void addedAfterTheStartItDecidesBeforeTheNextBytes() {
        PeerAuthorizationHandler nobody = PeerAuthorizationHandler.allow(NOBODY);
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.bind(() -> new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    child = channel;
                    channel.pipeline().addLast(log);
                }
            });
            Channel client = lab.connect(new Inbox());
            lab.on(lab.serverGroup(), () -> child.pipeline().addFirst(nobody));
            say(lab, client, "hello");
            assertFalse(client.isOpen());
            assertEquals(List.of("active", "inactive"), log.events);
        }
    }

    @Test
    void whatIsNoPipeIsClosed() {
        EmbeddedChannel channel = new EmbeddedChannel(new PeerAuthorizationHandler(peer -> true), log);
        assertFalse(channel.isOpen());
        assertEquals(1, log.events.size());
        assertTrue(log.events.get(0).contains("no named pipe"), log.events.get(0));
    }

    @Test
    void whatIsNoPipeIsClosedAlsoIfItIsAddedLater() {
        EmbeddedChannel channel = new EmbeddedChannel(log);
        channel.pipeline().addFirst(new PeerAuthorizationHandler(peer -> true));
        log.events.clear();
        ByteBuf data = Unpooled.copiedBuffer("hello", StandardCharsets.US_ASCII);
        channel.writeOneInbound(data);
        assertEquals(0, data.refCnt());
        assertFalse(channel.isOpen());
        assertTrue(log.events.get(0).contains("no named pipe"), log.events::toString);
    }
}
