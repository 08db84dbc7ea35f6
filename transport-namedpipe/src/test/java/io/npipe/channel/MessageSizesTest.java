/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.PipeLab;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of every size that matters, read with buffers of every size that matters, both ways. */
@Tag("any-jvm")
class MessageSizesTest {

    private static final int[] SIZES = {
        0, 1, 511, 512, 513, 0, 65_535, 65_536, 1024 * 1024, NamedPipeChannelConfig.DEFAULT_MAX_MESSAGE_SIZE
    };

    private final PipeLab lab = new PipeLab();
    private final Inbox atServer = new Inbox();
    private final Inbox atClient = new Inbox();

    @AfterEach
    void endLoops() {
        lab.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 511, 512, 513, 4096, 65_535, 65_536})
    void eachArrivesWholeAndAlone(int readBuffer) throws Exception {
        lab.server(() -> atServer)
                .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(readBuffer))
                .bind(lab.address())
                .sync();
        Channel client = lab.client(atClient)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(readBuffer))
                .connect(lab.address())
                .sync()
                .channel();
        exchange(client, atServer);
        exchange(atServer.awaitActive(), atClient);
    }

    private static void exchange(Channel from, Inbox to) throws Exception {
        Random random = new Random(1);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        List<ChannelFuture> writes = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        for (int size : SIZES) {
            byte[] message = new byte[size];
            random.nextBytes(message);
            all.writeBytes(message);
            sizes.add(size);
            writes.add(from.write(Unpooled.wrappedBuffer(message)));
        }
        from.flush();
        for (ChannelFuture write : writes) {
            write.sync();
        }
        assertArrayEquals(all.toByteArray(), to.awaitBytes(all.size()));
        assertEquals(sizes, to.reads());
        assertEquals(List.of(), to.failures());
    }
}
