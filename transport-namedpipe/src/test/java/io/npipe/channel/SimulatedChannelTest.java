/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_NO_SYSTEM_RESOURCES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.npipe.iocp.IocpHandlers;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.testkit.SimulatedPipeLab;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client's channel on the simulated kernel: what happens when a certain call fails, and what its methods answer. */
@Tag("any-jvm")
class SimulatedChannelTest {

    private final List<Object> events = new ArrayList<>();
    private final StringBuilder received = new StringBuilder();
    private Channel child;
    private int unregistered;

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

    private final class Events extends ChannelInboundHandlerAdapter {

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            events.add("inactive");
        }

        @Override
        public void channelUnregistered(ChannelHandlerContext ctx) {
            unregistered++;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            events.add(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            events.add(cause);
        }
    }

    /** The next call of a kind fails. */
    private static final class Next implements Faults {

        private Call call;

        @Override
        public int next(Call next) {
            if (next != call) {
                return 0;
            }
            call = null;
            return ERROR_NO_SYSTEM_RESOURCES;
        }
    }

    private NamedPipeChannel connect(SimulatedPipeLab lab) {
        lab.bind(Child::new);
        return (NamedPipeChannel) lab.connect(new Events());
    }

    private static ByteBuf ascii(SimulatedPipeLab lab, String text) {
        return lab.world().allocator().directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @EnumSource(
            value = Call.class,
            names = {"CreateFileW", "SetFileCompletionNotificationModes", "CreateIoCompletionPort"})
    void aConnectOfWhichACallFailsFailsAndCloses(Call call) {
        Next fault = new Next();
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, fault)) {
            lab.bind(Child::new);
            fault.call = call;
            lab.world().kernel().beginFailing();
            ChannelFuture[] connect = new ChannelFuture[1];
            lab.on(
                    lab.clientGroup(),
                    () -> connect[0] = lab.client(new Events()).connect(lab.address()));

            lab.settle();

            assertTrue(
                    connect[0].cause().toString().contains("ERROR_NO_SYSTEM_RESOURCES"),
                    connect[0].cause().toString());
            assertTrue(connect[0].channel().closeFuture().isDone());
        }
    }

    @Test
    void aConnectThatIsCancelledBeforeItBeginsClosesTheChannel() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            lab.bind(Child::new);
            ChannelFuture[] connect = new ChannelFuture[1];
            lab.on(lab.clientGroup(), () -> {
                Channel client = lab.client(new Events()).register().channel();
                connect[0] = client.connect(lab.address());
                connect[0].cancel(false);
            });

            lab.settle();

            assertTrue(connect[0].isCancelled());
            assertTrue(connect[0].channel().closeFuture().isDone());
        }
    }

    @Test
    void aReadThatFailsIsCaughtAndCloses() {
        Next fault = new Next();
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, fault)) {
            Channel client = connect(lab);
            lab.world().kernel().beginFailing();
            fault.call = Call.ReadFile;
            child.writeAndFlush(ascii(lab, "one"));
            lab.settle();

            NamedPipeException failure = assertInstanceOf(NamedPipeException.class, events.get(0));
            assertTrue(failure.getMessage().contains("ReadFile"), failure.getMessage());
            assertEquals("inactive", events.get(1));
            assertTrue(client.closeFuture().isDone());
        }
    }

    @Test
    void aWriteThatFailsFailsItsPromiseAndCloses() {
        Next fault = new Next();
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, fault)) {
            Channel client = connect(lab);
            lab.world().kernel().beginFailing();
            fault.call = Call.WriteFile;

            ChannelFuture write = client.writeAndFlush(ascii(lab, "lost"));
            lab.settle();

            assertInstanceOf(NamedPipeException.class, write.cause());
            assertTrue(client.closeFuture().isDone());
            assertEquals("", received.toString());
        }
    }

    @Test
    void withoutAutoCloseAWriteThatFailsShutsTheOutputAndReadingGoesOn() {
        Next fault = new Next();
        try (SimulatedPipeLab lab = new SimulatedPipeLab(1, Chances.NONE, fault)) {
            NamedPipeChannel client = connect(lab);
            client.config().setAutoClose(false);
            lab.world().kernel().beginFailing();
            fault.call = Call.WriteFile;
            ChannelFuture write = client.writeAndFlush(ascii(lab, "lost"));
            lab.settle();
            assertFalse(write.isSuccess());
            assertTrue(client.isActive());

            lab.on(lab.clientGroup(), client::shutdownInput);
            lab.settle();

            assertTrue(client.closeFuture().isDone(), "neither direction is left");
        }
    }

    @Test
    void inputIsShutDownFromAnyThread() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            NamedPipeChannel client = connect(lab);
            assertFalse(client.isInputShutdown());
            assertFalse(client.isShutdown());

            ChannelFuture shutdown = client.shutdownInput();
            lab.settle();

            assertTrue(shutdown.isSuccess());
            assertTrue(client.isInputShutdown());
            assertFalse(client.isOutputShutdown());
            assertFalse(client.isShutdown());
            assertEquals(List.of(ChannelInputShutdownEvent.INSTANCE), events);
            client.close();
            lab.settle();
            assertTrue(client.isOutputShutdown());
            assertTrue(client.isShutdown());
        }
    }

    /** A direct buffer is written from where it is, another one from a copy. */
    @Test
    void onlyHeapBuffersAreCopied() throws Exception {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            NamedPipeChannel client = connect(lab);
            ByteBuf direct = ascii(lab, "direct ");
            ByteBuf heap = UnpooledByteBufAllocator.DEFAULT
                    .heapBuffer()
                    .writeBytes("heap".getBytes(StandardCharsets.US_ASCII));

            assertEquals(direct, client.filterOutboundMessage(direct));
            ByteBuf copy = (ByteBuf) client.filterOutboundMessage(heap.retain());
            assertTrue(copy.isDirect());
            assertEquals(heap, copy);
            assertEquals(1, heap.refCnt(), "the copy takes its place");
            heap.release();
            lab.on(lab.clientGroup(), () -> {
                client.write(direct);
                client.writeAndFlush(copy);
            });
            lab.settle();

            assertEquals("direct heap", received.toString());
        }
    }

    @Test
    void aDeregisteredChannelDeliversNothing() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            Channel client = connect(lab);
            lab.on(lab.serverGroup(), () -> child.config().setOption(ChannelOption.AUTO_READ, true));
            lab.on(lab.serverGroup(), child::deregister);
            lab.settle();

            client.writeAndFlush(ascii(lab, "for nobody"));
            lab.settle();

            assertEquals("", received.toString());
            child.close();
            lab.settle();
            assertTrue(client.closeFuture().isDone());
        }
    }

    @Test
    void aPipeHasNoHalfCloseOfItsOwn() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            NamedPipeChannel client = connect(lab);
            List<ChannelFuture> all = List.of(
                    client.shutdownOutput(),
                    client.shutdownOutput(client.newPromise()),
                    client.shutdown(),
                    client.shutdown(client.newPromise()));
            lab.settle();
            for (ChannelFuture refused : all) {
                assertInstanceOf(UnsupportedOperationException.class, refused.cause());
            }
            assertTrue(client.isActive());
        }
    }

    @Test
    void nothingCanBeShutDownBeforeTheConnectionOrAfterTheClose() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            NamedPipeChannel client =
                    (NamedPipeChannel) lab.client(new Events()).register().channel();
            lab.settle();
            List<ChannelFuture> early = List.of(client.shutdownInput(), client.shutdownOutput(), client.shutdown());
            lab.settle();
            for (ChannelFuture refused : early) {
                assertInstanceOf(NotYetConnectedException.class, refused.cause());
            }
            assertNull(client.localAddress());
            assertNull(client.remoteAddress());

            lab.on(lab.clientGroup(), client::close);
            lab.settle();
            List<ChannelFuture> late = List.of(client.shutdownInput(), client.shutdownOutput(), client.shutdown());
            lab.settle();
            for (ChannelFuture refused : late) {
                assertInstanceOf(ClosedChannelException.class, refused.cause());
            }
        }
    }

    @Test
    void closingForciblyCancelsWhatIsUnderWayAndLeavesTheLoop() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            Channel client = connect(lab);
            lab.on(lab.clientGroup(), () -> client.unsafe().closeForcibly());
            lab.settle();
            assertFalse(child.isOpen(), "the handle is closed: the peer sees it");
            assertEquals(
                    0, IocpHandlers.registrations(lab.clientGroup().all().get(0).ioHandler()));
        }
    }

    @Test
    void disconnectingIsClosing() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            Channel client = connect(lab);
            lab.on(lab.clientGroup(), () -> client.unsafe()
                    .disconnect(client.unsafe().voidPromise()));
            lab.settle();
            assertFalse(client.isOpen());
            assertFalse(child.isOpen());
        }
    }

    @Test
    void onlyLoopsWithAPortServePipes() {
        EventLoopGroup others = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        try {
            ChannelFuture registration =
                    others.register(SimulatedChannels.withThreads().client());
            assertInstanceOf(
                    IllegalStateException.class,
                    registration.awaitUninterruptibly().cause());
        } finally {
            others.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aLoopThatEndsTellsTheHandlersOnce(int quietMillis) {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            connect(lab);
            lab.clientGroup().shutdownGracefully(quietMillis, 1000, TimeUnit.MILLISECONDS);
            lab.settle();
            assertEquals(List.of("inactive"), events);
            assertEquals(1, unregistered);
        }
    }

    /** It is what the loop's log messages name. */
    @Test
    void theLoopsHandleIsCalledAsItsChannel() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            Channel client = connect(lab);
            assertEquals(client.toString(), client.unsafe().toString());
        }
    }

    @Test
    void connectIsRefusedWithAReason() {
        try (SimulatedPipeLab lab = new SimulatedPipeLab()) {
            Channel client = connect(lab);
            ChannelFuture again = client.connect(lab.address());
            lab.settle();
            assertInstanceOf(AlreadyConnectedException.class, again.cause());

            List<ChannelFuture> connects = new ArrayList<>();
            lab.on(lab.clientGroup(), () -> {
                Channel other = lab.client(new Events()).register().channel();
                connects.add(other.connect(LocalAddress.ANY));
                connects.add(other.connect(lab.address(), lab.address()));
                connects.add(other.connect(lab.address()));
                connects.add(other.connect(lab.address()));
                connects.add(other.bind(lab.address()));
            });
            lab.settle();
            assertInstanceOf(
                    UnsupportedAddressTypeException.class, connects.get(0).cause());
            assertInstanceOf(
                    UnsupportedOperationException.class, connects.get(1).cause());
            assertTrue(connects.get(2).isSuccess());
            assertInstanceOf(ConnectionPendingException.class, connects.get(3).cause());
            assertInstanceOf(
                    UnsupportedOperationException.class, connects.get(4).cause());
        }
    }
}
