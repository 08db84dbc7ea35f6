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
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPipelineException;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.LogWatch;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.SimulatedPipeLab;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.ConnectionPendingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A {@link PeerAuthorizationHandler} that is used at the wrong time, taken away, or whose callbacks do what they like: no
 * event is lost, and nobody is let in without a decision.
 */
@Tag("any-jvm")
class PeerGateTest {

    private static final Chances KNOWN_LATE = new Chances(0, 0, 0, 0, 0, 0, 0, 100, 0);

    /** All that it hears, in order. */
    @Sharable
    private static final class Log extends ChannelInboundHandlerAdapter {

        private final List<String> events = Collections.synchronizedList(new ArrayList<>());

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
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add("event " + event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add("caught " + cause.getMessage());
        }
    }

    private final Log log = new Log();
    private Channel child;

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static String received(Inbox inbox) {
        return new String(inbox.received(), StandardCharsets.US_ASCII);
    }

    private static PeerAuthorizationHandler patient(Predicate<NamedPipePeerCredentials> allowed) {
        return new PeerAuthorizationHandler(allowed, 0);
    }

    private ChannelInitializer<Channel> behind(Supplier<PeerAuthorizationHandler> gate) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                child = channel;
                channel.pipeline().addLast("gate", gate.get()).addLast("log", log);
            }
        };
    }

    private SimulatedPipeLab lab(Chances chances, Supplier<PeerAuthorizationHandler> gate) {
        return lab(chances, gate, server -> {});
    }

    private SimulatedPipeLab lab(
            Chances chances, Supplier<PeerAuthorizationHandler> gate, Consumer<ServerBootstrap> options) {
        SimulatedPipeLab lab = new SimulatedPipeLab(1, chances, Faults.NONE);
        lab.on(lab.serverGroup(), () -> {
            ServerBootstrap server = lab.server(() -> behind(gate));
            options.accept(server);
            server.bind(lab.address());
        });
        lab.settle();
        return lab;
    }

    /** A client that waits for a server which does not exist yet. */
    private ChannelFuture waiting(SimulatedPipeLab lab, Supplier<PeerAuthorizationHandler> gate) {
        ChannelFuture[] connect = new ChannelFuture[1];
        lab.on(
                lab.clientGroup(),
                () -> connect[0] = lab.client(behind(gate))
                        .option(NamedPipeChannelOption.WAIT_FOR_SERVER, true)
                        .connect(lab.address()));
        lab.settleFor(100, TimeUnit.MILLISECONDS);
        return connect[0];
    }

    private static void say(SimulatedPipeLab lab, Channel from, String text) {
        lab.on(lab.clientGroup(), () -> from.writeAndFlush(text(text)));
        lab.settle();
    }

    private void onServer(SimulatedPipeLab lab, Runnable action) {
        lab.on(lab.serverGroup(), action);
        lab.settle();
    }

    private void assertNothingHeard() {
        assertEquals(List.of(), log.events);
    }

    // ---- before there is a peer ------------------------------------------------------------------------------------

    @Test
    void beforeTheConnectionEventsAndExceptionsPass() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            ChannelFuture connect = waiting(lab, () -> patient(peer -> true));
            lab.on(lab.clientGroup(), () -> {
                child.pipeline().fireUserEventTriggered("early");
                child.pipeline().fireExceptionCaught(new IOException("too early"));
                child.pipeline().fireChannelRead(text("of nobody"));
            });
            lab.settleFor(1, TimeUnit.MILLISECONDS);
            assertEquals(List.of("event early", "caught too early", "read of nobody"), log.events);
            lab.bind(Inbox::new);
            assertTrue(connect.isSuccess());
            assertEquals(List.of("active"), log.events.subList(3, 4));
            lab.on(lab.clientGroup(), child::close);
            lab.settle();
            assertEquals(List.of("active", "inactive"), log.events.subList(3, log.events.size()));
        }
    }

    @Test
    void whileThePipeIsBusyEventsPass() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.on(lab.serverGroup(), () -> lab.server(Inbox::new)
                    .option(NamedPipeChannelOption.MAX_INSTANCES, 1)
                    .option(ChannelOption.AUTO_READ, false)
                    .bind(lab.address()));
            lab.settle();
            lab.on(lab.clientGroup(), () -> lab.client(new Inbox()).connect(lab.address()));
            lab.settle();
            ChannelFuture[] connect = new ChannelFuture[1];
            lab.on(
                    lab.clientGroup(),
                    () -> connect[0] = lab.client(behind(() -> patient(peer -> true)))
                            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 1000)
                            .connect(lab.address()));
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            lab.on(lab.clientGroup(), () -> child.pipeline().fireUserEventTriggered("busy"));
            lab.settleFor(1, TimeUnit.MILLISECONDS);
            assertEquals(List.of("event busy"), log.events);
            lab.settle();
            assertNotNull(connect[0].cause());
            assertEquals(List.of("event busy"), log.events);
        }
    }

    @Test
    void beforeAConnectAndAfterOneThatFailedEventsPass() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.on(lab.clientGroup(), () -> lab.client(behind(() -> patient(peer -> true)))
                    .register());
            lab.settle();
            lab.on(lab.clientGroup(), () -> {
                child.pipeline().fireUserEventTriggered("registered");
                child.connect(lab.address());
                child.pipeline().addFirst(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelUnregistered(ChannelHandlerContext ctx) {
                        ctx.fireUserEventTriggered("closed");
                        ctx.fireChannelUnregistered();
                    }
                });
            });
            lab.settle();
            assertFalse(child.isOpen(), "there is no server");
            assertEquals(List.of("event registered", "event closed"), log.events);
        }
    }

    // ---- between the connection and the decision -------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatHappensBeforeTheDecisionIsPassedOnInOrderOrNever(boolean allowed) {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, () -> patient(peer -> allowed))) {
            Channel client = lab.connect(new Inbox());
            onServer(lab, () -> {
                child.pipeline().fireUserEventTriggered("first");
                child.pipeline().fireExceptionCaught(new IOException("second"));
                child.pipeline().fireChannelReadComplete();
                child.pipeline().fireChannelActive();
            });
            assertNothingHeard();
            say(lab, client, "hello");
            List<String> all = List.of("active", "event first", "caught second", "read hello");
            assertEquals(allowed ? all : List.of(), log.events);
            assertEquals(allowed, child.isOpen());
        }
    }

    /** What handlers fire while it is passed on goes behind what has waited longer. */
    @Test
    void whatIsFiredMeanwhileIsNotPassedOnFirst() {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, () -> patient(peer -> true))) {
            Channel client = lab.connect(new Inbox());
            onServer(lab, () -> {
                child.pipeline().fireUserEventTriggered("first");
                child.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        ctx.pipeline().fireUserEventTriggered("second");
                        ctx.pipeline().fireChannelRead(text("third"));
                    }
                });
            });
            say(lab, client, "hello");
            assertEquals(List.of("active", "event first", "read hello", "event second", "read third"), log.events);
            say(lab, client, "again");
            assertEquals("read again", log.events.get(5));
            assertNull(child.pipeline().get(PeerAuthorizationHandler.class));
        }
    }

    @Test
    void withheldWritesCountForTheWritability() {
        for (boolean allowed : new boolean[] {true, false}) {
            Inbox atClient = new Inbox();
            try (SimulatedPipeLab lab = lab(
                    KNOWN_LATE,
                    () -> patient(peer -> allowed),
                    server -> server.childOption(
                            ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(50, 100)))) {
                Channel client = lab.connect(atClient);
                ByteBuf large = Unpooled.buffer(200).writeZero(200);
                onServer(lab, () -> {
                    child.flush();
                    child.write(large);
                    assertFalse(child.isWritable());
                });
                onServer(lab, child::flush);
                assertEquals(0, atClient.received().length);
                say(lab, client, "hello");
                assertEquals(allowed ? 200 : 0, atClient.received().length);
                assertEquals(allowed, child.isWritable());
                assertEquals(0, large.refCnt());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "disconnect"})
    void whoeverClosesItFailsWhatIsWithheld(String how) {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, () -> patient(peer -> true))) {
            Channel client = lab.connect(new Inbox());
            ByteBuf held = text("held");
            ChannelFuture[] done = new ChannelFuture[3];
            onServer(lab, () -> {
                done[0] = child.writeAndFlush(held);
                done[1] = child.bind(lab.address());
                done[2] = how.equals("close") ? child.close() : child.disconnect();
            });
            assertInstanceOf(IOException.class, done[0].cause());
            assertInstanceOf(UnsupportedOperationException.class, done[1].cause());
            assertTrue(done[2].isSuccess());
            assertFalse(client.isOpen());
            assertEquals(0, held.refCnt());
            assertNothingHeard();
        }
    }

    // ---- taken away ------------------------------------------------------------------------------------------------

    private static Named<Consumer<ChannelPipeline>> way(String name, Consumer<ChannelPipeline> taking) {
        return Named.of(name, taking);
    }

    static Stream<Named<Consumer<ChannelPipeline>>> waysToTakeItAway() {
        return Stream.of(
                way("removed", pipeline -> pipeline.remove(PeerAuthorizationHandler.class)),
                way("replaced", pipeline -> pipeline.replace("gate", "new", new ChannelInboundHandlerAdapter())),
                way(
                        "its other half removed",
                        pipeline -> pipeline.remove(pipeline.names().get(1))),
                way("deregistered", pipeline -> pipeline.deregister()),
                way("all behind removed, then it", pipeline -> {
                    while (pipeline.last() != null) {
                        pipeline.removeLast();
                    }
                }),
                way("all removed", pipeline -> {
                    while (pipeline.first() != null) {
                        pipeline.removeFirst();
                    }
                }));
    }

    @ParameterizedTest
    @MethodSource("waysToTakeItAway")
    void takenAwayBeforeTheDecisionItFailsClosed(Consumer<ChannelPipeline> taking) {
        for (boolean onLoop : new boolean[] {true, false}) {
            log.events.clear();
            Inbox atClient = new Inbox();
            try (SimulatedPipeLab lab = lab(KNOWN_LATE, () -> new PeerAuthorizationHandler(peer -> true, 5000))) {
                Channel[] client = new Channel[1];
                lab.on(
                        lab.clientGroup(),
                        () -> client[0] =
                                lab.client(atClient).connect(lab.address()).channel());
                lab.settleFor(100, TimeUnit.MILLISECONDS);
                ByteBuf held = text("held");
                ChannelFuture[] writes = new ChannelFuture[2];
                lab.on(lab.serverGroup(), () -> {
                    child.pipeline().fireUserEventTriggered("withheld");
                    writes[0] = child.writeAndFlush(held);
                });
                lab.settleFor(1, TimeUnit.MILLISECONDS);
                if (onLoop) {
                    lab.on(lab.serverGroup(), () -> {
                        taking.accept(child.pipeline());
                        writes[1] = child.writeAndFlush(text("after"));
                        child.pipeline().fireChannelRead(text("late"));
                    });
                } else { // the loop hears of it later
                    taking.accept(child.pipeline());
                }
                lab.settleFor(1, TimeUnit.MILLISECONDS);
                lab.on(lab.clientGroup(), () -> client[0].writeAndFlush(text("hello")));
                lab.settle();
                assertFalse(
                        child.isOpen(),
                        () -> "the channel is open: " + child + child.pipeline().names() + client[0]);
                assertFalse(client[0].isOpen());
                assertInstanceOf(IOException.class, writes[0].cause());
                assertEquals(0, held.refCnt());
                if (onLoop) {
                    assertInstanceOf(IOException.class, writes[1].cause());
                    assertEquals(0, atClient.received().length);
                }
                assertFalse(log.events.stream().anyMatch(event -> event.startsWith("read")), log.events::toString);
                assertFalse(log.events.contains("active") && !log.events.contains("inactive"));
            }
        }
    }

    /** The handlers behind have not heard that it was active, so they do not hear that it is not. */
    @Test
    void removedItLetsNothingPassAtAll() {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, () -> patient(peer -> true))) {
            lab.connect(new Inbox());
            onServer(lab, () -> {
                child.pipeline().remove("gate");
                child.pipeline().fireUserEventTriggered("late");
                child.pipeline().fireExceptionCaught(new IOException("late"));
                child.pipeline().fireChannelActive();
                child.pipeline().fireChannelReadComplete();
            });
            assertNothingHeard();
            assertFalse(child.isOpen());
        }
    }

    @Test
    void removedWhileItConnectsItFailsTheConnect() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            ChannelFuture connect = waiting(lab, () -> patient(peer -> true));
            ChannelFuture[] write = new ChannelFuture[1];
            lab.on(lab.clientGroup(), () -> {
                write[0] = child.write(text("held"));
                child.pipeline().remove("gate");
            });
            lab.settle();
            assertNotNull(connect.cause());
            assertInstanceOf(ConnectException.class, write[0].cause());
            assertFalse(child.isOpen());
            assertNothingHeard();
        }
    }

    @Test
    void removedBeforeTheRegistrationItClosesTheChannel() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.bind(Inbox::new);
            ChannelFuture[] connect = new ChannelFuture[1];
            NamedPipeChannel client =
                    SimulatedChannels.of(lab.world(), new Random(1)).client();
            client.config().setAllocator(lab.world().allocator());
            client.pipeline().addLast("gate", patient(peer -> true)).addLast(log);
            client.pipeline().remove("gate");
            EventLoop loop = lab.clientGroup().next();
            lab.on(lab.clientGroup(), () -> loop.register(client)
                    .addListener(done -> connect[0] = client.connect(lab.address())));
            lab.settle();
            assertNotNull(connect[0].cause());
            assertFalse(connect[0].channel().isOpen());
        }
    }

    @Test
    void onceItHasDecidedItMayBeTakenAway() {
        Inbox atClient = new Inbox();
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, () -> patient(peer -> true))) {
            Channel client = lab.connect(atClient);
            onServer(lab, () -> {
                child.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        for (String name : List.copyOf(ctx.pipeline().names())) {
                            if (!name.equals("log") && ctx.pipeline().get(name) != null) {
                                ctx.pipeline().remove(name);
                            }
                        }
                    }
                });
                child.pipeline().fireUserEventTriggered("withheld");
            });
            say(lab, client, "hello");
            assertEquals(List.of("active", "event withheld", "read hello"), log.events);
            onServer(lab, () -> child.writeAndFlush(text("answer")));
            assertEquals("answer", received(atClient));
        }
    }

    @Test
    void aTimeoutThatIsOverAfterwardsDoesNothing() {
        try (LogWatch logged = LogWatch.begin();
                SimulatedPipeLab lab = lab(KNOWN_LATE, () -> new PeerAuthorizationHandler(peer -> true, 5000))) {
            Channel[] client = new Channel[1];
            lab.on(
                    lab.clientGroup(),
                    () -> client[0] =
                            lab.client(new Inbox()).connect(lab.address()).channel());
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            lab.on(lab.clientGroup(), () -> client[0].writeAndFlush(text("hello")));
            lab.settleFor(6000, TimeUnit.MILLISECONDS);
            assertTrue(child.isActive());
            assertEquals(List.of("active", "read hello"), log.events);
            assertEquals(List.of(), logged.problems());
        }
    }

    // ---- added late, twice, or with an executor of its own ---------------------------------------------------------

    private SimulatedPipeLab ungated(Chances chances, Consumer<ServerBootstrap> options) {
        SimulatedPipeLab lab = new SimulatedPipeLab(1, chances, Faults.NONE);
        lab.on(lab.serverGroup(), () -> {
            ServerBootstrap server = lab.server(() -> new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    child = channel;
                    channel.pipeline().addLast("log", log);
                }
            });
            options.accept(server);
            server.bind(lab.address());
        });
        lab.settle();
        return lab;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void addedToAnActiveChannelItDecidesWithoutWaitingForTheNextBytes(boolean allowed) {
        Inbox atClient = new Inbox();
        try (SimulatedPipeLab lab = ungated(Chances.NONE, server -> {})) {
            lab.connect(atClient);
            ChannelFuture[] write = new ChannelFuture[1];
            onServer(lab, () -> {
                child.pipeline().addFirst("gate", patient(peer -> allowed));
                write[0] = child.writeAndFlush(text("hello"));
                assertFalse(write[0].isDone());
            });
            assertEquals(allowed, write[0].isSuccess());
            assertTrue(write[0].isDone());
            assertEquals(allowed ? "hello" : "", received(atClient));
            assertEquals(allowed, child.isOpen());
            assertNull(allowed ? child.pipeline().get("gate") : null);
            assertEquals(allowed ? List.of("active") : List.of("active", "inactive"), log.events);
        }
    }

    @Test
    void addedToAnActiveChannelItsTimeRunsAndItReads() {
        for (boolean speaks : new boolean[] {true, false}) {
            log.events.clear();
            try (SimulatedPipeLab lab =
                    ungated(KNOWN_LATE, server -> server.childOption(ChannelOption.AUTO_READ, false))) {
                Channel client = lab.connect(new Inbox());
                lab.on(lab.serverGroup(), () -> child.pipeline()
                        .addFirst(new PeerAuthorizationHandler(peer -> true, 5000)));
                lab.settleFor(100, TimeUnit.MILLISECONDS);
                assertEquals(List.of("active"), log.events);
                if (speaks) {
                    say(lab, client, "hello");
                    assertEquals(List.of("active", "read hello"), log.events);
                } else {
                    lab.settleFor(5000, TimeUnit.MILLISECONDS);
                    assertFalse(child.isOpen());
                    assertEquals(List.of("active", "inactive"), log.events);
                }
            }
        }
    }

    @Test
    void itCannotBeShared() {
        @Sharable
        class Shared extends PeerAuthorizationHandler {
            Shared() {
                super(peer -> true);
            }
        }
        assertThrows(IllegalStateException.class, Shared::new);

        PeerAuthorizationHandler gate = patient(peer -> true);
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            List<Throwable> refused = new ArrayList<>();
            lab.bind(() -> new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    try {
                        channel.pipeline().addLast(gate);
                    } catch (ChannelPipelineException e) {
                        refused.add(e);
                        throw e;
                    }
                    channel.pipeline().addLast(log);
                }
            });
            lab.connect(new Inbox());
            Channel second = lab.connect(new Inbox());
            assertEquals(1, refused.size());
            assertFalse(second.isOpen());
            assertEquals(List.of("active"), log.events);
        }
    }

    /** On the real kernel, too. */
    @SuppressWarnings("deprecation")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withAnExecutorOfItsOwnNothingOvertakesTheDecision(boolean allowed) throws Exception {
        int messages = 200;
        StringBuilder expected = new StringBuilder();
        EventExecutorGroup executors = new DefaultEventExecutorGroup(2);
        Inbox atServer = new Inbox();
        Inbox atClient = new Inbox();
        try (PipeLab lab = new PipeLab()) {
            ChannelFuture[] greeting = new ChannelFuture[1];
            lab.bind(() -> new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    channel.pipeline()
                            .addLast(executors, "gate", patient(peer -> allowed))
                            .addLast(log, atServer);
                    greeting[0] = channel.writeAndFlush(text("greeting")); // before the gate knows that it was added
                }
            });
            Channel client = lab.connect(atClient);
            for (int i = 0; i < messages; i++) {
                String message = i + ",";
                expected.append(message);
                client.writeAndFlush(text(message));
            }
            if (allowed) {
                assertEquals("greeting", atClient.awaitText(8));
                client.closeFuture().channel().close().sync();
                atServer.awaitInactive();
                StringBuilder heard = new StringBuilder();
                synchronized (log.events) {
                    log.events.stream()
                            .filter(event -> event.startsWith("read "))
                            .forEach(event -> heard.append(event.substring(5)));
                }
                assertTrue(expected.toString().startsWith(heard.toString()), heard::toString);
                assertEquals("active", log.events.get(0));
                assertEquals("inactive", log.events.get(log.events.size() - 1));
            } else {
                atClient.awaitInactive();
                assertInstanceOf(IOException.class, greeting[0].await().cause());
                assertEquals("", received(atClient));
                assertNothingHeard();
            }
        }
        executors.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
    }

    // ---- callbacks that do what they like --------------------------------------------------------------------------

    private static Named<BiConsumer<SimulatedPipeLab, Channel>> temper(
            String name, BiConsumer<SimulatedPipeLab, Channel> act) {
        return Named.of(name, act);
    }

    static Stream<Named<BiConsumer<SimulatedPipeLab, Channel>>> tempers() {
        return Stream.of(
                temper("closes", (lab, channel) -> channel.close()),
                temper("closes forcibly", (lab, channel) -> channel.unsafe().closeForcibly()),
                temper("disconnects", (lab, channel) -> channel.disconnect()),
                temper("deregisters", (lab, channel) -> channel.deregister()),
                temper("removes", (lab, channel) -> channel.pipeline().remove("gate")),
                temper("removes all", (lab, channel) -> {
                    while (channel.pipeline().last() != null) {
                        channel.pipeline().removeLast();
                    }
                }),
                temper("writes and flushes", (lab, channel) -> channel.writeAndFlush(text("temper"))),
                temper("flushes and reads", (lab, channel) -> channel.flush().read()),
                temper("fires", (lab, channel) -> {
                    channel.pipeline().fireUserEventTriggered("temper");
                    channel.pipeline().fireChannelRead(text("temper"));
                    channel.pipeline().fireChannelReadComplete();
                    channel.pipeline().fireExceptionCaught(new IOException("temper"));
                }),
                temper(
                        "fires active and inactive",
                        (lab, channel) -> channel.pipeline().fireChannelActive().fireChannelInactive()),
                temper("connects", (lab, channel) -> channel.connect(lab.address())),
                temper("throws", (lab, channel) -> {
                    throw new IllegalStateException("temper");
                }),
                temper("fails", (lab, channel) -> {
                    throw new AssertionError("temper");
                }));
    }

    private void assertOnePairInOrder() {
        List<String> pair =
                log.events.stream().filter(event -> event.endsWith("active")).toList();
        assertTrue(
                List.of(List.of(), List.of("active"), List.of("active", "inactive"))
                        .contains(pair),
                log.events::toString);
        if (!pair.isEmpty()) {
            assertEquals("active", log.events.get(0));
        }
    }

    @ParameterizedTest
    @MethodSource("tempers")
    void aPredicateMayDoWhatItLikes(BiConsumer<SimulatedPipeLab, Channel> temper) {
        for (boolean allowed : new boolean[] {true, false}) {
            for (Chances chances : new Chances[] {Chances.NONE, KNOWN_LATE}) {
                log.events.clear();
                AtomicInteger asked = new AtomicInteger();
                SimulatedPipeLab[] made = new SimulatedPipeLab[1];
                Inbox atClient = new Inbox();
                try (LogWatch logged = LogWatch.begin();
                        SimulatedPipeLab lab = lab(
                                chances,
                                () -> patient(peer -> {
                                    asked.incrementAndGet();
                                    temper.accept(made[0], child);
                                    return allowed;
                                }))) {
                    made[0] = lab;
                    Channel client = lab.connect(atClient);
                    say(lab, client, "hello");
                    assertEquals(1, asked.get());
                    assertOnePairInOrder();
                    if (!log.events.contains("active")) {
                        assertNothingHeard();
                        assertEquals("", received(atClient));
                        assertFalse(child.isOpen(), "neither allowed nor closed");
                    } else {
                        assertTrue(allowed);
                        assertNull(child.pipeline().get("gate"));
                    }
                    assertTrue(
                            logged.problems().stream().allMatch(problem -> problem.contains("temper")),
                            logged.problems()::toString);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("tempers")
    void whatIsToldOfARefusalMayDoWhatItLikes(BiConsumer<SimulatedPipeLab, Channel> temper) {
        for (Chances chances : new Chances[] {Chances.NONE, KNOWN_LATE}) {
            log.events.clear();
            SimulatedPipeLab[] made = new SimulatedPipeLab[1];
            Inbox atClient = new Inbox();
            try (LogWatch logged = LogWatch.begin();
                    SimulatedPipeLab lab = lab(chances, () -> new PeerAuthorizationHandler(peer -> false, 0) {
                        @Override
                        protected void peerRefused(ChannelHandlerContext ctx, NamedPipePeerCredentials peer) {
                            temper.accept(made[0], ctx.channel());
                        }
                    })) {
                made[0] = lab;
                say(lab, lab.connect(atClient), "hello");
                assertFalse(child.isOpen());
                assertEquals("", received(atClient));
                assertFalse(log.events.stream().anyMatch(event -> event.startsWith("read")), log.events::toString);
                assertFalse(log.events.contains("active"), log.events::toString);
                assertTrue(
                        logged.problems().stream().allMatch(problem -> problem.contains("temper")),
                        logged.problems()::toString);
            }
        }
    }

    /** As long as it finds the channel active, as one over TCP may. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aListenerThatTriesAgainDoesNotHoldTheLoop(boolean allowed) {
        int enough = 1000;
        AtomicInteger tries = new AtomicInteger();
        AtomicInteger triesAtTurn = new AtomicInteger();
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, () -> patient(peer -> allowed))) {
            Channel client = lab.connect(new Inbox());
            onServer(lab, () -> {
                ChannelFutureListener again = new ChannelFutureListener() {
                    @Override
                    public void operationComplete(ChannelFuture write) {
                        if (tries.incrementAndGet() == 1) {
                            child.eventLoop().execute(() -> triesAtTurn.set(tries.get()));
                        }
                        if (!write.isSuccess() && child.isActive() && tries.get() < enough) {
                            child.writeAndFlush("no ByteBuf").addListener(this);
                        }
                    }
                };
                child.write("no ByteBuf").addListener(again);
                child.write(text("held"));
            });
            say(lab, client, "hello");
            assertTrue(triesAtTurn.get() > 0 && triesAtTurn.get() < 50, triesAtTurn::toString);
            assertEquals(allowed, child.isActive());
        }
    }

    @Test
    void whatAListenerWritesGoesBehindWhatWasWrittenBefore() {
        Inbox atClient = new Inbox();
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, () -> patient(peer -> true))) {
            Channel client = lab.connect(atClient);
            onServer(lab, () -> {
                child.write("no ByteBuf").addListener(failed -> child.write(text("third ")));
                child.write(text("first "));
                child.writeAndFlush(text("second ")).addListener(sent -> child.writeAndFlush(text("fourth")));
            });
            say(lab, client, "hello");
            assertEquals("first second third fourth", received(atClient));
        }
    }

    @Test
    void aListenerThatClosesFindsTheOthersFailed() {
        try (SimulatedPipeLab lab = lab(KNOWN_LATE, () -> patient(peer -> false))) {
            Channel client = lab.connect(new Inbox());
            List<ChannelFuture> writes = new ArrayList<>();
            onServer(lab, () -> {
                writes.add(child.write(text("first")).addListener(ChannelFutureListener.CLOSE));
                writes.add(child.write(text("second")));
                writes.add(child.write(text("third"), child.newPromise()));
                writes.get(2).cancel(false);
            });
            try (LogWatch logged = LogWatch.begin()) {
                say(lab, client, "hello");
                assertEquals(List.of(), logged.problems());
            }
            writes.subList(0, 2).forEach(write -> assertInstanceOf(ConnectException.class, write.cause()));
            assertNothingHeard();
        }
    }

    // ---- connecting ------------------------------------------------------------------------------------------------

    @Test
    void aSecondConnectDoesNotLoseTheFirst() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            ChannelFuture first = waiting(lab, () -> patient(peer -> true));
            ChannelFuture[] second = new ChannelFuture[1];
            lab.on(lab.clientGroup(), () -> second[0] = child.connect(lab.address()));
            lab.settleFor(1, TimeUnit.MILLISECONDS);
            assertInstanceOf(ConnectionPendingException.class, second[0].cause());
            lab.bind(Inbox::new);
            assertTrue(first.isSuccess(), first::toString);
            assertEquals(List.of("active"), log.events);
        }
    }

    static Stream<Named<Consumer<ChannelPromise>>> waysToTakeAConnectAway() {
        return Stream.of(
                Named.of("cancelled", promise -> promise.cancel(false)),
                Named.of("failed", promise -> promise.tryFailure(new IOException("of the test"))),
                Named.of("done", ChannelPromise::trySuccess));
    }

    @ParameterizedTest
    @MethodSource("waysToTakeAConnectAway")
    void aConnectThatSomebodyElseEndsCloses(Consumer<ChannelPromise> taking) {
        for (boolean whileDeciding : new boolean[] {true, false}) {
            log.events.clear();
            Inbox accepted = new Inbox();
            try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
                lab.bind(() -> accepted);
                ChannelPromise[] promise = new ChannelPromise[1];
                lab.on(lab.clientGroup(), () -> lab.client(behind(() -> patient(peer -> {
                            if (whileDeciding) {
                                taking.accept(promise[0]);
                            }
                            return true;
                        })))
                        .register());
                lab.settle();
                ChannelFuture[] write = new ChannelFuture[1];
                lab.on(lab.clientGroup(), () -> {
                    write[0] = child.write(text("secret"));
                    promise[0] = child.newPromise();
                    child.connect(lab.address(), promise[0]);
                    if (!whileDeciding) {
                        taking.accept(promise[0]);
                    }
                });
                lab.settle();
                assertFalse(child.isOpen());
                assertNotNull(write[0].cause());
                assertNothingHeard();
                assertEquals("", received(accepted));
            }
        }
    }

    @Test
    void aListenerOfTheConnectMayTakeTheHandlerAway() {
        Inbox accepted = new Inbox();
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.bind(() -> accepted);
            ChannelFuture[] write = new ChannelFuture[1];
            lab.on(lab.clientGroup(), () -> {
                ChannelFuture connect =
                        lab.client(behind(() -> patient(peer -> true))).connect(lab.address());
                write[0] = connect.channel().write(text("held"));
                connect.addListener(done -> child.pipeline().remove("gate"));
            });
            lab.settle();
            assertFalse(child.isOpen());
            assertNotNull(write[0].cause());
            assertNothingHeard();
            assertEquals("", received(accepted));
        }
    }

    // ---- on the real kernel, too -----------------------------------------------------------------------------------

    @Test
    void removedWhileItDecidesItLetsNobodyIn() throws Exception {
        Inbox accepted = new Inbox();
        Inbox client = new Inbox();
        try (PipeLab lab = new PipeLab()) {
            lab.bind(() -> new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                    channel.pipeline()
                            .addLast("gate", patient(peer -> {
                                channel.pipeline().remove("gate");
                                return true;
                            }))
                            .addLast(accepted);
                }
            });
            lab.connect(client).writeAndFlush(text("hello"));
            client.awaitInactive();
        }
        assertEquals(0, accepted.received().length);
        assertFalse(accepted.isInactive(), "it was never told that it was active");
    }

    @Test
    void addedLateToAnActiveChannelItStillDecides() throws Exception {
        Inbox accepted = new Inbox();
        Inbox client = new Inbox();
        String me = Kernels.win32().currentUserSid();
        try (PipeLab lab = new PipeLab()) {
            lab.bind(() -> accepted);
            lab.connect(client);
            Channel served = accepted.awaitActive();
            served.pipeline().addFirst("gate", patient(peer -> me.equals(peer.userSid())));
            served.writeAndFlush(text("hello"));
            assertEquals("hello", client.awaitText(5));
            served.pipeline().addFirst("gate2", patient(peer -> false));
            client.awaitInactive();
            accepted.awaitInactive();
        }
    }
}
