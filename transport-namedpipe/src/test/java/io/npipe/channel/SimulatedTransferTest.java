/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.Win32Error.ERROR_OPERATION_ABORTED;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.ChannelProgressivePromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.util.AbstractReferenceCounted;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.testkit.CallLog;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.testkit.RecordingRecvAllocator;
import io.npipe.testkit.SimulatedPipeLab;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import io.npipe.win32.Win32;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads and writes, on the simulated kernel: which calls they make, what they tell Netty, and in which order. */
@Tag("any-jvm")
class SimulatedTransferTest {

    private static final int QUOTA = 100;

    private final CallLog calls = new CallLog();
    private final List<String> events = new ArrayList<>();
    private final StringBuilder received = new StringBuilder();
    private SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, calls);
    private NamedPipeChannel client;
    private Channel child;

    SimulatedTransferTest() {
        calls.watch(lab.world());
    }

    @AfterEach
    void nothingIsLeft() {
        lab.close();
    }

    private final class Child extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            child = ctx.channel();
            ctx.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf data = (ByteBuf) message;
            received.append(data.toString(StandardCharsets.US_ASCII));
            data.release();
        }
    }

    private final class Recorder extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf data = (ByteBuf) message;
            events.add("read " + data.toString(StandardCharsets.US_ASCII));
            data.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            events.add("complete");
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            events.add("inactive");
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add("event " + event.getClass().getSimpleName());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add(cause.getClass().getSimpleName());
        }
    }

    /** A server with a quota of 100 bytes each way, and a client. */
    private void connect(boolean clientReads, boolean childReads) {
        lab.on(lab.serverGroup(), () -> lab.server(Child::new)
                .option(ChannelOption.SO_RCVBUF, QUOTA)
                .option(ChannelOption.SO_SNDBUF, QUOTA)
                .childOption(ChannelOption.AUTO_READ, childReads)
                .bind(lab.address()));
        lab.settle();
        lab.on(
                lab.clientGroup(),
                () -> client = (NamedPipeChannel) lab.client(new Recorder())
                        .option(ChannelOption.AUTO_READ, clientReads)
                        .connect(lab.address())
                        .channel());
        lab.settle();
        events.clear();
    }

    private ByteBuf ascii(String text) {
        return lab.world().allocator().directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void childWrites(String text) {
        lab.on(lab.serverGroup(), () -> child.writeAndFlush(ascii(text)));
        lab.settle();
    }

    // ---- reading ---------------------------------------------------------------------------------------------------

    @Test
    void aBurstOfReadsIsOneAndTheAllocatorIsToldOfEach() {
        connect(false, false);
        client.config().setRecvByteBufAllocator(new RecordingRecvAllocator(10, 3, events));
        childWrites("0123456789abcdefghijklmnopqrstuvwxyz");

        lab.on(lab.clientGroup(), client::read);
        lab.settle();

        assertEquals(
                List.of(
                        "reset",
                        "attempted 10",
                        "last 10",
                        "messages 1",
                        "read 0123456789",
                        "attempted 10",
                        "last 10",
                        "messages 1",
                        "read abcdefghij",
                        "attempted 10",
                        "last 10",
                        "messages 1",
                        "read klmnopqrst",
                        "handle complete",
                        "complete"),
                events);
        events.clear();
        lab.on(lab.clientGroup(), client::read);
        lab.settle();
        assertTrue(events.contains("read uvwxyz"), events::toString);
    }

    /** A message of length 0, shown to a pending reader of bytes: neither data nor an end, and no reason to stop. */
    @Test
    void aZeroLengthMessageIsPassedOver() {
        NativeMemory overlapped = NativeMemory.allocate(Overlapped.SIZE);
        NativeMemory data = NativeMemory.allocate(4);
        Win32 kernel = lab.world().kernel();
        long server = lab.createRaw(PIPE_TYPE_MESSAGE);
        lab.on(
                lab.clientGroup(),
                () -> client = (NamedPipeChannel) lab.client(new Recorder())
                        .option(NamedPipeChannelOption.READ_MODE, PipeMode.BYTE)
                        .connect(lab.address())
                        .channel());
        lab.settle();
        assertEquals(ERROR_PIPE_CONNECTED, kernel.ConnectNamedPipe(server, overlapped.address()));
        events.clear();

        assertEquals(ERROR_SUCCESS, kernel.WriteFile(server, data.address(), 0, 0, overlapped.address()));
        lab.settle();
        assertEquals(List.of("complete"), events);
        events.clear();
        assertEquals(ERROR_SUCCESS, kernel.WriteFile(server, data.address(), 4, 0, overlapped.address()));
        lab.settle();
        assertEquals(2, events.size());
        assertTrue(events.get(0).startsWith("read "), events::toString);

        lab.world().kernel().vanish(server);
        lab.settle();
        overlapped.free();
        data.free();
    }

    @Test
    void aReadBeforeTheConnectionIsServedAfterIt() {
        lab.bind(Child::new);
        lab.on(lab.clientGroup(), () -> {
            client = (NamedPipeChannel) lab.client(new Recorder())
                    .option(ChannelOption.AUTO_READ, false)
                    .register()
                    .channel();
            client.read();
            client.connect(lab.address());
        });
        lab.settle();
        childWrites("asked for early");
        assertEquals(List.of("read asked for early", "complete"), events);
    }

    @Test
    void whoClosesInABurstIsToldNoMore() {
        connect(false, false);
        client.config().setRecvByteBufAllocator(new RecordingRecvAllocator(10, 3, events));
        client.pipeline().addFirst(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ctx.fireChannelRead(message);
                ctx.close();
            }
        });
        childWrites("0123456789abcdefghijklmnopqrstuvwxyz");
        calls.begin();
        lab.on(lab.clientGroup(), client::read);
        lab.settle();
        assertEquals(1, calls.times(Call.ReadFile).size());
        assertEquals(1, events.stream().filter(e -> e.startsWith("read ")).count());
        assertTrue(client.closeFuture().isDone());
    }

    @Test
    void withoutMemoryForABufferTheChannelSaysSoAndCloses() {
        connect(false, false);
        client.config().setAllocator(new AbstractByteBufAllocator(true) {
            @Override
            protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
                throw new OutOfMemoryError("planned");
            }

            @Override
            protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
                throw new OutOfMemoryError("planned");
            }

            @Override
            public boolean isDirectBufferPooled() {
                return false;
            }
        });
        lab.on(lab.clientGroup(), client::read);
        lab.settle();
        assertEquals(List.of("OutOfMemoryError", "inactive"), events);
        assertTrue(client.closeFuture().isDone());
    }

    @Test
    void theEndIsReadOnceAndNotAgain() {
        connect(true, false);
        calls.begin();
        lab.on(lab.serverGroup(), child::close);
        lab.settle();
        assertEquals(List.of("complete", "inactive"), events);
        assertEquals(List.of(), calls.times(Call.ReadFile));
    }

    @Test
    void aReadThatSomebodyElseCancelsIsAnError() {
        connect(true, false);
        lab.world().kernel().CancelIoEx(client.handle().value(), 0);
        lab.settle();
        assertEquals(List.of("complete", "NamedPipeException", "inactive"), events);
    }

    @Test
    void autoReadIsSwitchedOffFromAnyThread() {
        connect(true, false);
        client.config().setAutoRead(false);
        lab.settle();
        childWrites("waits");
        assertEquals(List.of(), events);
        lab.on(lab.clientGroup(), client::read);
        lab.settle();
        assertEquals(List.of("read waits", "complete"), events);
    }

    @Test
    void whatArrivesAfterShutdownInputIsNotFired() {
        connect(true, false);
        lab.on(lab.clientGroup(), client::shutdownInput);
        lab.settle();
        childWrites("for nobody");
        lab.on(lab.clientGroup(), client::read);
        lab.settle();
        assertEquals(List.of("event ChannelInputShutdownEvent"), events);
    }

    // ---- writing ---------------------------------------------------------------------------------------------------

    @Test
    void smallBuffersAreWrittenTogetherAndALargeOneFromWhereItIs() {
        connect(false, true);
        String large = "L".repeat(WriteChunk.COPY_BELOW);
        calls.begin();
        lab.on(lab.clientGroup(), () -> {
            client.write(ascii("a"));
            client.write(ascii(""));
            client.write(ascii("b"));
            client.writeAndFlush(ascii("c"));
        });
        lab.settle();
        assertEquals(1, calls.times(Call.WriteFile).size());
        lab.on(lab.clientGroup(), () -> {
            client.write(ascii(large));
            client.writeAndFlush(ascii("d"));
        });
        lab.settle();
        assertEquals(3, calls.times(Call.WriteFile).size(), "not copied together");
        assertEquals("abc" + large + "d", received.toString());
    }

    @Test
    void asMuchIsCopiedTogetherAsAChunkHolds() {
        connect(false, true);
        String text = "x".repeat(WriteChunk.SIZE / 8 + 1);
        calls.begin();
        lab.on(lab.clientGroup(), () -> {
            for (int i = 0; i < 8; i++) {
                client.write(ascii(text));
            }
            client.flush();
        });
        lab.settle();
        assertEquals(2, calls.times(Call.WriteFile).size(), "64 KiB and the rest of 8 bytes");
        assertEquals(text.repeat(8), received.toString());
    }

    @Test
    void aCompositeIsCopiedAndAnEmptyBufferIsNotWritten() {
        connect(false, true);
        calls.begin();
        List<ChannelFuture> writes = new ArrayList<>();
        lab.on(lab.clientGroup(), () -> {
            CompositeByteBuf composite = lab.world().allocator().compositeDirectBuffer();
            composite.addComponents(true, ascii("one "), ascii("two"));
            writes.add(client.writeAndFlush(composite));
            writes.add(client.write(ascii("")));
            writes.add(client.writeAndFlush(ascii(" three")));
        });
        lab.settle();
        assertTrue(writes.stream().allMatch(ChannelFuture::isSuccess));
        assertEquals("one two three", received.toString());
        assertEquals(2, calls.times(Call.WriteFile).size());
    }

    @Test
    void whatWasReadOfABufferIsNotWritten() {
        connect(false, true);
        lab.on(lab.clientGroup(), () -> client.writeAndFlush(ascii("not this").skipBytes(4)));
        lab.settle();
        assertEquals("this", received.toString());
    }

    @Test
    void anEmptyBufferAloneSucceeds() {
        connect(false, true);
        calls.begin();
        ChannelFuture[] write = new ChannelFuture[1];
        lab.on(lab.clientGroup(), () -> write[0] = client.writeAndFlush(ascii("")));
        lab.settle();
        assertTrue(write[0].isSuccess());
        assertEquals(List.of(), calls.times(Call.WriteFile));
    }

    @Test
    void aWriteSpinCountBoundsTheWritesOfOneTurn() {
        lab.on(lab.serverGroup(), () -> lab.server(Child::new)
                .option(ChannelOption.SO_RCVBUF, 1 << 20)
                .bind(lab.address()));
        lab.settle();
        client = (NamedPipeChannel) lab.connect(new Recorder());
        client.config().setWriteSpinCount(2);
        List<String> order = new ArrayList<>();
        lab.on(lab.clientGroup(), () -> {
            for (int i = 0; i < 3; i++) {
                client.write(ascii("x".repeat(WriteChunk.COPY_BELOW))).addListener(done -> order.add("written"));
            }
            client.eventLoop().execute(() -> order.add("another"));
            client.flush();
        });
        lab.settle();
        assertEquals(List.of("written", "written", "another", "written"), order);
    }

    @Test
    void whenThePeerIsGoneEveryWriteFailsAtOnceAndTheRestIsReadFirst() {
        connect(false, false);
        childWrites("last words");
        lab.on(lab.serverGroup(), child::close);
        lab.settle();
        List<ChannelFuture> writes = new ArrayList<>();
        lab.on(lab.clientGroup(), () -> {
            for (int i = 0; i < 3; i++) {
                writes.add(client.write(ascii("x".repeat(WriteChunk.COPY_BELOW))));
            }
            client.flush();
        });
        lab.settle();
        assertTrue(writes.stream().allMatch(ChannelFuture::isDone));
        calls.begin();
        lab.on(lab.clientGroup(), () -> writes.add(client.writeAndFlush(ascii("too late"))));
        lab.settle();

        assertEquals(List.of(), calls.times(Call.WriteFile), "what is broken is not tried again");
        for (ChannelFuture write : writes) {
            assertInstanceOf(NamedPipeException.class, write.cause());
        }
        assertTrue(client.isActive());
        assertEquals(List.of(), events);
        lab.on(lab.clientGroup(), client::read);
        lab.settle();
        lab.on(lab.clientGroup(), client::read);
        lab.settle();
        assertEquals("read last words", events.get(0));
        assertTrue(client.closeFuture().isDone());
    }

    @Test
    void withoutAutoCloseAPeerThatIsGoneShutsTheOutput() {
        connect(false, false);
        client.config().setAutoClose(false);
        childWrites("last words");
        lab.on(lab.serverGroup(), child::close);
        lab.settle();
        assertFalse(client.isOutputShutdown());
        ChannelFuture[] write = new ChannelFuture[2];
        lab.on(lab.clientGroup(), () -> write[0] = client.writeAndFlush(ascii("x")));
        lab.settle();
        assertInstanceOf(ChannelOutputShutdownException.class, write[0].cause());
        assertInstanceOf(NamedPipeException.class, write[0].cause().getCause());
        assertEquals(List.of("event ChannelOutputShutdownEvent"), events);
        assertTrue(client.isOutputShutdown());
        assertTrue(client.isActive());
        lab.on(lab.clientGroup(), () -> write[1] = client.writeAndFlush(ascii("y")));
        lab.on(lab.clientGroup(), client::read);
        lab.settle();
        assertInstanceOf(ClosedChannelException.class, write[1].cause());
        assertEquals("read last words", events.get(1));
    }

    @Test
    void withoutInputTheFirstFailedWriteCloses() {
        connect(false, false);
        lab.on(lab.clientGroup(), client::shutdownInput);
        lab.on(lab.serverGroup(), child::close);
        lab.settle();
        assertTrue(client.isActive());
        lab.on(lab.clientGroup(), () -> client.writeAndFlush(ascii("x")));
        lab.settle();
        assertTrue(client.closeFuture().isDone());
    }

    /** Nothing of it is left when the channel is closed. */
    @Test
    void aWriteThatCannotBeAskedForIsReleased() {
        connect(false, false);
        calls.begin();
        calls.before(Call.WriteFile, () -> {
            throw new OutOfMemoryError("planned");
        });
        ChannelFuture[] write = new ChannelFuture[1];
        lab.on(lab.clientGroup(), () -> write[0] = client.writeAndFlush(ascii("x")));
        lab.settle();
        assertFalse(write[0].isSuccess());
        lab.on(lab.clientGroup(), client::close);
        lab.settle();
        assertTrue(client.closeFuture().isDone());
    }

    @Test
    void aWriteThatSomebodyElseCancelsFailsAndCloses() {
        connect(false, false);
        ChannelFuture[] write = new ChannelFuture[1];
        lab.on(lab.clientGroup(), () -> write[0] = client.writeAndFlush(ascii("x".repeat(QUOTA + 1))));
        lab.settle();
        assertFalse(write[0].isDone());

        lab.world().kernel().CancelIoEx(client.handle().value(), 0);
        lab.settle();

        assertEquals(ERROR_OPERATION_ABORTED, ((NamedPipeException) write[0].cause()).code());
        assertTrue(client.closeFuture().isDone());
    }

    /** Its cancellation comes too late: then the bytes are with the peer, and the promise says so. */
    @Test
    void aWriteThatEndsWhileItsChannelClosesSucceeds() {
        int arrived = 0;
        for (int seed = 0; seed < 30; seed++) {
            lab.close();
            lab = new SimulatedPipeLab(seed, new Chances(0, 0, 100, 0, 0, 0, 0, 0, 0), Faults.NONE);
            received.setLength(0);
            connect(false, false);
            ChannelFuture[] write = new ChannelFuture[1];
            lab.on(lab.clientGroup(), () -> {
                write[0] = client.writeAndFlush(ascii("x".repeat(QUOTA + 1)));
                client.close();
            });
            lab.world().later(seed * 100_000L, () -> child.config().setAutoRead(true));
            lab.settle();

            assertEquals(!received.isEmpty(), write[0].isSuccess(), "seed " + seed);
            arrived += received.isEmpty() ? 0 : 1;
        }
        assertTrue(arrived > 0 && arrived < 30, "both happen: " + arrived);
    }

    // ---- file regions ----------------------------------------------------------------------------------------------

    /** Gives what it is asked for in pieces of 1000 bytes, and ends early or fails if told to. */
    private static class Pieces extends AbstractReferenceCounted implements FileRegion {

        private final long count;
        private final long end;
        private final IOException failure;
        private long transferred;

        Pieces(long count, long end, IOException failure) {
            this.count = count;
            this.end = end;
            this.failure = failure;
        }

        void skipToEnd() {
            transferred = count;
        }

        @Override
        public long position() {
            return 0;
        }

        @Deprecated
        @Override
        public long transfered() {
            return transferred;
        }

        @Override
        public long transferred() {
            return transferred;
        }

        @Override
        public long count() {
            return count;
        }

        @Override
        public long transferTo(WritableByteChannel target, long position) throws IOException {
            assertEquals(transferred, position);
            assertTrue(target.isOpen());
            int length = (int) Math.min(1000, end - transferred);
            if (length == 0 && failure != null) {
                throw failure;
            }
            int written = target.write(ByteBuffer.wrap("f".repeat(length).getBytes(StandardCharsets.US_ASCII)));
            transferred += written;
            return written;
        }

        @Override
        public FileRegion retain() {
            super.retain();
            return this;
        }

        @Override
        public FileRegion retain(int increment) {
            super.retain(increment);
            return this;
        }

        @Override
        public FileRegion touch() {
            return this;
        }

        @Override
        public FileRegion touch(Object hint) {
            return this;
        }

        @Override
        protected void deallocate() {
            // holds nothing
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "1000, 1", "65535, 1", "65536, 1", "65537, 2", "131072, 2", "150000, 3"})
    void aFileRegionGoesThroughInChunksBetweenBuffers(int size, int writes) {
        connect(false, true);
        Pieces region = new Pieces(size, size, null);
        List<ChannelFuture> done = new ArrayList<>();
        List<Long> progress = new ArrayList<>();
        calls.begin();
        lab.on(lab.clientGroup(), () -> {
            done.add(client.write(ascii("before ")));
            ChannelProgressivePromise promise = client.newProgressivePromise();
            promise.addListener(new ChannelProgressiveFutureListener() {
                @Override
                public void operationProgressed(ChannelProgressiveFuture future, long bytes, long total) {
                    progress.add(bytes);
                }

                @Override
                public void operationComplete(ChannelProgressiveFuture future) {
                    done.add(future);
                }
            });
            client.write(region, promise);
            done.add(client.writeAndFlush(ascii(" after")));
        });
        lab.settle();

        assertEquals(3, done.stream().filter(ChannelFuture::isSuccess).count());
        assertEquals("before " + "f".repeat(size) + " after", received.toString());
        assertEquals(2 + (size == 0 ? 0 : writes), calls.times(Call.WriteFile).size());
        assertEquals(
                size == 0 ? 0 : size, progress.stream().mapToLong(n -> n).max().orElse(0));
        assertEquals(0, region.refCnt());
    }

    @Test
    void aFileRegionThatEndsEarlyFailsWithWhatIsMissing() {
        connect(false, true);
        ChannelFuture[] write = new ChannelFuture[1];
        lab.on(lab.clientGroup(), () -> write[0] = client.writeAndFlush(new Pieces(5000, 3500, null)));
        lab.settle();
        assertInstanceOf(IOException.class, write[0].cause());
        assertTrue(
                write[0].cause().getMessage().contains("1500 bytes"),
                write[0].cause().getMessage());
        assertEquals(3500, received.length());
    }

    @Test
    void aFileRegionThatCannotBeReadFailsAsItSays() {
        connect(false, true);
        IOException planned = new IOException("planned");
        ChannelFuture[] write = new ChannelFuture[1];
        lab.on(lab.clientGroup(), () -> write[0] = client.writeAndFlush(new Pieces(5000, 0, planned)));
        lab.settle();
        assertSame(planned, write[0].cause());
    }

    /** It ends sooner than its count: what it says of itself counts. */
    @Test
    void aFileRegionThatIsDoneIsAskedForNoMore() {
        connect(false, true);
        Pieces region = new Pieces(16, 16, null) {
            @Override
            public long transferTo(WritableByteChannel target, long position) throws IOException {
                assertTrue(transferred() < count(), "asked for more than all");
                target.write(ByteBuffer.wrap(new byte[] {'f'}));
                skipToEnd();
                return 1;
            }
        };
        ChannelFuture[] write = new ChannelFuture[1];
        lab.on(lab.clientGroup(), () -> write[0] = client.writeAndFlush(region));
        lab.settle();
        assertTrue(write[0].isSuccess(), () -> "" + write[0].cause());
        assertEquals("f", received.toString());
    }

    @Test
    void aFileThatIsShorterThanItsRegionSaysSo(@TempDir Path folder) throws IOException {
        connect(false, true);
        Path file = Files.write(folder.resolve("short"), new byte[100]);
        ChannelFuture[] write = new ChannelFuture[1];
        lab.on(lab.clientGroup(), () -> write[0] = client.writeAndFlush(new DefaultFileRegion(file.toFile(), 0, 200)));
        lab.settle();
        assertTrue(write[0].cause().getMessage().contains("Underlying file size 100"), () -> "" + write[0].cause());
    }
}
