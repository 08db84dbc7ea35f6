/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.PipeLab;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A connected channel tells the pipe's type and how it reads. */
@Tag("any-jvm")
class PipeModesTest {

    private final PipeLab lab = new PipeLab();
    private final Inbox atServer = new Inbox();

    @AfterEach
    void endLoops() {
        lab.close();
    }

    @ParameterizedTest
    @CsvSource({"BYTE, , ", "MESSAGE, , ", "MESSAGE, BYTE, ", "MESSAGE, , BYTE", "MESSAGE, MESSAGE, BYTE"})
    void eachEndTellsTheTypeAndItsOwnReadMode(PipeMode type, PipeMode childReads, PipeMode clientReads)
            throws Exception {
        lab.server(() -> atServer)
                .option(NamedPipeChannelOption.PIPE_TYPE, type)
                .childOption(NamedPipeChannelOption.READ_MODE, childReads)
                .bind(lab.address())
                .sync();
        NamedPipeChannel client = (NamedPipeChannel) lab.client(new Inbox())
                .option(NamedPipeChannelOption.READ_MODE, clientReads)
                .connect(lab.address())
                .sync()
                .channel();
        NamedPipeChannel child = (NamedPipeChannel) atServer.awaitActive();

        assertEquals(type, client.pipeType());
        assertEquals(type, child.pipeType());
        assertEquals(clientReads == null ? type : clientReads, client.readMode());
        assertEquals(childReads == null ? type : childReads, child.readMode());

        client.close().sync();
        assertEquals(type, client.pipeType(), "also after the close");
    }

    @Test
    void nothingIsKnownBeforeTheConnection() {
        NamedPipeChannel client = Kernels.clients().newChannel();

        assertNull(client.pipeType());
        assertNull(client.readMode());
        client.unsafe().closeForcibly();
    }
}
