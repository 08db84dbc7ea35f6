/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_NO_SYSTEM_RESOURCES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.testkit.SimulatedPipeLab;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

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
}
