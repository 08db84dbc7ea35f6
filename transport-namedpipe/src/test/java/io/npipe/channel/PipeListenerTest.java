/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_FILE_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_NO_SYSTEM_RESOURCES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.simulation.SimulatedKernel;
import io.npipe.simulation.SimulatedProcess;
import io.npipe.testkit.CallLog;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.testkit.RecordingRecvAllocator;
import io.npipe.testkit.SimulatedPipeLab;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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
            lab.settle();
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

    private ChannelFuture bind(SimulatedPipeLab lab, Consumer<ServerBootstrap> options) {
        ChannelFuture[] bound = new ChannelFuture[1];
        lab.on(lab.serverGroup(), () -> {
            ServerBootstrap server = lab.server(Acceptor::new)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                            caught.add(cause);
                            ctx.fireExceptionCaught(cause); // to the bootstrap
                        }
                    })
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 1);
            options.accept(server);
            bound[0] = server.bind(lab.address());
        });
        lab.settle();
        return bound[0];
    }

    /** Lets the only connected client of the server make room for the next one, and waits for that. */
    private void nextClient(SimulatedPipeLab lab, int number) {
        List<ChannelFuture> connects = connect(lab, 1);
        lab.settleFor(100, TimeUnit.MILLISECONDS);
        assertEquals(number, accepted.size());
        assertTrue(connects.get(0).isSuccess());
        lab.on(lab.clientGroup(), connects.get(0).channel()::close);
        lab.settleFor(100, TimeUnit.MILLISECONDS);
    }

    private static PipeSecurity mayNotCreateMore(SimulatedPipeLab lab) {
        return PipeSecurity.sddl(lab.world().kernel(), "D:P(A;;0x12019b;;;" + SimulatedKernel.DEFAULT_USER + ")");
    }

    /** Windows would say that the descriptor lets nobody create more, before it says that there may be no more. */
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "2, 1"})
    void atItsLimitAServerDoesNotAskForMore(int max, int listening) {
        CallLog calls = new CallLog();
        try (SimulatedPipeLab lab = lab(calls)) {
            bind(lab, server -> server.option(NamedPipeChannelOption.MAX_INSTANCES, max)
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, listening));
            calls.begin();
            List<ChannelFuture> connects = connect(lab, max + 1);
            lab.settleFor(10, TimeUnit.SECONDS);
            assertEquals(max, accepted.size());
            assertEquals(max - listening, calls.times(Call.CreateNamedPipeW).size());

            lab.on(lab.serverGroup(), accepted.get(0)::close);
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            assertEquals(max + 1, accepted.size());
            assertTrue(connects.get(max).isSuccess());
            assertEquals(List.of(), caught);
        }
    }

    @Test
    void atItsLimitADescriptorThatForbidsMoreIsNoFailure() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            bind(lab, server -> server.option(NamedPipeChannelOption.MAX_INSTANCES, 1)
                    .option(NamedPipeChannelOption.SECURITY, mayNotCreateMore(lab)));
            for (int i = 1; i <= 3; i++) {
                nextClient(lab, i);
            }
            assertEquals(List.of(), caught);
        }
    }

    @Test
    void belowItsLimitADescriptorThatForbidsMoreIsReportedOnce() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            bind(lab, server -> server.option(NamedPipeChannelOption.SECURITY, mayNotCreateMore(lab)));
            List<ChannelFuture> first = connect(lab, 1);
            lab.settleFor(5, TimeUnit.SECONDS);
            assertEquals(1, caught.size(), caught::toString);
            assertInstanceOf(BindException.class, caught.get(0));
            lab.on(lab.clientGroup(), first.get(0).channel()::close);
            lab.settleFor(100, TimeUnit.MILLISECONDS);

            nextClient(lab, 2);
            nextClient(lab, 3);
            assertEquals(1, caught.size(), caught::toString);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CreateNamedPipeW", "ConnectNamedPipe"})
    void whatLastsIsReportedOnceAndAgainWhenItComesBack(Call call) {
        Broken broken = new Broken(call);
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, broken)) {
            bind(lab, 1, true);
            lab.world().kernel().beginFailing();
            for (int time = 1; time <= 3; time++) {
                broken.broken = true;
                connect(lab, 1);
                lab.settleFor(5, TimeUnit.SECONDS);
                assertEquals(time, caught.size(), caught::toString);
                broken.broken = false;
                lab.settleFor(2, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void aListeningThatAlwaysFailsIsTriedWithGrowingDelaysAndReportedOnce() {
        Broken result = new Broken(Call.GetOverlappedResult);
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, result)) {
            bind(lab, 1, true);
            lab.world().kernel().beginFailing();
            result.broken = true;
            long end = lab.world().time().nanoTime() + TimeUnit.SECONDS.toNanos(5);
            while (lab.world().time().nanoTime() < end) {
                long client = lab.openRaw();
                lab.settleFor(1, TimeUnit.MILLISECONDS);
                if (client > 0) {
                    lab.world().kernel().vanish(client);
                }
            }
            assertEquals(1, caught.size(), caught::toString);
            assertTrue(result.failures >= 8 && result.failures <= 13, () -> result.failures + " failures");

            result.broken = false;
            lab.settleFor(2, TimeUnit.SECONDS);
            connect(lab, 1);
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            assertEquals(1, accepted.size());
            result.broken = true;
            long client = lab.openRaw();
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            lab.world().kernel().vanish(client);
            assertEquals(2, caught.size(), "it was over, and is there again");
        }
    }

    // ---- the name --------------------------------------------------------------------------------------------------

    /** As long as somebody waits, at any time that a call is made. */
    @ParameterizedTest
    @CsvSource({"2, 1", "2, 2", "3, 2"})
    void theNameIsThereAllTheTimeThoughAllChildrenCloseAtOnce(int max, int listening) {
        List<Long> missing = new ArrayList<>();
        Probe probe = new Probe(missing);
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, probe)) {
            probe.lab = lab;
            bind(lab, server -> server.option(NamedPipeChannelOption.MAX_INSTANCES, max)
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, listening));
            lab.world().kernel().beginFailing();
            connect(lab, max);
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            assertEquals(max, accepted.size());
            for (int round = 1; round <= 5; round++) {
                List<ChannelFuture> waiting = connect(lab, max);
                lab.settleFor(100, TimeUnit.MILLISECONDS);
                List<Channel> old = List.copyOf(accepted.subList((round - 1) * max, round * max));
                lab.on(lab.serverGroup(), () -> old.forEach(Channel::close));
                lab.settleFor(100, TimeUnit.MILLISECONDS);
                waiting.forEach(connected -> assertTrue(connected.isSuccess(), () -> "" + connected.cause()));
                assertEquals((round + 1) * max, accepted.size());
            }
            assertTrue(probe.looks > 20, () -> probe.looks + " looks");
            assertEquals(List.of(), missing);
            assertEquals(List.of(), caught);
            lab.world().kernel().endFailing();
        }
    }

    /** Before each call it looks whether the name is there. */
    private static final class Probe implements Faults {

        private final List<Long> missing;
        private SimulatedPipeLab lab;
        private int looks;
        private boolean looking;

        Probe(List<Long> missing) {
            this.missing = missing;
        }

        @Override
        public int next(Call call) {
            if (!looking && lab != null) {
                looking = true;
                looks++;
                // With no right to anything, so that it takes no instance.
                long code = lab.openRaw(NOBODY, 0x2, 0);
                if (code == -ERROR_FILE_NOT_FOUND) {
                    missing.add(lab.world().time().nanoTime());
                }
                looking = false;
            }
            return 0;
        }
    }

    private static final SimulatedProcess NOBODY = new SimulatedProcess("S-1-5-21-1-2-3-4711", 4711, 1);

    /** With one instance the name goes with it; the next one comes at once, and whoever has waited goes on waiting. */
    @Test
    void whoWaitsForTheOnlyInstanceGoesOnWaitingWhenTheNameIsGoneForAMoment() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            bind(lab, server -> server.option(NamedPipeChannelOption.MAX_INSTANCES, 1));
            List<ChannelFuture> connects = connect(lab, 10);
            for (int i = 0; i < 10; i++) {
                lab.settleFor(1, TimeUnit.SECONDS);
                assertEquals(i + 1, accepted.size());
                lab.on(lab.serverGroup(), accepted.get(i)::close);
            }
            lab.settleFor(1, TimeUnit.SECONDS);
            connects.forEach(connected -> assertTrue(connected.isSuccess(), () -> "" + connected.cause()));
            assertEquals(List.of(), caught);
        }
    }

    /** The peer of the last child does not wait for its end longer than the server needs to look. */
    @Test
    void theLastChildClosesAlsoIfTheNextInstanceCannotBeCreated() {
        Broken create = new Broken(Call.CreateNamedPipeW);
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, create)) {
            bind(lab, server -> server.option(NamedPipeChannelOption.MAX_INSTANCES, 2));
            lab.world().kernel().beginFailing();
            create.broken = true;
            List<ChannelFuture> connects = connect(lab, 1);
            lab.settleFor(1, TimeUnit.SECONDS);
            lab.on(lab.serverGroup(), accepted.get(0)::close);
            lab.settleFor(10, TimeUnit.MILLISECONDS);
            assertFalse(connects.get(0).channel().isActive());
        }
    }

    @Test
    void aServerThatClosesKeepsNothing() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            Channel server = bind(lab, options -> options.option(NamedPipeChannelOption.MAX_INSTANCES, 1))
                    .channel();
            List<ChannelFuture> connects = connect(lab, 1);
            lab.settle();
            lab.on(lab.serverGroup(), () -> {
                accepted.get(0).close(); // kept for the next instance, which does not come
                server.close();
            });
            lab.settle();
            assertFalse(connects.get(0).channel().isActive());
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
