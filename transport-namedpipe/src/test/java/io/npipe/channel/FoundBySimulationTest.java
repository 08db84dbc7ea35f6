/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_NO_SYSTEM_RESOURCES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.testkit.SimulatedPipeLab;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What random schedules on the simulated kernel found, each as a test of its own. */
@Tag("any-jvm")
class FoundBySimulationTest {

    private final List<String> events = new ArrayList<>();

    private final class Recorder extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRegistered(ChannelHandlerContext ctx) {
            events.add("registered");
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            events.add("active");
            ctx.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf data = (ByteBuf) message;
            events.add(data.toString(StandardCharsets.US_ASCII));
            data.release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            events.add("inactive");
        }
    }

    @Test
    void aListenerOfTheRegistrationMayConnect() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.bind(ChannelInboundHandlerAdapter::new);
            ChannelFuture registered = lab.client(new Recorder()).register();

            registered.addListener(done -> registered.channel().connect(lab.address()));
            lab.settle();

            assertEquals(List.of("registered", "active"), events);
        }
    }

    @Test
    void aListenerOfTheConnectMayCloseAndTheHandlersHearOfBoth() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.bind(ChannelInboundHandlerAdapter::new);
            lab.on(
                    lab.clientGroup(),
                    () -> lab.client(new Recorder()).connect(lab.address()).addListener(ChannelFutureListener.CLOSE));
            lab.settle();
            assertEquals(List.of("registered", "active", "inactive"), events);
        }
    }

    /** With a quota of 0 the write ends with a packet, else inline. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1000})
    void aListenerOfAWriteMayCloseAndWhatWasWrittenWithItSucceeds(int quota) {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.on(lab.serverGroup(), () -> lab.server(Recorder::new)
                    .option(ChannelOption.SO_RCVBUF, quota)
                    .bind(lab.address()));
            lab.settle();
            Channel[] connected = new Channel[1];
            lab.on(
                    lab.clientGroup(),
                    () -> connected[0] = lab.client(new ChannelInboundHandlerAdapter())
                            .option(ChannelOption.AUTO_READ, false) // no read under way makes the close wait
                            .connect(lab.address())
                            .channel());
            lab.settle();
            Channel client = connected[0];
            events.clear();
            List<ChannelFuture> writes = new ArrayList<>();
            lab.on(lab.clientGroup(), () -> {
                for (String text : List.of("a", "b", "c")) {
                    writes.add(client.write(
                            client.alloc().directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII))));
                }
                writes.get(0).addListener(done -> client.close());
                client.flush();
            });

            lab.settle();

            for (ChannelFuture write : writes) {
                assertTrue(write.isSuccess(), () -> "" + write.cause());
            }
            assertEquals("abc", String.join("", events.subList(0, events.size() - 1)));
            assertTrue(client.closeFuture().isDone());
        }
    }

    @Test
    void whereverMemoryRunsOutTheConnectPromiseIsDone() {
        for (int allocation = 0; allocation < 10; allocation++) {
            Faults.Once fault = Faults.nthAllocation(allocation);
            try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, fault)) {
                lab.bind(ChannelInboundHandlerAdapter::new);
                ChannelFuture[] connect = new ChannelFuture[1];
                lab.world().kernel().beginFailing();
                lab.on(
                        lab.clientGroup(),
                        () -> connect[0] = lab.client(new Recorder()).connect(lab.address()));

                lab.settle();

                assertTrue(connect[0].isDone(), "allocation " + allocation);
            }
        }
    }

    @Test
    void aBindForWhichMemoryRunsOutLeavesTheNameFree() {
        for (int allocation = 0; ; allocation++) {
            Faults.Once fault = Faults.nthAllocation(allocation);
            try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, fault)) {
                lab.world().kernel().beginFailing();
                boolean bound = lab.bind(ChannelInboundHandlerAdapter::new).isActive();
                lab.world().kernel().endFailing();
                if (bound) {
                    assertTrue(allocation > 3, "an allocation each for name, descriptor, slots and events");
                    return;
                }

                assertTrue(lab.bind(ChannelInboundHandlerAdapter::new).isActive(), "allocation " + allocation);
            }
        }
    }

    @Test
    void aClientIsAcceptedThoughThereIsNoMemoryForTheNextInstance() {
        OutOfMemory memory = new OutOfMemory();
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, memory)) {
            lab.on(lab.serverGroup(), () -> lab.server(Recorder::new)
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 1)
                    .bind(lab.address()));
            lab.settle();
            lab.on(lab.clientGroup(), () -> lab.client(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelActive(ChannelHandlerContext ctx) {
                            lab.world().kernel().beginFailing(); // the client has what it needs
                        }
                    })
                    .option(ChannelOption.AUTO_READ, false)
                    .connect(lab.address()));
            lab.settle();

            assertEquals(List.of("registered", "active"), events);
            assertTrue(memory.refused);
        }
    }

    /** Once. */
    private static final class OutOfMemory implements Faults {

        private boolean refused;

        @Override
        public int next(Call call) {
            return 0;
        }

        @Override
        public boolean failsAllocation() {
            boolean first = !refused;
            refused = true;
            return first;
        }
    }

    @Test
    void aPacketThatCannotBePostedIsPostedLater() {
        int[] failures = new int[1];
        Faults noMemory = call -> {
            boolean fails = call == Call.PostQueuedCompletionStatus && failures[0] < 3;
            failures[0] += fails ? 1 : 0;
            return fails ? ERROR_NO_SYSTEM_RESOURCES : 0;
        };
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, noMemory)) {
            lab.settle(); // the loops sleep
            lab.world().kernel().beginFailing();
            boolean[] ran = new boolean[1];

            lab.on(lab.clientGroup(), () -> ran[0] = true);
            assertFalse(ran[0]);
            lab.settle();

            assertTrue(ran[0]);
            assertEquals(3, failures[0]);
        }
    }
}
