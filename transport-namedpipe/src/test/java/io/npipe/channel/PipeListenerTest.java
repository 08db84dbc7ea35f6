/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_NO_SYSTEM_RESOURCES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.testkit.CallLog;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.testkit.RecordingRecvAllocator;
import io.npipe.testkit.SimulatedPipeLab;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Slots, instances and accepting, on the simulated kernel: in virtual time, and with calls that fail when told to. */
@Tag("any-jvm")
class PipeListenerTest {

    private final List<Channel> accepted = new ArrayList<>();
    private final List<Throwable> caught = new ArrayList<>();

    private final class Acceptor extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            accepted.add(ctx.channel());
            ctx.fireChannelActive();
        }
    }

    private final class Catcher extends ChannelInboundHandlerAdapter {

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            caught.add(cause);
        }
    }

    /** Fails one kind of call while it is told to. */
    private static final class Broken implements Faults {

        private final Call call;
        private boolean broken;
        private int failures;

        Broken(Call call) {
            this.call = call;
        }

        @Override
        public int next(Call next) {
            if (!broken || next != call) {
                return 0;
            }
            failures++;
            return ERROR_NO_SYSTEM_RESOURCES;
        }
    }

    private NamedPipeServerChannel bind(SimulatedPipeLab lab, int instances, boolean autoRead) {
        Channel[] server = new Channel[1];
        lab.on(
                lab.serverGroup(),
                () -> server[0] = lab.server(Acceptor::new)
                        .handler(new Catcher())
                        .option(NamedPipeChannelOption.LISTENING_INSTANCES, instances)
                        .option(ChannelOption.AUTO_READ, autoRead)
                        .bind(lab.address())
                        .channel());
        lab.settle();
        return (NamedPipeServerChannel) server[0];
    }

    private static List<ChannelFuture> connect(SimulatedPipeLab lab, int count) {
        List<ChannelFuture> connects = new ArrayList<>();
        lab.on(lab.clientGroup(), () -> {
            for (int i = 0; i < count; i++) {
                connects.add(lab.client(new ChannelInboundHandlerAdapter())
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                        .connect(lab.address()));
            }
        });
        return connects;
    }

    /** More than one thread can wait for. */
    @Test
    void asManyInstancesListenAsWereAskedFor() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            Channel server = bind(lab, 130, false);

            List<ChannelFuture> connects = connect(lab, 131);
            lab.settleFor(1, TimeUnit.SECONDS);
            assertEquals(130, connects.stream().filter(ChannelFuture::isSuccess).count());
            assertFalse(connects.get(130).isDone(), "there are 130 instances, and nobody is accepted");

            lab.on(lab.serverGroup(), () -> server.config().setAutoRead(true));
            lab.settleFor(1, TimeUnit.SECONDS);
            assertTrue(connects.get(130).isSuccess());
            assertEquals(131, accepted.size());
        }
    }

    @Test
    void eachReadAcceptsOneClient() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            Channel server = bind(lab, 3, false);
            connect(lab, 3);
            lab.settle();
            assertEquals(0, accepted.size());

            for (int i = 1; i <= 3; i++) {
                lab.on(lab.serverGroup(), server::read);
                lab.settle();
                assertEquals(i, accepted.size());
            }
        }
    }

    @Test
    void autoReadGoesOnAcceptingWhatHasConnectedMeanwhile() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            Channel server = bind(lab, 3, false);
            connect(lab, 3);
            lab.settle();

            lab.on(lab.serverGroup(), () -> server.config().setAutoRead(true));
            lab.settle();

            assertEquals(3, accepted.size());
        }
    }

    @Test
    void autoReadSwitchedOffFromOutsideAcceptsNobody() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            Channel server = bind(lab, 2, true);
            server.config().setAutoRead(false);
            connect(lab, 1);

            lab.settle();

            assertEquals(0, accepted.size());
        }
    }

    @Test
    void withoutInstancesItReportsAndTriesAgainWithGrowingDelays() {
        Broken create = new Broken(Call.CreateNamedPipeW);
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, create)) {
            bind(lab, 1, true);
            lab.world().kernel().beginFailing();
            create.broken = true;
            connect(lab, 1);
            lab.settleFor(5, TimeUnit.SECONDS);
            // 10, 20, 40 … 1000 ms: in 5 s that is 7 up to the longest, and 3 or 4 more.
            assertTrue(create.failures >= 9 && create.failures <= 13, () -> create.failures + " tries");
            assertInstanceOf(NamedPipeException.class, caught.get(0));
            assertEquals(1, accepted.size(), "who had connected is accepted");

            create.broken = false;
            List<ChannelFuture> next = connect(lab, 1);
            lab.settleFor(2, TimeUnit.SECONDS);
            assertEquals(2, accepted.size());
            assertTrue(next.get(0).isSuccess());
        }
    }

    @Test
    void aChildThatClosesMakesRoomAtOnce() {
        Broken create = new Broken(Call.CreateNamedPipeW);
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, create)) {
            bind(lab, 1, true);
            lab.world().kernel().beginFailing();
            create.broken = true;
            connect(lab, 1);
            lab.settleFor(5, TimeUnit.SECONDS);
            int tries = create.failures;
            lab.settleUntil(() -> create.failures > tries); // the next try is a second away
            create.broken = false;
            long before = lab.world().time().nanoTime();
            List<ChannelFuture> next = connect(lab, 1);

            lab.on(lab.serverGroup(), () -> accepted.get(0).close());
            lab.settleUntil(() -> !next.isEmpty() && next.get(0).isSuccess());

            long millis = TimeUnit.NANOSECONDS.toMillis(lab.world().time().nanoTime() - before);
            assertTrue(millis < 50, () -> "after " + millis + " ms: it waited for its next try");
        }
    }

    @Test
    void aFailureToListenIsReportedAndTriedAgain() {
        Broken listen = new Broken(Call.ConnectNamedPipe);
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, listen)) {
            bind(lab, 1, true);
            lab.world().kernel().beginFailing();
            listen.broken = true;
            connect(lab, 1);
            lab.settleFor(1, TimeUnit.SECONDS);
            assertFalse(caught.isEmpty());
            assertTrue(
                    caught.get(0).getMessage().contains("ConnectNamedPipe"),
                    caught.get(0).getMessage());

            listen.broken = false;
            connect(lab, 1);
            lab.settleFor(3, TimeUnit.SECONDS);
            assertEquals(2, accepted.size());
        }
    }

    /** A handler that closes the server when it hears that listening failed, in the middle of the bind. */
    @ParameterizedTest
    @CsvSource({"1", "2", "3"})
    void aHandlerThatClosesTheServerWhileItBindsIsObeyed(int failing) {
        CallLog calls = new CallLog();
        try (SimulatedPipeLab lab = lab(calls)) {
            calls.begin();
            calls.fail(Call.ConnectNamedPipe, failing, ERROR_NO_SYSTEM_RESOURCES);
            Channel[] server = new Channel[1];
            lab.on(
                    lab.serverGroup(),
                    () -> server[0] = lab.server(Acceptor::new)
                            .handler(new ChannelInboundHandlerAdapter() {
                                @Override
                                public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                                    caught.add(cause);
                                    ctx.close();
                                }
                            })
                            .option(NamedPipeChannelOption.LISTENING_INSTANCES, 3)
                            .bind(lab.address())
                            .channel());
            lab.settle();

            assertEquals(1, caught.size());
            assertTrue(server[0].closeFuture().isDone());
            assertFalse(server[0].isOpen());
        }
    }

    // ---- a limit ---------------------------------------------------------------------------------------------------

    @Test
    void atTheLimitClientsWaitUntilAChildCloses() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            Channel[] server = new Channel[1];
            lab.on(
                    lab.serverGroup(),
                    () -> server[0] = lab.server(Acceptor::new)
                            .handler(new Catcher())
                            .option(NamedPipeChannelOption.LISTENING_INSTANCES, 2)
                            .option(NamedPipeChannelOption.MAX_INSTANCES, 2)
                            .bind(lab.address())
                            .channel());
            lab.settle();
            List<ChannelFuture> connects = connect(lab, 3);
            lab.settleFor(1, TimeUnit.SECONDS);
            assertEquals(2, accepted.size());
            assertFalse(connects.get(2).isDone());

            lab.on(lab.serverGroup(), accepted.get(0)::close);
            lab.settleFor(1, TimeUnit.SECONDS);
            assertEquals(3, accepted.size());
            assertTrue(connects.get(2).isSuccess());
        }
    }

    /** Netty's bootstrap stops accepting for a second when it is told of a failure, and the limit is none. */
    @Test
    void atTheLimitNothingIsReportedAndTheNextClientIsAcceptedAtOnce() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.on(lab.serverGroup(), () -> lab.server(Acceptor::new)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                            caught.add(cause);
                            ctx.fireExceptionCaught(cause); // to the bootstrap
                        }
                    })
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 2)
                    .option(NamedPipeChannelOption.MAX_INSTANCES, 2)
                    .bind(lab.address()));
            lab.settle();
            List<ChannelFuture> connects = connect(lab, 3);
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            assertEquals(2, accepted.size());

            lab.on(lab.serverGroup(), accepted.get(0)::close);
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            assertEquals(3, accepted.size());
            assertTrue(connects.get(2).isSuccess());
            assertEquals(List.of(), caught);
        }
    }

    /** Its end counts as long as it is open, though the server has none left. */
    @Test
    void aClientThatStaysAfterItsChildHasGoneIsWaitedForWithoutAWord() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.on(lab.serverGroup(), () -> lab.server(Acceptor::new)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                            caught.add(cause);
                        }
                    })
                    .option(NamedPipeChannelOption.MAX_INSTANCES, 1)
                    .bind(lab.address()));
            lab.settle();
            long client = lab.openRaw();
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            lab.on(lab.serverGroup(), accepted.get(0)::close);
            lab.settleFor(5, TimeUnit.SECONDS);
            assertEquals(List.of(), caught);

            lab.world().kernel().vanish(client);
            lab.settleFor(2, TimeUnit.SECONDS);
            connect(lab, 1);
            lab.settleFor(2, TimeUnit.SECONDS);
            assertEquals(2, accepted.size());
            assertEquals(List.of(), caught);
        }
    }

    // ---- call by call ----------------------------------------------------------------------------------------------

    private static SimulatedPipeLab lab(CallLog calls) {
        SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, calls);
        calls.watch(lab.world());
        return lab;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "63, 1", "64, 2", "126, 2"})
    void aThreadWaitsForUpTo63SlotsAndToBeStopped(int instances, int threads) {
        CallLog calls = new CallLog();
        try (SimulatedPipeLab lab = lab(calls)) {
            calls.begin();
            bind(lab, instances, true);
            assertEquals(instances + threads, calls.times(Call.CreateEventW).size());
            assertEquals(instances, calls.times(Call.ConnectNamedPipe).size());
        }
    }

    /** A client comes between the creation of the instance and the listening with it. */
    @Test
    void aClientThatIsThereBeforeTheListeningIsAccepted() {
        CallLog calls = new CallLog();
        try (SimulatedPipeLab lab = lab(calls)) {
            calls.begin();
            long[] client = new long[1];
            calls.before(Call.ConnectNamedPipe, () -> client[0] = lab.openRaw());
            bind(lab, 1, true);

            assertEquals(1, accepted.size());
            assertTrue(client[0] > 0);
            lab.world().kernel().vanish(client[0]);
            lab.settle();
            assertFalse(accepted.get(0).isActive());
        }
    }

    /** The same, when listening begins again because it could not at once: nobody else would look. */
    @Test
    void aClientThatIsThereBeforeTheListeningBeginsAgainIsAccepted() {
        CallLog calls = new CallLog();
        try (SimulatedPipeLab lab = lab(calls)) {
            bind(lab, 1, true);
            calls.begin();
            calls.fail(Call.CreateNamedPipeW, 1, ERROR_NO_SYSTEM_RESOURCES);
            connect(lab, 1);
            lab.settleUntil(() -> !caught.isEmpty());
            assertEquals(1, caught.size());

            long[] client = new long[1];
            calls.before(Call.ConnectNamedPipe, () -> client[0] = lab.openRaw());
            lab.settle();
            assertEquals(2, accepted.size());
            lab.world().kernel().vanish(client[0]);
        }
    }

    @Test
    void aListeningThatEndsInAnErrorIsReportedAndBegunAgain() {
        CallLog calls = new CallLog();
        try (SimulatedPipeLab lab = lab(calls)) {
            bind(lab, 1, true);
            calls.begin();
            calls.fail(Call.GetOverlappedResult, 1, ERROR_NO_SYSTEM_RESOURCES);
            List<ChannelFuture> first = connect(lab, 1);
            lab.settle();
            assertEquals(1, caught.size());
            assertTrue(
                    caught.get(0).getMessage().contains("ConnectNamedPipe"),
                    caught.get(0).getMessage());
            assertFalse(first.get(0).channel().isActive(), "its instance is closed");

            connect(lab, 1);
            lab.settle();
            assertEquals(1, accepted.size());
        }
    }

    /** That is no news as long as others listen; when none does, it is. */
    @ParameterizedTest
    @CsvSource({"2, 0", "1, 1"})
    void anInstanceThatCannotBeCreatedIsReportedIfNoOtherListens(int instances, int reports) {
        CallLog calls = new CallLog();
        try (SimulatedPipeLab lab = lab(calls)) {
            bind(lab, instances, true);
            calls.begin();
            calls.fail(Call.CreateNamedPipeW, 1, ERROR_NO_SYSTEM_RESOURCES);
            connect(lab, 1);
            lab.settle();

            assertEquals(1, accepted.size());
            assertEquals(reports, caught.size(), caught::toString);
            if (reports > 0) {
                NamedPipeException failure = assertInstanceOf(NamedPipeException.class, caught.get(0));
                assertEquals(ERROR_NO_SYSTEM_RESOURCES, failure.code());
                assertEquals("CreateNamedPipeW", failure.call());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"CreateNamedPipeW, BindException", "CreateEventW, NamedPipeException"})
    void aBindSaysWhichCallFailed(Call call, String type) {
        CallLog calls = new CallLog();
        try (SimulatedPipeLab lab = lab(calls)) {
            calls.begin();
            calls.fail(call, 1, ERROR_NO_SYSTEM_RESOURCES);
            ChannelFuture[] bind = new ChannelFuture[1];
            lab.on(lab.serverGroup(), () -> bind[0] = lab.server(Acceptor::new).bind(lab.address()));
            lab.settle();
            assertEquals(type, bind[0].cause().getClass().getSimpleName());
            assertTrue(
                    bind[0].cause().getMessage().contains("ERROR_NO_SYSTEM_RESOURCES"),
                    bind[0].cause().getMessage());
        }
    }

    @Test
    void aBurstOfClientsIsOneReadAndTheAllocatorIsToldOfEach() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            NamedPipeServerChannel server = bind(lab, 4, false);
            List<String> events = new ArrayList<>();
            server.config().setRecvByteBufAllocator(new RecordingRecvAllocator(1, 3, events));
            connect(lab, 4);
            lab.settle();
            lab.on(lab.serverGroup(), server::read);
            lab.settle();
            assertEquals(List.of("reset", "messages 1", "messages 1", "messages 1", "handle complete"), events);
            assertEquals(3, accepted.size());

            lab.on(lab.serverGroup(), server::read);
            lab.settle();
            assertEquals(4, accepted.size());
        }
    }

    @Test
    void autoReadIsSwitchedOffFromAnyThread() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            NamedPipeServerChannel server = bind(lab, 1, true);
            server.config().setAutoRead(false);
            lab.settle();
            connect(lab, 1);
            lab.settle();
            assertEquals(List.of(), accepted);

            lab.on(lab.serverGroup(), server::read);
            lab.settle();
            assertEquals(1, accepted.size());
            connect(lab, 1);
            lab.settle();
            assertEquals(1, accepted.size(), "a read takes those who are there");
        }
    }

    @Test
    void addressesOfAServer() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            NamedPipeServerChannel server = bind(lab, 1, true);
            assertEquals(lab.address(), server.localAddress());
            assertNull(server.remoteAddress());
            List<ChannelFuture> connect = connect(lab, 2);
            lab.settle();

            NamedPipeChannel client = (NamedPipeChannel) connect.get(0).channel();
            assertEquals(lab.address(), client.localAddress());
            assertEquals(lab.address(), client.remoteAddress());
            assertNull(client.parent());
            NamedPipeChannel child = (NamedPipeChannel) accepted.get(0);
            assertSame(server, child.parent());
            assertEquals(lab.address(), child.localAddress());
            NamedPipePeerAddress peer = assertInstanceOf(NamedPipePeerAddress.class, child.remoteAddress());
            NamedPipePeerAddress other = (NamedPipePeerAddress) accepted.get(1).remoteAddress();
            assertEquals(lab.address().path(), peer.path());
            assertEquals(peer.connectionId() + 1, other.connectionId());
            assertNotEquals(peer, other);
            assertNotEquals(peer.hashCode(), other.hashCode());
            assertNotEquals(peer, lab.address());
        }
    }
}
