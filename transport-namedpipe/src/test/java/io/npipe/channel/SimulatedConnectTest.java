/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_NO_SYSTEM_RESOURCES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.npipe.iocp.IocpHandlers;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.testkit.CallLog;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.testkit.SimulatedPipeLab;
import io.npipe.win32.PipeConstants;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Ways to a connection, on the simulated kernel: busy pipes, other machines, attempts that end early. */
@Tag("any-jvm")
class SimulatedConnectTest {

    private static final NamedPipeAddress REMOTE = NamedPipeAddress.of("\\\\elsewhere\\pipe\\lab");

    private final CallLog calls = new CallLog();
    private final List<Channel> accepted = new ArrayList<>();

    private final class Acceptor extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            accepted.add(ctx.channel());
            ctx.fireChannelActive();
        }
    }

    private SimulatedPipeLab lab() {
        SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, calls);
        calls.watch(lab.world());
        return lab;
    }

    /** A server that is busy: its only instance is taken, and nobody is accepted. */
    private Channel busy(SimulatedPipeLab lab) {
        Channel[] server = new Channel[1];
        lab.on(
                lab.serverGroup(),
                () -> server[0] = lab.server(Acceptor::new)
                        .option(NamedPipeChannelOption.LISTENING_INSTANCES, 1)
                        .option(ChannelOption.AUTO_READ, false)
                        .bind(lab.address())
                        .channel());
        lab.settle();
        lab.connect(new ChannelInboundHandlerAdapter());
        return server[0];
    }

    private static ChannelFuture connect(SimulatedPipeLab lab, int timeoutMillis, NamedPipeAddress address) {
        ChannelFuture[] connect = new ChannelFuture[1];
        Bootstrap client = lab.client(new ChannelInboundHandlerAdapter())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis);
        lab.on(lab.clientGroup(), () -> connect[0] = client.connect(address));
        lab.settleUntil(() -> connect[0] != null);
        return connect[0];
    }

    private static int registrations(SimulatedPipeLab lab) {
        return IocpHandlers.registrations(lab.clientGroup().all().get(0).ioHandler());
    }

    private static long millis(SimulatedPipeLab lab) {
        return TimeUnit.NANOSECONDS.toMillis(lab.world().time().nanoTime());
    }

    // ---- a busy pipe -----------------------------------------------------------------------------------------------

    @Test
    void aBusyPipeTimesOutAndSaysThatItIsBusy() {
        try (SimulatedPipeLab lab = lab()) {
            busy(lab);
            long before = millis(lab);
            ChannelFuture connect = connect(lab, 250, lab.address());

            lab.settle();

            assertInstanceOf(ConnectTimeoutException.class, connect.cause());
            assertTrue(
                    connect.cause().getMessage().contains("250 ms"),
                    connect.cause().getMessage());
            assertTrue(
                    connect.cause().getMessage().contains("busy"),
                    connect.cause().getMessage());
            assertTrue(connect.channel().closeFuture().isDone());
            long waited = millis(lab) - before;
            assertTrue(waited >= 250 && waited < 255, () -> waited + " ms");
        }
    }

    @Test
    void theFirstWaitBeginsAtOnceAndAfterALossTheNextAfterAMoment() {
        try (SimulatedPipeLab lab = lab()) {
            Channel server = busy(lab);
            calls.begin();
            connect(lab, 0, lab.address());
            connect(lab, 0, lab.address());
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            assertEquals(
                    calls.times(Call.CreateFileW).get(0),
                    calls.times(Call.NtFsControlFile).get(0),
                    1000);
            assertEquals(2, calls.times(Call.NtFsControlFile).size());

            calls.begin();
            lab.on(lab.serverGroup(), server::read); // both wake, one gets the new instance
            lab.settleFor(100, TimeUnit.MILLISECONDS);

            long woken = calls.times(Call.CreateFileW).get(0);
            List<Long> waits = calls.times(Call.NtFsControlFile);
            assertEquals(1, waits.size(), () -> calls.toString());
            double delay = (waits.get(0) - woken) / 1e6;
            assertTrue(delay >= 1 && delay < 22, () -> delay + " ms");
        }
    }

    /** Its server may be between two instances, as one that has only one and closes it is. */
    @Test
    void aNameThatWasBusyAndIsMissingIsTriedAgain() {
        try (SimulatedPipeLab lab = lab()) {
            long server = lab.createRaw(0);
            long other = lab.openRaw();
            ChannelFuture connect = connect(lab, 0, lab.address());
            for (int i = 0; i < 3; i++) { // the time that is left for it begins again each time that it is busy
                lab.settleFor(100, TimeUnit.MILLISECONDS);
                lab.world().kernel().vanish(other);
                lab.world().kernel().vanish(server);
                lab.settleFor(2500, TimeUnit.MILLISECONDS);
                assertFalse(connect.isDone(), () -> "" + connect.cause());
                server = lab.createRaw(0);
                other = lab.openRaw();
                lab.settleFor(250, TimeUnit.MILLISECONDS);
            }
            lab.world().kernel().vanish(other);
            lab.world().kernel().vanish(server);
            server = lab.createRaw(0);
            lab.settleFor(1, TimeUnit.SECONDS);
            assertTrue(connect.isSuccess());
            lab.world().kernel().vanish(server);
            lab.settle();
        }
    }

    @Test
    void aNameThatWasBusyAndStaysMissingFailsTheConnect() {
        try (SimulatedPipeLab lab = lab()) {
            long server = lab.createRaw(0);
            long other = lab.openRaw();
            ChannelFuture connect = connect(lab, 0, lab.address());
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            lab.world().kernel().vanish(other);
            lab.world().kernel().vanish(server);
            long before = millis(lab);
            lab.settle();

            assertInstanceOf(ConnectException.class, connect.cause());
            assertTrue(
                    connect.cause().getMessage().contains("no server has created this pipe"),
                    connect.cause().getMessage());
            long waited = millis(lab) - before;
            assertTrue(waited >= 2500 && waited < 3500, () -> waited + " ms");
        }
    }

    @Test
    void aCloseEndsTheWaitAtOnce() {
        try (SimulatedPipeLab lab = lab()) {
            busy(lab);
            ChannelFuture connect = connect(lab, 0, lab.address());
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            assertEquals(3, registrations(lab), "a client, one that waits, and its wait");

            lab.on(lab.clientGroup(), connect.channel()::close);
            lab.settleFor(10, TimeUnit.MILLISECONDS);

            assertFalse(connect.isSuccess());
            assertTrue(connect.channel().closeFuture().isDone());
            assertEquals(1, registrations(lab));
        }
    }

    @Test
    void cancellingThePromiseEndsTheWaitAtOnceAndCloses() {
        try (SimulatedPipeLab lab = lab()) {
            busy(lab);
            ChannelFuture connect = connect(lab, 0, lab.address());
            lab.settleFor(100, TimeUnit.MILLISECONDS);

            lab.on(lab.clientGroup(), () -> connect.cancel(false));
            lab.settleFor(10, TimeUnit.MILLISECONDS);

            assertTrue(connect.channel().closeFuture().isDone());
            assertEquals(1, registrations(lab));
        }
    }

    @Test
    void aLoopThatEndsDoesNotWaitForItsWaits() {
        try (SimulatedPipeLab lab = lab()) {
            busy(lab);
            ChannelFuture connect = connect(lab, 0, lab.address());
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            long before = millis(lab);

            lab.clientGroup().shutdownGracefully(0, 1, TimeUnit.SECONDS);
            lab.settleUntil(lab.clientGroup()::isTerminated);

            assertTrue(connect.isDone());
            assertTrue(millis(lab) - before < 20);
        }
    }

    @Test
    void aWaitThatCannotBeginFailsTheConnect() {
        try (SimulatedPipeLab lab = lab()) {
            busy(lab);
            calls.begin();
            calls.fail(Call.CreateFileW, 2, ERROR_NO_SYSTEM_RESOURCES); // the root of all pipes
            ChannelFuture connect = connect(lab, 0, lab.address());

            lab.settle();

            NamedPipeException failure = assertInstanceOf(NamedPipeException.class, connect.cause());
            assertEquals(ERROR_NO_SYSTEM_RESOURCES, failure.code());
            assertEquals("ERROR_NO_SYSTEM_RESOURCES", failure.codeName());
            assertTrue(failure.call().contains("CreateFileW"), failure.call());
            assertEquals(lab.address().path(), failure.path());
            assertEquals(1, registrations(lab));
        }
    }

    @Test
    void whereTheRootOfAllPipesIsRefusedABusyPipeIsTriedFromTimeToTime() {
        try (SimulatedPipeLab lab = lab()) {
            Channel server = busy(lab);
            calls.begin();
            calls.fail(Call.CreateFileW, 2, ERROR_ACCESS_DENIED); // the root
            ChannelFuture connect = connect(lab, 0, lab.address());
            lab.settleFor(50, TimeUnit.MILLISECONDS);
            assertFalse(connect.isDone());
            assertEquals(2, calls.times(Call.CreateFileW).size());

            lab.on(lab.serverGroup(), server::read);
            lab.settleFor(150, TimeUnit.MILLISECONDS);

            assertTrue(connect.isSuccess(), () -> "" + connect.cause());
            assertEquals(0, calls.times(Call.NtFsControlFile).size());
        }
    }

    // ---- no pipe ---------------------------------------------------------------------------------------------------

    /** Not through a Bootstrap, which would close what fails. */
    private static ChannelFuture connectDirectly(SimulatedPipeLab lab) {
        ChannelFuture[] connect = new ChannelFuture[1];
        lab.on(lab.clientGroup(), () -> {
            Channel client =
                    lab.client(new ChannelInboundHandlerAdapter()).register().channel();
            connect[0] = client.connect(lab.address());
        });
        lab.settleUntil(() -> connect[0] != null);
        return connect[0];
    }

    @Test
    void aConnectThatFailsClosesItsChannel() {
        try (SimulatedPipeLab lab = lab()) {
            ChannelFuture connect = connectDirectly(lab);
            lab.settle();
            assertInstanceOf(ConnectException.class, connect.cause());
            assertTrue(connect.cause().getMessage().contains("no server"), () -> "" + connect.cause());
            assertTrue(connect.channel().closeFuture().isDone());
        }
    }

    @Test
    void aPipeThatCannotJoinTheLoopIsClosed() {
        try (SimulatedPipeLab lab = lab()) {
            lab.bind(Acceptor::new);
            calls.begin();
            calls.fail(Call.SetFileCompletionNotificationModes, 1, ERROR_NO_SYSTEM_RESOURCES);
            ChannelFuture connect = connectDirectly(lab);
            lab.settle();
            assertInstanceOf(NamedPipeException.class, connect.cause());
            assertTrue(connect.channel().closeFuture().isDone());
        }
    }

    @Test
    void aConnectThatIsCancelledClosesItsChannel() {
        try (SimulatedPipeLab lab = lab()) {
            busy(lab);
            ChannelFuture connect = connectDirectly(lab);
            lab.settleFor(100, TimeUnit.MILLISECONDS);
            lab.on(lab.clientGroup(), () -> connect.cancel(false));
            lab.settleFor(10, TimeUnit.MILLISECONDS);
            assertTrue(connect.channel().closeFuture().isDone());
        }
    }

    @Test
    void aChannelClosedBeforeItsAttemptBeginsOpensNothing() {
        try (SimulatedPipeLab lab = lab()) {
            lab.bind(Acceptor::new);
            calls.begin();
            ChannelFuture[] connect = new ChannelFuture[1];
            lab.on(lab.clientGroup(), () -> {
                Channel client = lab.client(new ChannelInboundHandlerAdapter())
                        .register()
                        .channel();
                connect[0] = client.connect(lab.address());
                client.close();
            });

            lab.settle();

            assertTrue(connect[0].isDone());
            assertFalse(connect[0].isSuccess());
            assertEquals(List.of(), calls.times(Call.CreateFileW));
        }
    }

    // ---- a pipe that does not exist yet ----------------------------------------------------------------------------

    private static ChannelFuture waitForServer(SimulatedPipeLab lab, int timeoutMillis) {
        ChannelFuture[] connect = new ChannelFuture[1];
        lab.on(
                lab.clientGroup(),
                () -> connect[0] = lab.client(new ChannelInboundHandlerAdapter())
                        .option(NamedPipeChannelOption.WAIT_FOR_SERVER, true)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
                        .connect(lab.address()));
        lab.settleUntil(() -> connect[0] != null);
        return connect[0];
    }

    @Test
    void aServerIsWaitedForWithLongerAndLongerPauses() {
        try (SimulatedPipeLab lab = lab()) {
            calls.begin();
            ChannelFuture connect = waitForServer(lab, 0);
            lab.settleFor(2, TimeUnit.SECONDS);
            List<Long> opens = calls.times(Call.CreateFileW);
            List<Long> pauses = new ArrayList<>();
            for (int i = 1; i < opens.size(); i++) {
                pauses.add((opens.get(i) - opens.get(i - 1)) / 1_000_000);
            }
            assertEquals(List.of(10L, 20L, 40L, 80L, 160L, 250L, 250L), pauses.subList(0, 7));
            assertFalse(connect.isDone());

            lab.bind(Acceptor::new);
            assertTrue(connect.isSuccess());
            assertEquals(1, accepted.size());
        }
    }

    @Test
    void aServerThatDoesNotComeTimesOutAndIsNamed() {
        try (SimulatedPipeLab lab = lab()) {
            ChannelFuture connect = waitForServer(lab, 300);
            lab.settle();
            assertInstanceOf(ConnectTimeoutException.class, connect.cause());
            assertTrue(connect.cause().getMessage().contains("no server"), () -> "" + connect.cause());
            assertEquals(0, registrations(lab));
        }
    }

    @Test
    void theWaitForAServerEndsWithItsPromiseOrItsChannel() {
        for (boolean cancel : new boolean[] {true, false}) {
            try (SimulatedPipeLab lab = lab()) {
                ChannelFuture connect = waitForServer(lab, 0);
                lab.settleFor(100, TimeUnit.MILLISECONDS);
                lab.on(lab.clientGroup(), cancel ? () -> connect.cancel(false) : connect.channel()::close);
                lab.settle();
                assertTrue(connect.isDone());
                assertTrue(connect.channel().closeFuture().isDone());
                assertEquals(0, registrations(lab));
            }
        }
    }

    // ---- another machine -------------------------------------------------------------------------------------------

    /** A pipe that other machines may open, of one instance. Closed with {@code vanish}. */
    private static long createReachable(SimulatedPipeLab lab) {
        lab.world().kernel().setReachableHost(REMOTE.host());
        return lab.createRaw(PipeConstants.PIPE_TYPE_BYTE);
    }

    @Test
    void aPipeOfAnotherMachineIsOpenedOffTheLoop() {
        try (SimulatedPipeLab lab = lab()) {
            long server = createReachable(lab);

            ChannelFuture connect = connect(lab, 0, REMOTE);
            lab.settle();

            assertTrue(connect.isSuccess(), () -> "" + connect.cause());
            assertEquals(REMOTE, connect.channel().remoteAddress());
            connect.channel().close();
            lab.settle();
            lab.world().kernel().vanish(server);
        }
    }

    @Test
    void aBusyPipeOfAnotherMachineIsTriedEveryTenthOfASecond() {
        try (SimulatedPipeLab lab = lab()) {
            long server = createReachable(lab);
            ChannelFuture first = connect(lab, 0, REMOTE);
            lab.settle();
            calls.begin();

            ChannelFuture second = connect(lab, 1050, REMOTE);
            lab.settle();

            assertTrue(first.isSuccess());
            assertInstanceOf(ConnectTimeoutException.class, second.cause());
            assertTrue(
                    second.cause().getMessage().contains("busy"), second.cause().getMessage());
            assertEquals(11, calls.times(Call.CreateFileW).size());
            assertEquals(List.of(), calls.times(Call.NtFsControlFile));
            first.channel().close();
            lab.settle();
            lab.world().kernel().vanish(server);
        }
    }

    @Test
    void aMachineThatIsNotThereFailsTheConnect() {
        try (SimulatedPipeLab lab = lab()) {
            ChannelFuture connect = connect(lab, 0, REMOTE);
            lab.settle();
            assertInstanceOf(ConnectException.class, connect.cause());
            assertTrue(
                    connect.cause().getMessage().contains("ERROR_BAD_NETPATH"),
                    connect.cause().getMessage());
            assertTrue(connect.channel().closeFuture().isDone());
        }
    }

    @Test
    void whereverMemoryRunsOutTheConnectToAnotherMachineFails() {
        for (int allocation = 0; allocation < 5; allocation++) {
            SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, Faults.nthAllocation(allocation));
            try (lab) {
                long server = createReachable(lab);
                ChannelFuture[] connect = new ChannelFuture[1];
                lab.world().kernel().beginFailing();
                lab.on(
                        lab.clientGroup(),
                        () -> connect[0] = lab.client(new ChannelInboundHandlerAdapter())
                                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                                .connect(REMOTE));
                lab.settle();
                assertTrue(connect[0].isDone(), "allocation " + allocation);
                connect[0].channel().close();
                lab.settle();
                lab.world().kernel().vanish(server);
            }
        }
    }

    /** Whatever its turn is: the thread that opens may be first or last. */
    @Test
    void whatIsOpenedForAClosedChannelIsClosed() {
        for (int seed = 0; seed < 20; seed++) {
            SimulatedPipeLab lab = new SimulatedPipeLab(seed, Chances.NONE, calls);
            try (lab) {
                long server = createReachable(lab);
                ChannelFuture connect = connect(lab, 0, REMOTE);
                lab.on(lab.clientGroup(), connect.channel()::close);
                lab.settle();
                assertTrue(connect.isDone());
                lab.world().kernel().vanish(server);
            }
        }
    }

    @Test
    void whatIsOpenedForALoopThatHasEndedIsClosed() {
        for (int seed = 0; seed < 40; seed++) {
            for (String host : List.of(REMOTE.host(), "nowhere")) {
                SimulatedPipeLab lab = new SimulatedPipeLab(seed, Chances.NONE, calls);
                try (lab) {
                    long server = createReachable(lab);
                    lab.world().kernel().setReachableHost(host);
                    ChannelFuture connect = connect(lab, 0, REMOTE);
                    lab.clientGroup().shutdownGracefully(0, 1, TimeUnit.SECONDS);
                    lab.settle();
                    assertTrue(connect.isDone());
                    lab.world().kernel().vanish(server);
                }
            }
        }
    }
}
