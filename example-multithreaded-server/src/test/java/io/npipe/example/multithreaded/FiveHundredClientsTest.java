/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.npipe.example.common.Patience;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.RawClient;
import io.npipe.win32.PipeConstants;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many clients at once, and among them some that do not behave. */
class FiveHundredClientsTest {

    private static final int CLIENTS = 500;
    private static final int REQUESTS = 100;

    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private final CountDownLatch halfway = new CountDownLatch(1);
    private final AtomicInteger requests = new AtomicInteger();
    private final Traffic traffic = new Traffic();

    private String answer(String request) {
        if (request.startsWith("client") && requests.incrementAndGet() == CLIENTS * REQUESTS / 2) {
            halfway.countDown();
        }
        return request;
    }

    private void serve(PipeLab lab) throws InterruptedException {
        new PipeServer(this::answer, null, traffic)
                .bind(lab.address(), PipeServer.UNLIMITED, lab.serverGroup(), lab.serverGroup())
                .pipeline()
                .addFirst(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object child) {
                        accepted.add((Channel) child);
                        ctx.fireChannelRead(child);
                    }
                });
    }

    private Channel nextAccepted() throws InterruptedException {
        Channel child = accepted.poll(HangLimit.SECONDS, TimeUnit.SECONDS);
        assertNotNull(child, "not accepted");
        return child;
    }

    private static List<Outcome> run(PipeLab lab) {
        try {
            return new PipeClients(lab.clientGroup(), lab.address(), Tchar.UNICODE, Patience.SECONDS * 1000, true)
                    .run(IntStream.rangeClosed(1, CLIENTS)
                            .mapToObj(i -> new ClientHandler(i, "client", REQUESTS, String::equals))
                            .toList());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static ClassicProgram endless(PipeLab lab, String text, int bufferBytes) throws Exception {
        ClassicProgram client = ClassicProgram.start(
                Tchar.ANSI, "classic_client", lab.address().path(), text, Integer.toString(bufferBytes), "0");
        client.awaitLine("connected");
        return client;
    }

    /** Bytes, with Netty's own for each buffer. */
    private static long waitingToBeWritten(Channel channel) throws Exception {
        return channel.eventLoop()
                .submit(() -> channel.unsafe().outboundBuffer().totalPendingWriteBytes())
                .get();
    }

    @Test
    void noAnswerIsLostOrCrossedWhileOneStallsOneIsSilentAndOneIsKilled() throws Exception {
        try (PipeLab lab = new PipeLab(2, 2)) {
            serve(lab);
            try (RawClient silent =
                            new RawClient(lab.address(), PipeConstants.GENERIC_READ | PipeConstants.GENERIC_WRITE);
                    ClassicProgram stalled = endless(lab, "never reads", 0);
                    ClassicProgram killed = endless(lab, "killed", 512)) {
                Channel toSilent = nextAccepted();
                Channel toStalled = nextAccepted();
                Channel toKilled = nextAccepted();

                CompletableFuture<List<Outcome>> run = CompletableFuture.supplyAsync(() -> run(lab));
                assertTrue(halfway.await(HangLimit.SECONDS, TimeUnit.SECONDS), "too slow");
                assertTrue(toKilled.isActive());
                killed.kill();
                List<Outcome> outcomes = run.get();

                for (Outcome outcome : outcomes) {
                    assertTrue(outcome.isGood(), outcome::toString);
                    assertEquals(REQUESTS, outcome.answers(), outcome::toString);
                }
                assertEquals(CLIENTS, outcomes.size());
                assertEquals(CLIENTS + 3, traffic.mostClients(), "not all at once");
                assertTrue(
                        toKilled.closeFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS),
                        "the killed one is not noticed");
                assertTrue(toSilent.isActive());
                assertTrue(toStalled.isActive());
                long waiting = waitingToBeWritten(toStalled);
                assertTrue(waiting > 0, "it does not stall");
                assertTrue(waiting < 512, () -> waiting + " bytes pile up for the one that does not read");

                stalled.kill();
                assertTrue(
                        toStalled.closeFuture().await(HangLimit.SECONDS, TimeUnit.SECONDS), "its end is not noticed");
                assertEquals(0, silent.write("late but served\0".getBytes(Tchar.ANSI.charset())));
                assertEquals("late but served\0", new String(silent.read(16), Tchar.ANSI.charset()));
            }
        }
    }
}
