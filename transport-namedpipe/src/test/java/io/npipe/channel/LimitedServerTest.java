/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.ObservedWin32;
import io.npipe.testkit.PipeLab;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server with few instances, whose children close on other loops than its own: nobody is told that it is not there. */
@Tag("any-jvm")
class LimitedServerTest {

    private static final int CLIENTS = 400;
    private static final int AT_ONCE = 8;

    private static void bind(PipeLab lab, int maxInstances) throws Exception {
        lab.server(ChannelInboundHandlerAdapter::new)
                .option(NamedPipeChannelOption.MAX_INSTANCES, maxInstances)
                .bind(lab.address())
                .sync();
    }

    /** A client in between would be one that Windows may never identify. */
    @Test
    void nothingComesBetweenCreatingAnInstanceAndListeningWithIt() throws Exception {
        List<ObservedWin32.Call> calls = new CopyOnWriteArrayList<>();
        Thread[] boss = new Thread[1];
        ObservedWin32 kernel = new ObservedWin32(Kernels.win32()) {
            @Override
            protected void called(Call call) {
                if (Thread.currentThread() == boss[0]) {
                    calls.add(call);
                }
            }
        };
        Inbox accepted = new Inbox();
        try (PipeLab lab = new PipeLab(1, kernel, 1, Kernels.win32())) {
            lab.server(() -> accepted)
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 1)
                    .bind(lab.address())
                    .sync();
            lab.serverGroup()
                    .next()
                    .submit(() -> boss[0] = Thread.currentThread())
                    .sync();
            lab.connect(new ChannelInboundHandlerAdapter());
            accepted.awaitActive();
            int created = calls.indexOf(ObservedWin32.Call.CreateNamedPipeW);
            assertTrue(created >= 0, calls::toString);
            assertEquals(ObservedWin32.Call.ConnectNamedPipe, calls.get(created + 1), calls::toString);
        }
    }

    /** Clients that come and go, each as soon as another one has gone: some find the pipe busy, and others do not. */
    private static final class Crowd {

        private final PipeLab lab;
        private final AtomicInteger toCome = new AtomicInteger(CLIENTS);
        private final CountDownLatch toGo = new CountDownLatch(CLIENTS);
        private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

        Crowd(PipeLab lab) {
            this.lab = lab;
        }

        void next() {
            if (toCome.getAndDecrement() <= 0) {
                return;
            }
            lab.client(new ChannelInboundHandlerAdapter())
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                    .connect(lab.address())
                    .addListener((ChannelFuture connected) -> {
                        if (!connected.isSuccess()) {
                            failures.add(connected.cause());
                        }
                        connected.channel().close().addListener(closed -> {
                            toGo.countDown();
                            next();
                        });
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void whoComesAtAnyTimeFindsTheName(int maxInstances) throws Exception {
        try (PipeLab lab = new PipeLab(3, 2)) {
            bind(lab, maxInstances);
            Crowd crowd = new Crowd(lab);
            for (int i = 0; i < AT_ONCE; i++) {
                crowd.next();
            }
            assertTrue(crowd.toGo.await(HangLimit.SECONDS, TimeUnit.SECONDS), () -> crowd.toGo.getCount() + " hang");
            assertEquals(List.of(), List.copyOf(crowd.failures));
        }
    }

    /** With a single one the name goes with it, for a moment. */
    @Test
    void whoWaitsForTheOnlyInstanceIsServedInTheEnd() throws Exception {
        try (PipeLab lab = new PipeLab(3, 1)) {
            bind(lab, 1);
            Channel first = lab.connect(new ChannelInboundHandlerAdapter());
            List<Channel> channels = new ArrayList<>();
            for (int i = 1; i < CLIENTS; i++) {
                channels.add(lab.client(new ChannelInboundHandlerAdapter())
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                        .register()
                        .sync()
                        .channel());
            }
            List<ChannelFuture> connects = new ArrayList<>();
            for (Channel channel : channels) {
                connects.add(channel.connect(lab.address())
                        .addListener(connected -> channel.close())); // and the next one has its turn
            }
            for (int i = 0; i < 2; i++) { // there is one loop: by then each has found the pipe busy
                lab.clientGroup().next().submit(() -> {}).sync();
            }

            first.close();

            for (ChannelFuture connect : connects) {
                assertTrue(connect.await(HangLimit.SECONDS, TimeUnit.SECONDS));
                assertTrue(connect.isSuccess(), () -> "" + connect.cause());
            }
        }
    }
}
