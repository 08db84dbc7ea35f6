/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.PipeLab;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The classic client, a C program, with the server of this example. */
class ClassicClientTest {

    private final PipeLab lab = new PipeLab(2, 1);

    @AfterEach
    void endLoops() {
        lab.close();
    }

    private void serve(Answer answer, int maxInstances) throws InterruptedException {
        new PipeServer(answer, null, new Traffic())
                .bind(lab.address(), maxInstances, lab.serverGroup(), lab.serverGroup());
    }

    private ClassicProgram client(Tchar tchar, String request, int bufferBytes, int count) throws IOException {
        return ClassicProgram.start(
                tchar,
                "classic_client",
                lab.address().path(),
                request,
                Integer.toString(bufferBytes),
                Integer.toString(count));
    }

    /** What the client says of an answer. */
    private static String read(Tchar tchar, String answer, int bufferBytes) {
        byte[] bytes = (answer + "\0").getBytes(tchar.charset());
        return (bytes.length + bufferBytes - 1) / bufferBytes + " "
                + HexFormat.of().formatHex(bytes);
    }

    /** Beyond ASCII as far as the code page goes. */
    private static String text(Tchar tchar) {
        StringBuilder text = new StringBuilder("Gr");
        for (String letter : List.of("\u00fc", "\u00df", "\u0416", "\u5b57", "\uff71")) {
            if (tchar.charset().newEncoder().canEncode(letter)) {
                text.append(letter);
            }
        }
        return text.append('e').toString();
    }

    @ParameterizedTest
    @CsvSource({"UNICODE, 1024", "UNICODE, 20", "UNICODE, 1", "ANSI, 512", "ANSI, 20", "ANSI, 1"})
    void theSamplesAnswerComesWholeHoweverSmallTheBuffer(Tchar tchar, int bufferBytes) throws Exception {
        serve(Answer.DEFAULT, PipeServer.UNLIMITED);

        try (ClassicProgram client = client(tchar, "Default message from client.", bufferBytes, 2)) {
            String answer = read(tchar, "default answer from server", bufferBytes);
            assertEquals(List.of("connected", answer, answer), client.awaitEnd(0));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRequestArrivesAsItsText(Tchar tchar) throws Exception {
        BlockingQueue<String> requests = new LinkedBlockingQueue<>();
        serve(
                request -> {
                    requests.add(request);
                    return request;
                },
                PipeServer.UNLIMITED);

        try (ClassicProgram client = client(tchar, text(tchar), 20, 1)) {
            assertEquals(List.of("connected", read(tchar, text(tchar), 20)), client.awaitEnd(0));
            assertEquals(text(tchar), requests.poll(HangLimit.SECONDS, TimeUnit.SECONDS));
        }
    }

    /** The sample's buffers have 512 characters. */
    @ParameterizedTest
    @EnumSource
    void theLongestRequestIsAnswered(Tchar tchar) throws Exception {
        serve(Answer.ECHO, PipeServer.UNLIMITED);

        try (ClassicProgram client = client(tchar, "x".repeat(511), 100, 1)) {
            assertEquals(List.of("connected", read(tchar, "x".repeat(511), 100)), client.awaitEnd(0));
        }
    }

    /** As in the sample, where its read fails. */
    @ParameterizedTest
    @EnumSource
    void aLongerRequestEndsItsClientAndNoOther(Tchar tchar) throws Exception {
        serve(Answer.DEFAULT, PipeServer.UNLIMITED);

        try (ClassicProgram longer = client(tchar, "x".repeat(512), 100, 1)) {
            List<String> said = longer.awaitEnd(1);
            assertEquals("connected", said.get(0));
            assertTrue(said.get(1).startsWith("ReadFile: error "), said.get(1));
        }
        try (ClassicProgram next = client(tchar, "x", 1000, 1)) {
            assertEquals(List.of("connected", read(tchar, "default answer from server", 1000)), next.awaitEnd(0));
        }
    }

    @Test
    void clientsOfBothKindsAreServedAtTheSameTime() throws Exception {
        serve(Answer.ECHO, PipeServer.UNLIMITED);

        List<ClassicProgram> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 6; i++) {
                clients.add(client(kind(i), "request of client " + i, 1000, 20));
            }
            for (int i = 0; i < 6; i++) {
                String answer = read(kind(i), "request of client " + i, 1000);
                List<String> said = clients.get(i).awaitEnd(0);
                assertEquals(20, said.stream().filter(answer::equals).count(), said::toString);
            }
        } finally {
            clients.forEach(ClassicProgram::close);
        }
    }

    private static Tchar kind(int index) {
        return index % 2 == 0 ? Tchar.UNICODE : Tchar.ANSI;
    }

    /** Two instances: with one only, its end would leave no pipe to wait for. */
    @ParameterizedTest
    @EnumSource
    void aClientThatFindsThePipeBusyWaitsForAnInstance(Tchar tchar) throws Exception {
        serve(Answer.DEFAULT, 2);

        lab.connect(new ChannelInboundHandlerAdapter());
        Channel goes = lab.connect(new ChannelInboundHandlerAdapter());
        try (ClassicProgram waits = client(tchar, "may I?", 1000, 1)) {
            assertEquals("busy", waits.line());
            goes.close().sync();
            waits.awaitLine("connected");
            assertEquals(read(tchar, "default answer from server", 1000), waits.line());
            waits.awaitEnd(0);
        }
    }
}
