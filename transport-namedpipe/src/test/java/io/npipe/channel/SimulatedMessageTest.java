/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.testkit.CallLog;
import io.npipe.testkit.LogWatch;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.testkit.RecordingRecvAllocator;
import io.npipe.testkit.SimulatedPipeLab;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import io.npipe.win32.Win32;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pipes of messages, on the simulated kernel: boundaries, limits, half-close. */
@Tag("any-jvm")
class SimulatedMessageTest {

    private static final int MAX = NamedPipeChannelConfig.DEFAULT_MAX_MESSAGE_SIZE;
    private static final int[] SIZES = {0, 1, 511, 512, 513, 65_535, 65_536, 1024 * 1024, MAX};

    private final CallLog calls = new CallLog();
    private SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, calls);
    private final Inbox atClient = new Inbox();
    private final Inbox atServer = new Inbox();
    private NamedPipeChannel client;
    private NamedPipeChannel child;

    SimulatedMessageTest() {
        calls.watch(lab.world());
    }

    @AfterEach
    void nothingIsLeft() {
        lab.close();
    }

    /** Keeps messages and what else it hears of. */
    @Sharable
    private static final class Inbox extends ChannelInboundHandlerAdapter {

        private final List<byte[]> messages = new ArrayList<>();
        private final List<String> events = new ArrayList<>();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf data = (ByteBuf) message;
            byte[] bytes = new byte[data.readableBytes()];
            data.readBytes(bytes).release();
            messages.add(bytes);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add(event.getClass().getSimpleName());
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            events.add("inactive");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add(cause.getClass().getSimpleName());
        }
    }

    private final class ChildInbox extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            child = (NamedPipeChannel) ctx.channel();
            ctx.fireChannelActive();
        }
    }

    private PipeMode childReadMode = PipeMode.MESSAGE;

    private void connect(int readBuffer, boolean halfClose, boolean allowHalfClosure) {
        lab.on(lab.serverGroup(), () -> lab.server(() -> new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new ChildInbox(), atServer);
                    }
                })
                .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(readBuffer))
                .childOption(NamedPipeChannelOption.READ_MODE, childReadMode)
                .childOption(NamedPipeChannelOption.HALF_CLOSE, halfClose)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, allowHalfClosure)
                .bind(lab.address()));
        lab.settle();
        ChannelFuture[] connect = new ChannelFuture[1];
        lab.on(
                lab.clientGroup(),
                () -> connect[0] = lab.client(atClient)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(readBuffer))
                        .option(NamedPipeChannelOption.HALF_CLOSE, halfClose)
                        .option(ChannelOption.ALLOW_HALF_CLOSURE, allowHalfClosure)
                        .connect(lab.address()));
        lab.settle();
        client = (NamedPipeChannel) connect[0].channel();
        assertTrue(client.isActive(), () -> "" + connect[0].cause());
    }

    private ByteBuf random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return lab.world().allocator().directBuffer(Math.max(1, size)).writeBytes(bytes);
    }

    private static byte[] bytes(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private ByteBuf ascii(String text) {
        return lab.world().allocator().directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private ChannelFuture write(NamedPipeChannel channel, Object message) {
        ChannelFuture[] write = new ChannelFuture[1];
        lab.on(
                channel == client ? lab.clientGroup() : lab.serverGroup(),
                () -> write[0] = channel.writeAndFlush(message));
        lab.settle();
        return write[0];
    }

    // ---- boundaries ------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 511, 512, 513, 4096, 65_535, 65_536})
    void messagesOfEverySizeArriveWholeAndAlone(int readBuffer) {
        connect(readBuffer, false, false);
        for (NamedPipeChannel from : List.of(client, child)) {
            Inbox inbox = from == client ? atServer : atClient;
            for (int size : SIZES) {
                inbox.messages.clear();
                calls.begin();
                assertTrue(write(from, random(size, size)).isSuccess());
                assertEquals(1, inbox.messages.size(), "size " + size);
                assertArrayEquals(bytes(size, size), inbox.messages.get(0), "size " + size);
                assertEquals(1, calls.times(Call.WriteFile).size());
                assertTrue(calls.times(Call.ReadFile).size() <= 4096, "size " + size);
            }
            assertEquals(List.of(), inbox.events);
        }
    }

    @Test
    void manyMessagesOfOneFlushKeepTheirBoundariesAndOrder() {
        connect(100, false, false);
        List<ChannelFuture> writes = new ArrayList<>();
        lab.on(lab.clientGroup(), () -> {
            for (int i = 0; i < 1000; i++) {
                writes.add(client.write(random(i % 300, i)));
            }
            client.flush();
        });
        lab.settle();
        assertTrue(writes.stream().allMatch(ChannelFuture::isSuccess));
        assertEquals(1000, atServer.messages.size());
        for (int i = 0; i < 1000; i++) {
            assertArrayEquals(bytes(i % 300, i), atServer.messages.get(i));
        }
    }

    /** With a kernel that takes all its freedom. */
    @Test
    void messagesKeepTheirBoundariesWhateverTheKernelDoes() {
        lab.close();
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            lab = new SimulatedPipeLab(seed, freedom(random), Faults.NONE);
            atServer.messages.clear();
            connect(1 + random.nextInt(200), false, false);
            int count = 100;
            lab.on(lab.clientGroup(), () -> {
                for (int i = 0; i < count; i++) {
                    client.writeAndFlush(random(random.nextInt(400), i));
                }
            });
            lab.settle();
            assertEquals(count, atServer.messages.size(), "seed " + seed);
            for (int i = 0; i < count; i++) {
                byte[] message = atServer.messages.get(i);
                assertArrayEquals(bytes(message.length, i), message, "seed " + seed);
            }
            if (seed < 49) {
                lab.close();
            }
        }
    }

    /** All but what makes a connect fail. */
    private static Chances freedom(Random random) {
        Chances chances = Chances.random(random);
        return new Chances(
                chances.pendThoughReady(),
                chances.slowPacket(),
                chances.slowCancel(),
                chances.earlyWait(),
                0,
                0,
                chances.fewPackets(),
                chances.lateIdentity(),
                chances.preemption());
    }

    @Test
    void aCompositeIsOneMessageAndAFileIsNone() {
        connect(100, false, false);
        CompositeByteBuf composite = lab.world().allocator().compositeDirectBuffer();
        composite.addComponents(true, ascii("one "), ascii("two"));
        assertTrue(write(client, composite).isSuccess());
        assertEquals("one two", new String(atServer.messages.get(0), StandardCharsets.US_ASCII));
        assertInstanceOf(
                UnsupportedOperationException.class,
                write(client, new DefaultFileRegion(new File("any"), 0, 1)).cause());
        assertTrue(client.isActive());
    }

    @Test
    void withoutAutoReadOneReadBringsOneMessage() {
        connect(2, false, false);
        lab.on(lab.serverGroup(), () -> child.config().setAutoRead(false));
        lab.settle();
        write(client, ascii("under way"));
        assertEquals(0, atServer.messages.size());
        write(client, ascii("second"));
        for (int i = 1; i <= 2; i++) {
            lab.on(lab.serverGroup(), child::read);
            lab.settle();
            assertEquals(i, atServer.messages.size());
        }
        assertEquals("second", new String(atServer.messages.get(1), StandardCharsets.US_ASCII));
    }

    @Test
    void theAllocatorIsToldOfEachMessage() {
        lab.on(lab.serverGroup(), () -> lab.server(ChildInbox::new)
                .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                .bind(lab.address()));
        lab.settle();
        List<String> told = new ArrayList<>();
        lab.on(
                lab.clientGroup(),
                () -> client = (NamedPipeChannel) lab.client(atClient)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, new RecordingRecvAllocator(10, 3, told))
                        .option(NamedPipeChannelOption.MAX_MESSAGE_SIZE, 100)
                        .connect(lab.address())
                        .channel());
        lab.settle();
        write(child, ascii("0123456789abc"));
        assertEquals(List.of("reset", "attempted 64", "last 13", "messages 1", "handle complete"), told);
        told.clear();
        write(child, random(101, 1));
        assertEquals(List.of("reset", "attempted 100", "last 0", "messages 1", "handle complete"), told);
    }

    // ---- limits ----------------------------------------------------------------------------------------------------

    @Test
    void aMessageThatIsTooLongIsSkippedAndTheChannelLivesOn() {
        connect(10, false, false);
        child.config().setMaxMessageSize(1000);
        write(client, random(1000, 1));
        write(client, random(1001, 2));
        write(client, random(100_000, 3));
        write(client, random(999, 4));
        assertEquals(List.of("TooLongFrameException", "TooLongFrameException"), atServer.events);
        assertEquals(2, atServer.messages.size());
        assertArrayEquals(bytes(1000, 1), atServer.messages.get(0));
        assertArrayEquals(bytes(999, 4), atServer.messages.get(1));
        assertTrue(child.isActive());
    }

    /** Found by a random conversation: the read of the rest ends at once, and nobody was told. */
    @Test
    void aSenderThatGoesInTheMiddleOfAMessageIsReportedAndEndsTheChannel() {
        lab.on(lab.serverGroup(), () -> lab.server(() -> new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new ChildInbox(), atServer);
                    }
                })
                .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                .option(ChannelOption.SO_RCVBUF, 0)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(10))
                .bind(lab.address()));
        lab.settle();
        Win32 kernel = lab.world().kernel();
        NativeMemory message = NativeMemory.allocate(1000);
        NativeMemory overlapped = NativeMemory.allocate(Overlapped.SIZE);
        long sender = lab.openRaw();
        lab.settle();

        assertEquals(ERROR_IO_PENDING, kernel.WriteFile(sender, message.address(), 1000, 0, overlapped.address()));
        kernel.CancelIoEx(sender, 0); // a part has been read, and the reader does not know it yet
        lab.world().kernel().vanish(sender);
        lab.settle();

        assertEquals(List.of("CorruptedFrameException", "inactive"), atServer.events);
        assertEquals(List.of(), atServer.messages);
        message.free();
        overlapped.free();
    }

    // ---- how an end reads ------------------------------------------------------------------------------------------

    @Test
    void messagesCanBeReadAsBytes() {
        lab.on(lab.serverGroup(), () -> lab.server(ChildInbox::new)
                .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                .bind(lab.address()));
        lab.settle();
        lab.on(
                lab.clientGroup(),
                () -> client = (NamedPipeChannel) lab.client(atClient)
                        .option(NamedPipeChannelOption.READ_MODE, PipeMode.BYTE)
                        .option(ChannelOption.AUTO_READ, false)
                        .connect(lab.address())
                        .channel());
        lab.settle();
        lab.on(lab.serverGroup(), () -> {
            child.write(ascii("one "));
            child.writeAndFlush(ascii("two"));
        });
        lab.settle();
        lab.on(lab.clientGroup(), client::read);
        lab.settle();
        assertEquals("one two", new String(atClient.messages.get(0), StandardCharsets.US_ASCII));
    }

    private void connectToChildThatReads(PipeMode type, PipeMode readMode) {
        lab.on(lab.serverGroup(), () -> lab.server(() -> new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new ChildInbox(), atServer);
                    }
                })
                .option(NamedPipeChannelOption.PIPE_TYPE, type)
                .childOption(NamedPipeChannelOption.READ_MODE, readMode)
                .childOption(ChannelOption.AUTO_READ, false)
                .bind(lab.address()));
        lab.settle();
        client = (NamedPipeChannel) lab.connect(atClient);
    }

    @Test
    void aChildCanReadMessagesAsBytes() {
        connectToChildThatReads(PipeMode.MESSAGE, PipeMode.BYTE);
        write(client, ascii("one "));
        write(client, ascii("two"));
        lab.on(lab.serverGroup(), child::read);
        lab.settle();
        assertEquals("one two", new String(atServer.messages.get(0), StandardCharsets.US_ASCII));
    }

    @Test
    void aChildCannotReadBytesAsMessages() {
        try (LogWatch log = LogWatch.begin()) {
            connectToChildThatReads(PipeMode.BYTE, PipeMode.MESSAGE);
            assertEquals(1, log.problems().size());
            assertTrue(
                    log.problems().get(0).contains("READ_MODE is MESSAGE"),
                    log.problems().get(0));
        }
        assertFalse(client.isOpen());
    }

    @Test
    void bytesCannotBeReadAsMessages() {
        lab.bind(ChildInbox::new);
        ChannelFuture[] connect = new ChannelFuture[1];
        lab.on(
                lab.clientGroup(),
                () -> connect[0] = lab.client(atClient)
                        .option(NamedPipeChannelOption.READ_MODE, PipeMode.MESSAGE)
                        .connect(lab.address()));
        lab.settle();
        assertInstanceOf(IllegalArgumentException.class, connect[0].cause());
        assertTrue(connect[0].cause().getMessage().contains("READ_MODE"), () -> "" + connect[0].cause());
        assertTrue(connect[0].channel().closeFuture().isDone());
    }

    // ---- half-close ------------------------------------------------------------------------------------------------

    /** The table of {@link NamedPipeChannelConfig#setHalfClose}. */
    @ParameterizedTest
    @CsvSource({
        "false, false, 1, ''",
        "false, true, 1, ''",
        "true, false, 0, inactive",
        "true, true, 0, ChannelInputShutdownEvent ChannelInputShutdownReadComplete"
    })
    void whatAMessageOfLengthZeroDoes(boolean halfClose, boolean allow, int messages, String events) {
        connect(100, false, false); // the client writes what it is told
        child.config().setHalfClose(halfClose).setAllowHalfClosure(allow);
        write(client, ascii(""));
        assertEquals(messages, atServer.messages.size());
        assertEquals(events, String.join(" ", atServer.events));
    }

    /** As go-winio reads, and so Docker's and containerd's clients. */
    @ParameterizedTest
    @CsvSource({
        "true, true, ChannelInputShutdownEvent ChannelInputShutdownReadComplete",
        "true, false, inactive",
        "false, true, ''"
    })
    void aMessageOfLengthZeroEndsTheInputOfOneThatReadsBytesToo(boolean halfClose, boolean allow, String events) {
        childReadMode = PipeMode.BYTE;
        connect(100, false, false);
        child.config().setHalfClose(halfClose).setAllowHalfClosure(allow);
        write(client, ascii("all"));
        write(client, ascii(""));
        assertEquals(1, atServer.messages.size());
        assertEquals(events, String.join(" ", atServer.events));
        if (!halfClose) {
            write(client, ascii("and more"));
            assertEquals(2, atServer.messages.size());
        }
    }

    /** Windows joins the empty message to what is read: that is why go-winio flushes first. */
    @Test
    void anEndRightBehindDataIsLostToOneThatReadsBytes() {
        childReadMode = PipeMode.BYTE;
        connect(100, true, true);
        lab.on(lab.serverGroup(), () -> child.config().setAutoRead(false));
        lab.settle();
        write(client, ascii("for the read that is under way"));
        lab.on(lab.clientGroup(), () -> {
            client.write(ascii("all"));
            client.shutdownOutput();
        });
        lab.settle();

        lab.on(lab.serverGroup(), () -> child.config().setAutoRead(true));
        lab.settle();

        assertEquals(List.of(), atServer.events);
        assertEquals("all", new String(atServer.messages.get(atServer.messages.size() - 1), StandardCharsets.US_ASCII));
        assertFalse(child.isInputShutdown());
    }

    @Test
    void afterShutdownOutputThePeerCanStillWrite() {
        connect(100, true, true);
        ChannelFuture[] done = new ChannelFuture[3];
        lab.on(lab.clientGroup(), () -> {
            done[0] = client.write(random(100_000, 1));
            done[1] = client.shutdownOutput();
            done[2] = client.write(ascii("too late"));
        });
        lab.settle();
        assertTrue(done[0].isSuccess());
        assertTrue(done[1].isSuccess(), () -> "" + done[1].cause());
        assertInstanceOf(ChannelOutputShutdownException.class, done[2].cause());
        assertTrue(client.isOutputShutdown());
        assertEquals(List.of("ChannelOutputShutdownEvent"), atClient.events);
        assertArrayEquals(bytes(100_000, 1), atServer.messages.get(0));
        assertTrue(child.isInputShutdown());

        write(child, ascii("answer"));
        assertEquals("answer", new String(atClient.messages.get(0), StandardCharsets.US_ASCII));
        lab.on(lab.serverGroup(), child::shutdownOutput);
        lab.settle();
        assertTrue(client.isShutdown());
        assertTrue(child.isShutdown());
        assertTrue(client.isOpen());
    }

    /** The end of its output is read after a write has found it gone: nothing else would close the channel. */
    @Test
    void aPeerThatEndsItsOutputAndGoesLeavesNoOpenChannel() {
        connect(100, true, true);
        lab.on(lab.serverGroup(), () -> child.config().setAutoRead(false));
        lab.settle();
        lab.on(lab.clientGroup(), () -> {
            client.write(ascii("last words"));
            client.shutdownOutput().addListener(done -> client.close());
        });
        lab.settle();
        assertInstanceOf(
                NamedPipeException.class,
                write(child, ascii("nobody reads this")).cause());
        assertTrue(child.isActive(), "there is something to read");

        lab.on(lab.serverGroup(), () -> child.config().setAutoRead(true));
        lab.settle();

        assertEquals("last words", new String(atServer.messages.get(0), StandardCharsets.US_ASCII));
        assertEquals(
                List.of("ChannelInputShutdownEvent", "ChannelInputShutdownReadComplete", "inactive"), atServer.events);
    }

    @Test
    void withHalfCloseAnEmptyBufferIsNoEnd() {
        connect(100, true, true);
        assertTrue(write(client, ascii("")).isSuccess());
        write(client, ascii("more"));
        assertEquals(1, atServer.messages.size());
        assertFalse(child.isInputShutdown());
    }

    @Test
    void withoutTheOptionShutdownOutputFailsWithAReason() {
        connect(100, false, true);
        ChannelFuture[] refused = new ChannelFuture[1];
        lab.on(lab.clientGroup(), () -> refused[0] = client.shutdownOutput());
        lab.settle();
        assertInstanceOf(UnsupportedOperationException.class, refused[0].cause());
        assertTrue(refused[0].cause().getMessage().contains("HALF_CLOSE"));
        assertFalse(client.isOutputShutdown());
    }

    @Test
    void shutdownOfBothDirections() {
        connect(100, true, true);
        ChannelFuture[] done = new ChannelFuture[2];
        lab.on(lab.clientGroup(), () -> {
            done[0] = client.shutdown();
            done[1] = client.shutdownOutput();
        });
        lab.settle();
        assertTrue(done[0].isSuccess());
        assertTrue(done[1].isSuccess(), "again");
        assertTrue(client.isShutdown());
    }
}
