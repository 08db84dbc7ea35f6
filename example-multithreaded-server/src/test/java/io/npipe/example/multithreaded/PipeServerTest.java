/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.npipe.example.common.Patience;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.PipeLab;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Server and clients of the example, on one loop each; the answers are made on two threads. */
class PipeServerTest {

    private final PipeLab lab = new PipeLab(1, 1);
    private final EventExecutorGroup blocking = new DefaultEventExecutorGroup(2);
    private final Traffic traffic = new Traffic();

    @AfterEach
    void endLoops() {
        lab.close();
        assertTrue(blocking.shutdownGracefully(0, 5, TimeUnit.SECONDS)
                .awaitUninterruptibly(HangLimit.SECONDS, TimeUnit.SECONDS));
    }

    private void serve(Answer answer, int instances) throws InterruptedException {
        new PipeServer(answer, blocking, traffic).bind(lab.address(), instances, lab.serverGroup(), lab.serverGroup());
    }

    private Outcome run(String message) throws Exception {
        return run(List.of(new ClientHandler(1, message, 2, String::equals))).get(0);
    }

    private List<Outcome> run(List<ClientHandler> clients) throws Exception {
        return new PipeClients(lab.clientGroup(), lab.address(), Tchar.UNICODE, Patience.SECONDS * 1000, false)
                .run(clients);
    }

    /** The first client has one of the threads, the second the other. */
    @Test
    void anAnswerThatBlocksHoldsUpNoOtherThread() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        serve(
                request -> {
                    if (request.startsWith("slow")) {
                        asked.countDown();
                        released.await();
                    }
                    return request;
                },
                PipeServer.UNLIMITED);
        ClientHandler slow = new ClientHandler(1, "slow", 2, String::equals);
        CompletableFuture<Void> slowRun = CompletableFuture.runAsync(() -> {
            try {
                run(List.of(slow));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        asked.await();

        Outcome quick = run("quick");
        assertTrue(quick.isGood(), quick::toString);
        assertEquals(2, quick.answers());
        assertFalse(slow.outcome().isDone());

        released.countDown();
        slowRun.get(HangLimit.SECONDS, TimeUnit.SECONDS);
        assertTrue(slow.outcome().get().isGood());
    }

    @Test
    void anAnswerThatFailsEndsItsClientOnly() throws Exception {
        serve(
                request -> {
                    if (request.startsWith("bad")) {
                        throw new IOException("no answer to that");
                    }
                    return request;
                },
                PipeServer.UNLIMITED);

        Outcome bad = run("bad");
        assertFalse(bad.isGood());
        assertEquals(0, bad.answers());
        assertTrue(run("good").isGood());
    }

    /** One instance: each client finds it taken, or gone and not made again yet. */
    @Test
    void clientsTakeTurnsAtALimit() throws Exception {
        serve(Answer.ECHO, 1);

        List<Outcome> outcomes = run(List.of(
                new ClientHandler(1, "a", 5, String::equals),
                new ClientHandler(2, "b", 5, String::equals),
                new ClientHandler(3, "c", 5, String::equals)));
        for (Outcome outcome : outcomes) {
            assertTrue(outcome.isGood(), outcome::toString);
            assertEquals(5, outcome.answers());
        }
        assertEquals(2, outcomes.stream().filter(Outcome::waited).count(), outcomes::toString);
        assertEquals(1, traffic.mostClients());
    }

    @Test
    void aClientOfNoServerSaysSo() throws Exception {
        Outcome outcome = run("hello");

        assertFalse(outcome.isGood());
        assertTrue(outcome.toString().contains("FAILED: " + lab.address().path()), outcome::toString);
        assertTrue(outcome.toString().contains("no server has created this pipe"), outcome::toString);
    }

    @Test
    void aWrongAnswerIsNoticed() throws Exception {
        serve(request -> request.replace("request 2", "request 1"), PipeServer.UNLIMITED);

        Outcome outcome = run("hello");
        assertFalse(outcome.isGood());
        assertEquals(1, outcome.wrong());
        assertTrue(outcome.toString().endsWith("; 1 WRONG"), outcome::toString);
    }
}
