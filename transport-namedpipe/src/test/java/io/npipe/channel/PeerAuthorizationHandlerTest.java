/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
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
import io.npipe.testkit.LogWatch;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.SimulatedPipeLab;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who is let in, and what the handlers behind hear of the others: nothing. */
@Tag("any-jvm")
class PeerAuthorizationHandlerTest {

    private static final Chances KNOWN_LATE = new Chances(0, 0, 0, 0, 0, 0, 0, 100, 0).withEmptyMessagesOfNobody();
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
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add("event " + event);
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add("caught " + cause);
        }
    }

    private final Log log = new Log();
    private Channel child;

    private ChannelInitializer<Channel> behind(Supplier<PeerAuthorizationHandler> authorization) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                child = channel;
                channel.pipeline().addLast(authorization.get(), log);
            }
        };
    }

    // ---- real kernel and simulated one -----------------------------------------------------------------------------

    private static ChannelInitializer<Channel> only(Predicate<NamedPipePeerCredentials> allowed, Inbox behind) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new PeerAuthorizationHandler(allowed), behind);
            }
        };
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    @Test
    void theUserWhoIsAllowedIsServed() throws Exception {
        Inbox accepted = new Inbox();
        String me = Kernels.win32().currentUserSid();
        Predicate<NamedPipePeerCredentials> users = PeerAuthorizationHandler.users(
                Kernels::win32, NOBODY, Kernels.win32().accountOfSid(me));
        try (PipeLab lab = new PipeLab()) {
            lab.bind(() -> only(users, accepted));
            Channel client = lab.connect(new Inbox());
            client.writeAndFlush(text("hello"));
            Channel served = accepted.awaitActive();
            assertEquals("hello", accepted.awaitText(5));
            assertNull(served.pipeline().get(PeerAuthorizationHandler.class), "it has done its work");
        }
    }

    @Test
    void aUserWhoIsNotAllowedIsClosedWithoutAWord() throws Exception {
        Inbox accepted = new Inbox();
        Inbox client = new Inbox();
        try (PipeLab lab = new PipeLab()) {
            lab.bind(() -> only(PeerAuthorizationHandler.users(NOBODY), accepted));
            lab.connect(client).writeAndFlush(text("hello"));
            client.awaitInactive();
        }
        assertEquals(0, accepted.received().length);
        assertFalse(accepted.isInactive(), "it was never told that it was active");
    }

    @Test
    void aClientThatRefusesItsServerIsNotConnectedAndTellsItNothing() throws Exception {
        Inbox accepted = new Inbox();
        Inbox client = new Inbox();
        try (PipeLab lab = new PipeLab()) {
            lab.bind(() -> accepted);
            ChannelFuture connect = lab.client(only(PeerAuthorizationHandler.users(NOBODY), client))
                    .connect(lab.address());
            ChannelFuture write = connect.channel().writeAndFlush(text("password"));
            connect.addListener(done -> connect.channel().writeAndFlush(text("password")));

            assertInstanceOf(
                    ConnectException.class, connect.awaitUninterruptibly().cause());
            assertInstanceOf(IOException.class, write.awaitUninterruptibly().cause());
            connect.channel().closeFuture().syncUninterruptibly();
            accepted.awaitInactive();
            assertEquals(0, accepted.received().length);
            assertFalse(client.isInactive());
        }
    }

    @Test
    void aClientThatAllowsItsServerIsConnected() throws Exception {
        Inbox accepted = new Inbox();
        try (PipeLab lab = new PipeLab()) {
            lab.bind(() -> accepted);
            ChannelFuture connect = lab.client(
                            only(PeerAuthorizationHandler.users(Kernels.win32().currentUserSid()), new Inbox()))
                    .connect(lab.address());
            connect.addListener(done -> connect.channel().writeAndFlush(text("password")));
            assertEquals("password", accepted.awaitText(8));
        }
    }

    @Test
    void anAccountThatDoesNotExistIsNotAllowed() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> PeerAuthorizationHandler.users(Kernels::win32, "npipe-nobody"))
                .getMessage();
        assertTrue(message.contains("npipe-nobody"), message);
    }

    // ---- where Windows tells late ----------------------------------------------------------------------------------

    private SimulatedPipeLab lab(Chances chances, Predicate<NamedPipePeerCredentials> allowed) {
        return lab(chances, () -> new PeerAuthorizationHandler(allowed), server -> {});
    }

    private SimulatedPipeLab lab(
            Chances chances, Supplier<PeerAuthorizationHandler> authorization, Consumer<ServerBootstrap> options) {
        SimulatedPipeLab lab = new SimulatedPipeLab(1, chances, Faults.NONE);
        lab.on(lab.serverGroup(), () -> {
            ServerBootstrap server = lab.server(() -> behind(authorization));
            options.accept(server);
            server.bind(lab.address());
        });
        lab.settle();
        return lab;
    }

    private static void say(SimulatedPipeLab lab, Channel client, String text) {
        lab.on(lab.clientGroup(), () -> client.writeAndFlush(text(text)));
        lab.settle();
    }

    /** Without the timeout that the handler has: time stands still otherwise. */
    private static Supplier<PeerAuthorizationHandler> patient(Predicate<NamedPipePeerCredentials> allowed) {
        return () -> new PeerAuthorizationHandler(allowed, 0);
    }

    @Test
    void whoIsKnownLateIsDecidedOnBeforeTheFirstBytesArePassedOn() {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, patient(peer -> true), server -> {})) {
            Channel client = lab.connect(new Inbox());
            assertNull(((NamedPipeChannel) child).peerCredentials());
            assertEquals(List.of(), log.events);

            say(lab, client, "hello");
            assertEquals(List.of("active", "read hello", "complete"), log.events);
            assertNotNull(((NamedPipeChannel) child).peerCredentials());
            assertNull(child.pipeline().get(PeerAuthorizationHandler.class));
            say(lab, client, "again");
            assertEquals(List.of("read again", "complete"), log.events.subList(3, 5));
            lab.on(lab.clientGroup(), client::close);
            lab.settle();
            assertEquals("inactive", log.events.get(log.events.size() - 1));
        }
    }

    @Test
    void whoIsKnownLateIsRefusedWithWhatItSaid() {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, PeerAuthorizationHandler.users(NOBODY))) {
            Channel client = lab.connect(new Inbox());
            say(lab, client, "hello");
            assertEquals(List.of(), log.events);
            assertFalse(client.isOpen());
        } // the lab fails if what was read is not released
    }

    @Test
    void whoBeginsWithAnEmptyMessageFromWhichNobodyKnowsItIsRefused() {
        try (SimulatedPipeLab lab = lab(
                KNOWN_LATE,
                patient(peer -> true),
                server -> server.option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE))) {
            Channel client = lab.connect(new Inbox());
            say(lab, client, "");
            assertEquals(List.of(), log.events);
            assertFalse(client.isOpen());
        }
    }

    @Test
    void whoEndsItsOutputBeforeAnybodyKnowsItIsRefused() {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, patient(peer -> true), server -> server.option(
                        NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                .childOption(NamedPipeChannelOption.HALF_CLOSE, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true))) {
            Channel client = lab.connect(new Inbox());
            say(lab, client, "");
            assertEquals(List.of(), log.events);
            assertFalse(client.isOpen());
        }
    }

    @Test
    void aMessageThatIsTooLongIsDecidedOn() {
        Consumer<ServerBootstrap> shortMessages =
                server -> server.option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                        .childOption(NamedPipeChannelOption.MAX_MESSAGE_SIZE, 3);
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, patient(PeerAuthorizationHandler.users(NOBODY)), shortMessages)) {
            Channel client = lab.connect(new Inbox());
            say(lab, client, "hello");
            assertEquals(List.of(), log.events);
            assertFalse(client.isOpen());
        }
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, patient(peer -> true), shortMessages)) {
            say(lab, lab.connect(new Inbox()), "hello");
            assertEquals("active", log.events.get(0));
            assertTrue(log.events.get(1).contains("TooLongFrameException"), log.events::toString);
        }
    }

    @Test
    void whoSaysNothingIsRefusedInTheEnd() {
        try (SimulatedPipeLab lab =
                lab(KNOWN_LATE, () -> new PeerAuthorizationHandler(peer -> true, 5000), server -> {})) {
            Channel[] client = new Channel[1];
            lab.on(
                    lab.clientGroup(),
                    () -> client[0] =
                            lab.client(new Inbox()).connect(lab.address()).channel());
            lab.settleFor(4900, TimeUnit.MILLISECONDS);
            assertTrue(client[0].isActive());
            lab.settleFor(200, TimeUnit.MILLISECONDS);
            assertFalse(client[0].isActive());
            assertEquals(List.of(), log.events);
        }
    }

    @Test
    void whoCanSayNothingIsRefusedAtOnce() {
        try (SimulatedPipeLab lab = lab(
                KNOWN_LATE,
                patient(peer -> true),
                server -> server.option(NamedPipeChannelOption.DIRECTION, PipeDirection.SERVER_TO_CLIENT))) {
            Channel[] client = new Channel[1];
            lab.on(
                    lab.clientGroup(),
                    () -> client[0] = lab.client(new Inbox())
                            .option(NamedPipeChannelOption.ACCESS, PipeAccess.READ)
                            .connect(lab.address())
                            .channel());
            lab.settle();
            assertFalse(client[0].isActive());
            assertEquals(List.of(), log.events);
        }
    }

    @Test
    void whoGoesWithoutAWordIsNeverHeardOf() {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, peer -> true)) {
            Channel[] client = new Channel[1];
            lab.on(
                    lab.clientGroup(),
                    () -> client[0] =
                            lab.client(new Inbox()).connect(lab.address()).channel());
            lab.settleFor(10, TimeUnit.MILLISECONDS);
            lab.on(lab.clientGroup(), client[0]::close);
            lab.settle(); // ends, as no timeout is left
            assertEquals(List.of(), log.events);
            assertFalse(child.isOpen());
        }
    }

    @Test
    void withoutAutoReadItReadsWhatItNeedsAndNoMore() {
        try (SimulatedPipeLab lab =
                lab(KNOWN_LATE, patient(peer -> true), server -> server.childOption(ChannelOption.AUTO_READ, false))) {
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
        try (SimulatedPipeLab lab = lab(
                Chances.NONE, patient(peer -> true), server -> server.childOption(ChannelOption.AUTO_READ, false))) {
            Channel client = lab.connect(new Inbox());
            say(lab, client, "hello");
            assertEquals(List.of("active"), log.events);
        }
    }

    // ---- what is written meanwhile ---------------------------------------------------------------------------------

    @Test
    void whatIsWrittenToAnUnknownPeerWaitsForTheDecision() {
        for (boolean goesOn : new boolean[] {true, false}) {
            log.events.clear();
            Inbox atClient = new Inbox();
            try (SimulatedPipeLab lab = lab(KNOWN_LATE, patient(peer -> goesOn), server -> {})) {
                Channel client = lab.connect(atClient);
                ChannelFuture[] written = new ChannelFuture[1];
                lab.on(lab.serverGroup(), () -> written[0] = child.writeAndFlush(text("broadcast")));
                lab.settle();
                assertEquals("", new String(atClient.received(), StandardCharsets.US_ASCII));

                say(lab, client, "hello");
                assertEquals(goesOn ? "broadcast" : "", new String(atClient.received(), StandardCharsets.US_ASCII));
                assertEquals(goesOn, written[0].isSuccess());
                assertTrue(written[0].isDone());
                if (!goesOn) {
                    lab.on(lab.serverGroup(), () -> written[0] = child.writeAndFlush(text("more")));
                    lab.settle();
                    assertNotNull(written[0].cause());
                }
            }
        }
    }

    @Test
    void whatWasWrittenFirstIsSentFirst() {
        Inbox atClient = new Inbox();
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, patient(peer -> true), server -> {})) {
            Channel client = lab.connect(atClient);
            lab.on(lab.serverGroup(), () -> {
                child.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        ctx.writeAndFlush(text("second"));
                    }
                });
                child.writeAndFlush(text("first "));
            });
            lab.settle();
            say(lab, client, "hello");
            assertEquals("first second", new String(atClient.received(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void whatIsWithheldWhenThePeerGoesFails() {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, patient(peer -> true), server -> {})) {
            Channel client = lab.connect(new Inbox());
            ChannelFuture[] written = new ChannelFuture[1];
            lab.on(lab.serverGroup(), () -> written[0] = child.writeAndFlush(text("broadcast")));
            lab.settle();
            lab.on(lab.clientGroup(), client::close);
            lab.settle();
            assertInstanceOf(IOException.class, written[0].cause());
            assertEquals(List.of(), log.events);
        }
    }

    @Test
    void aConnectThatIsCancelledCloses() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            ChannelFuture[] connect = new ChannelFuture[1];
            lab.on(
                    lab.clientGroup(),
                    () -> connect[0] = lab.client(behind(patient(peer -> true)))
                            .option(NamedPipeChannelOption.WAIT_FOR_SERVER, true)
                            .connect(lab.address()));
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            assertTrue(connect[0].cancel(false));
            lab.settle();
            assertFalse(connect[0].channel().isOpen());
        }
    }

    // ---- decisions -------------------------------------------------------------------------------------------------

    @Test
    void aPeerIsAskedForOnce() {
        AtomicInteger asked = new AtomicInteger();
        AtomicReference<NamedPipePeerCredentials> seen = new AtomicReference<>();
        for (boolean goesOn : new boolean[] {true, false}) {
            Predicate<NamedPipePeerCredentials> counting = peer -> {
                asked.incrementAndGet();
                seen.set(peer);
                return goesOn;
            };
            for (Chances chances : new Chances[] {Chances.NONE, KNOWN_LATE}) {
                asked.set(0);
                try (SimulatedPipeLab lab = lab(chances, patient(counting), server -> {})) {
                    Channel client = lab.connect(new Inbox());
                    say(lab, client, "hello");
                    if (goesOn) {
                        say(lab, client, "again");
                    }
                    assertEquals(1, asked.get());
                    assertEquals(((NamedPipeChannel) child).peerCredentials(), seen.get());
                }
            }
        }
    }

    /** One behind the other: what the second refuses the first has passed on. */
    @Test
    void whoIsRefusedOnceIsRefused() {
        AtomicInteger asked = new AtomicInteger();
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, KNOWN_LATE, Faults.NONE)) {
            lab.bind(() -> new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    child = channel;
                    channel.pipeline()
                            .addLast(
                                    new PeerAuthorizationHandler(peer -> true, 0),
                                    new PeerAuthorizationHandler(peer -> asked.incrementAndGet() > 1, 0),
                                    log);
                }
            });
            say(lab, lab.connect(new Inbox()), "hello");
            assertEquals(1, asked.get());
            assertEquals(List.of(), log.events);
            assertFalse(child.isOpen());
        }
    }

    /** Such as one that needs the first bytes, too. */
    @Test
    void aHandlerThatIsAddedWhenTheChannelIsActiveSeesTheFirstBytes() {
        Log added = new Log();
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, KNOWN_LATE, Faults.NONE)) {
            lab.bind(() -> new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    channel.pipeline()
                            .addLast(new PeerAuthorizationHandler(peer -> true, 0), new ChannelInboundHandlerAdapter() {
                                @Override
                                public void channelActive(ChannelHandlerContext ctx) {
                                    ctx.pipeline().addBefore(ctx.name(), "added", added);
                                }
                            });
                }
            });
            say(lab, lab.connect(new Inbox()), "hello");
            assertEquals(List.of("read hello", "complete"), added.events);
        }
    }

    @Test
    void aPredicateThatThrowsRefusesAndIsLogged() {
        for (Chances chances : new Chances[] {Chances.NONE, KNOWN_LATE}) {
            try (LogWatch logged = LogWatch.begin();
                    SimulatedPipeLab lab = lab(
                            chances,
                            patient(peer -> {
                                throw new IllegalStateException("no decision of mine");
                            }),
                            server -> {})) {
                Channel client = lab.connect(new Inbox());
                say(lab, client, "hello");
                assertFalse(client.isOpen());
                assertEquals(List.of(), log.events);
                assertTrue(logged.problems().get(0).contains("no decision of mine"), logged.problems()::toString);
            }
        }
    }

    @Test
    void aPeerWhoseUserIsNotKnownIsNotOnTheList() {
        try (SimulatedPipeLab lab = lab(Chances.NONE, PeerAuthorizationHandler.users(NOBODY))) {
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
        Supplier<PeerAuthorizationHandler> telling = () -> new PeerAuthorizationHandler(peer -> false) {
            @Override
            protected void peerRefused(ChannelHandlerContext ctx, NamedPipePeerCredentials peer) {
                refused.add(peer);
                throw new IllegalStateException("of the subclass");
            }
        };
        try (SimulatedPipeLab lab = lab(Chances.NONE, telling, server -> {})) {
            Channel client = lab.connect(new Inbox());
            assertEquals(List.of(((NamedPipeChannel) child).peerCredentials()), refused);
            assertFalse(client.isOpen(), "whatever it does");
            assertEquals(List.of(), log.events);
        }
    }

    @Test
    void addedAfterTheStartItDecidesBeforeTheNextBytes() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.bind(() -> new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    child = channel;
                    channel.pipeline().addLast(log);
                }
            });
            Channel client = lab.connect(new Inbox());
            lab.on(lab.serverGroup(), () -> child.pipeline()
                    .addFirst(new PeerAuthorizationHandler(PeerAuthorizationHandler.users(NOBODY))));
            lab.settle();
            say(lab, client, "hello");
            assertFalse(client.isOpen());
            assertEquals(List.of("active", "inactive"), log.events);
        }
    }

    @Test
    void removedBeforeTheDecisionItFailsWhatItWithholds() {
        EmbeddedChannel channel = new EmbeddedChannel();
        PeerAuthorizationHandler handler = new PeerAuthorizationHandler(peer -> true);
        channel.pipeline().addFirst(handler);
        ChannelFuture write = channel.write(text("held"));
        channel.pipeline().remove(handler);
        assertInstanceOf(ConnectException.class, write.cause());
        channel.close();
    }

    @Test
    void whatIsNoPipeIsClosed() {
        EmbeddedChannel channel = new EmbeddedChannel(new PeerAuthorizationHandler(peer -> true), log);
        assertFalse(channel.isOpen());
        assertEquals(List.of(), log.events);
    }

    @Test
    void whatIsNoPipeIsClosedAlsoIfItIsAddedLater() {
        EmbeddedChannel channel = new EmbeddedChannel(log);
        channel.pipeline().addFirst(new PeerAuthorizationHandler(peer -> true));
        log.events.clear();
        ByteBuf data = text("hello");
        channel.writeOneInbound(data);
        assertEquals(0, data.refCnt());
        assertFalse(channel.isOpen());
        assertEquals(List.of("inactive"), log.events);
    }
}
