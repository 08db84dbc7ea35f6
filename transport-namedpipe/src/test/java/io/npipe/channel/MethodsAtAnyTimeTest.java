/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.npipe.iocp.IocpIoHandler;
import io.npipe.iocp.IocpIoHandlerOptions;
import io.npipe.testkit.HandleLedger;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.PipeLab;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every public method of a channel in every state, called from the event loop and from outside of it. The control is NIO over
 * TCP: what a method does there it does here, except for what is listed, with the reason.
 */
@Tag("any-jvm")
@Tag("not-on-wine-21") // NIO is the control
class MethodsAtAnyTimeTest {

    /** A future that is not done by then will not be. Nothing waits that long but what hangs. */
    private static final long PATIENCE_SECONDS = 600;

    private enum State {
        UNREGISTERED,
        REGISTERED,
        ACTIVE,
        CLOSED,
        CLOSED_UNCONNECTED,
        CLOSED_UNREGISTERED,
        DEREGISTERED,
        DEREGISTERED_UNCONNECTED,
        LOOP_ENDED;

        boolean hasLoop() {
            return this != UNREGISTERED && this != CLOSED_UNREGISTERED && this != LOOP_ENDED;
        }
    }

    @FunctionalInterface
    private interface Method {
        Object call(Channel channel) throws Exception;
    }

    @Sharable
    private static final class Silent extends ChannelInboundHandlerAdapter {}

    /** A transport with a server that accepts. */
    private static final class World implements AutoCloseable {

        private final EventLoopGroup group;
        private final EventLoopGroup other;
        private final Channel server;
        private final ChannelFactory<? extends Channel> clients;
        private final ChannelFactory<? extends io.netty.channel.ServerChannel> servers;
        private final boolean pipes;
        private final HandleLedger handles;

        World(boolean pipes) {
            this.pipes = pipes;
            handles = pipes ? new HandleLedger(Kernels.win32()) : null;
            group = new MultiThreadIoEventLoopGroup(1, handlers());
            other = new MultiThreadIoEventLoopGroup(1, handlers());
            clients = pipes ? Kernels.clients() : NioSocketChannel::new;
            servers = pipes ? Kernels.servers() : NioServerSocketChannel::new;
            server = bound();
        }

        private IoHandlerFactory handlers() {
            return pipes
                    ? IocpIoHandler.newFactory(new IocpIoHandlerOptions().win32(handles))
                    : NioIoHandler.newFactory();
        }

        SocketAddress freshAddress() {
            return pipes ? PipeLab.freshAddress() : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        }

        SocketAddress address() {
            return server.localAddress();
        }

        Channel bound() {
            return new ServerBootstrap()
                    .group(group, other)
                    .channelFactory(servers)
                    .childHandler(new Silent())
                    .bind(freshAddress())
                    .syncUninterruptibly()
                    .channel();
        }

        private Channel active(EventLoopGroup loops, boolean asServer) {
            return asServer
                    ? new ServerBootstrap()
                            .group(loops, other)
                            .channelFactory(servers)
                            .childHandler(new Silent())
                            .bind(freshAddress())
                            .syncUninterruptibly()
                            .channel()
                    : new Bootstrap()
                            .group(loops)
                            .channelFactory(clients)
                            .handler(new Silent())
                            .connect(address())
                            .syncUninterruptibly()
                            .channel();
        }

        Channel in(State state, boolean asServer) throws Exception {
            Channel fresh = asServer ? servers.newChannel() : clients.newChannel();
            switch (state) {
                case UNREGISTERED -> {}
                case REGISTERED -> group.register(fresh).sync();
                case CLOSED_UNCONNECTED -> {
                    group.register(fresh).sync();
                    fresh.close().sync();
                    for (int i = 0; i < 2; i++) {
                        fresh.eventLoop().submit(() -> {}).sync();
                    }
                }
                case CLOSED_UNREGISTERED -> fresh.unsafe().closeForcibly();
                case DEREGISTERED_UNCONNECTED -> {
                    group.register(fresh).sync();
                    fresh.deregister().sync();
                }
                default -> {
                    fresh.unsafe().closeForcibly();
                    return inActive(state, asServer);
                }
            }
            return fresh;
        }

        private Channel inActive(State state, boolean asServer) throws Exception {
            EventLoopGroup ending = state == State.LOOP_ENDED ? new MultiThreadIoEventLoopGroup(1, handlers()) : group;
            Channel channel = active(ending, asServer);
            switch (state) {
                case CLOSED -> channel.close().sync();
                case DEREGISTERED -> channel.deregister().sync();
                case LOOP_ENDED -> {
                    channel.close().sync(); // a loop that ends with it open may refuse to deregister it
                    ending.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
                }
                default -> {}
            }
            if (state != State.LOOP_ENDED) {
                for (int i = 0; i < 2; i++) { // it has been deregistered, and handlers have been told, by then
                    channel.eventLoop().submit(() -> {}).sync();
                }
            }
            return channel;
        }

        /** Whatever was done to it. */
        void dispose(Channel channel, State state) throws Exception {
            if (!channel.isOpen()) {
                return;
            }
            if (state.hasLoop()) {
                channel.close().sync();
            } else {
                channel.unsafe().closeForcibly();
            }
        }

        @Override
        public void close() {
            for (EventLoopGroup loops : new EventLoopGroup[] {group, other}) {
                loops.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
            }
            if (pipes) {
                handles.assertBalanced();
                Kernels.check();
            }
        }
    }

    private static String outcome(World world, State state, boolean asServer, Method method, boolean onLoop)
            throws Exception {
        Channel channel = world.in(state, asServer);
        try {
            Callable<Object> call = () -> method.call(channel);
            return described(
                    onLoop
                            ? channel.eventLoop()
                                    .submit(() -> caught(call))
                                    .sync()
                                    .getNow()
                            : caught(call));
        } finally {
            world.dispose(channel, state);
        }
    }

    private static Object caught(Callable<Object> call) {
        try {
            return call.call();
        } catch (Throwable t) {
            return "throws " + t.getClass().getSimpleName();
        }
    }

    private static String described(Object result) throws InterruptedException {
        if (result instanceof Future<?> future) {
            if (!future.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return "never done";
            }
            return future.isSuccess()
                    ? "done"
                    : "fails with " + future.cause().getClass().getSimpleName();
        }
        return result instanceof SocketAddress ? "an address" : String.valueOf(result);
    }

    private static Map<String, Method> commonMethods(World world) {
        Map<String, Method> methods = new LinkedHashMap<>();
        methods.put("isOpen", Channel::isOpen);
        methods.put("isRegistered", Channel::isRegistered);
        methods.put("isActive", Channel::isActive);
        methods.put("isWritable", Channel::isWritable);
        methods.put("bytesBeforeUnwritable", Channel::bytesBeforeUnwritable);
        methods.put("bytesBeforeWritable", Channel::bytesBeforeWritable);
        methods.put("localAddress", Channel::localAddress);
        methods.put("remoteAddress", Channel::remoteAddress);
        methods.put("eventLoop", channel -> channel.eventLoop() != null);
        methods.put("closeFuture", channel -> channel.closeFuture().isDone());
        methods.put("parent", Channel::parent);
        methods.put("alloc", channel -> channel.alloc() != null);
        methods.put("read", channel -> channel.read() == channel);
        methods.put("flush", channel -> channel.flush() == channel);
        methods.put("write", channel -> {
            ByteBuf message = Unpooled.buffer().writeZero(1);
            try {
                return channel.writeAndFlush(message);
            } catch (IllegalStateException e) { // no loop: nobody has taken it
                message.release(message.refCnt());
                throw e;
            }
        });
        methods.put("bind", channel -> channel.bind(world.freshAddress()));
        methods.put("connect", channel -> channel.connect(world.address()));
        methods.put("disconnect", Channel::disconnect);
        methods.put("close", Channel::close);
        methods.put("deregister", Channel::deregister);
        methods.put("voidPromise", channel -> channel.voidPromise() != null);
        methods.put("setAutoRead(false)", channel -> channel.config().setAutoRead(false) == channel.config());
        methods.put("setAutoRead(true)", channel -> {
            channel.config().setAutoRead(false);
            return channel.config().setAutoRead(true) == channel.config();
        });
        methods.put("setOption", channel -> channel.config().setOption(ChannelOption.WRITE_SPIN_COUNT, 3));
        methods.put("getOptions", channel -> !channel.config().getOptions().isEmpty());
        methods.put("toString", channel -> !channel.toString().isEmpty());
        methods.put("closeForcibly", channel -> {
            channel.unsafe().closeForcibly();
            return channel.isOpen();
        });
        return methods;
    }

    private static Map<String, Method> methods(World world, boolean asServer) {
        Map<String, Method> methods = commonMethods(world);
        if (asServer) {
            return methods;
        }
        methods.put("isInputShutdown", channel -> ((DuplexChannel) channel).isInputShutdown());
        methods.put("isOutputShutdown", channel -> ((DuplexChannel) channel).isOutputShutdown());
        methods.put("isShutdown", channel -> ((DuplexChannel) channel).isShutdown());
        methods.put("shutdownInput", channel -> ((DuplexChannel) channel).shutdownInput());
        methods.put("shutdownOutput", channel -> ((DuplexChannel) channel).shutdownOutput());
        methods.put("shutdown", channel -> ((DuplexChannel) channel).shutdown());
        return methods;
    }

    /** What is other here than over TCP, by method; the reason is beside it. */
    private static Map<String, String> differences(State state, boolean asServer) {
        Map<String, String> here = new HashMap<>();
        boolean connected = state == State.ACTIVE || state == State.DEREGISTERED;
        boolean closed =
                switch (state) {
                    case CLOSED, CLOSED_UNCONNECTED, CLOSED_UNREGISTERED, LOOP_ENDED -> true;
                    default -> false;
                };
        boolean deregistered = state == State.DEREGISTERED || state == State.DEREGISTERED_UNCONNECTED;
        if (closed) {
            here.put("getOptions", "true"); // sockets ask the system, which refuses
            here.put("closeForcibly", "false"); // AbstractNioChannel asserts that it was open
        }
        if (asServer) {
            if (state == State.CLOSED || state == State.CLOSED_UNCONNECTED) {
                here.put("connect", "fails with UnsupportedOperationException"); // as before the close
            }
            if (connected) {
                here.put("bind", "fails with IllegalStateException"); // with the name; NIO's subclass has no text
            }
        } else {
            if (!closed && state != State.UNREGISTERED) {
                here.put("bind", "fails with UnsupportedOperationException"); // a client has no address of its own
            }
            if (!closed && !connected) { // NIO: what is not connected is shut down; epoll, too, sees what was shut down
                for (String query : List.of("isInputShutdown", "isOutputShutdown", "isShutdown")) {
                    here.put(query, "false");
                }
            }
            if (connected) { // a byte pipe has no half-close
                here.put("shutdownOutput", "fails with UnsupportedOperationException");
                here.put("shutdown", "fails with UnsupportedOperationException");
            }
        }
        if (deregistered) { // NIO fails an assertion and never completes the promise
            here.put("write", "fails with " + (connected ? "NamedPipeException" : "NotYetConnectedException"));
            if (state == State.DEREGISTERED_UNCONNECTED) {
                here.put(asServer ? "bind" : "connect", "fails with IllegalStateException");
            }
            if (asServer) {
                here.put("write", "fails with UnsupportedOperationException");
            }
        }
        return here;
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void methodsDoWhatTheyDoOverTcp(State state) throws Exception {
        Map<String, String> found = new TreeMap<>();
        try (World pipes = new World(true);
                World tcp = new World(false)) {
            for (boolean asServer : new boolean[] {false, true}) {
                Map<String, String> differences = differences(state, asServer);
                for (boolean onLoop : state.hasLoop() ? new boolean[] {false, true} : new boolean[] {false}) {
                    Map<String, Method> here = methods(pipes, asServer);
                    Map<String, Method> there = methods(tcp, asServer);
                    for (String name : here.keySet()) {
                        String mine = outcome(pipes, state, asServer, here.get(name), onLoop);
                        String expected = differences.get(name);
                        if (expected == null) {
                            expected = outcome(tcp, state, asServer, there.get(name), onLoop);
                        }
                        if (!mine.equals(expected)) {
                            found.put(
                                    (asServer ? "server " : "client ") + name + (onLoop ? " on the loop" : ""),
                                    mine + " instead of " + expected);
                        }
                    }
                }
            }
        }
        assertEquals(Map.of(), found);
    }

    // ---- what only pipes have --------------------------------------------------------------------------------------

    private static Map<String, Method> pipeMethods(Executor executor) {
        Map<String, Method> methods = new LinkedHashMap<>();
        methods.put("peerCredentials", channel -> ((NamedPipeChannel) channel).peerCredentials() != null);
        methods.put("pipeType", channel -> ((NamedPipeChannel) channel).pipeType());
        methods.put("readMode", channel -> ((NamedPipeChannel) channel).readMode());
        methods.put("impersonate", channel -> ((NamedPipeChannel) channel).impersonate(() -> 1, executor));
        methods.put(
                "impersonate at any level", channel -> ((NamedPipeChannel) channel).impersonate(level -> 1, executor));
        methods.put("impersonate nowhere", channel -> ((NamedPipeChannel) channel).impersonate(() -> 1, task -> {
            throw new RejectedExecutionException();
        }));
        methods.put(
                "getReadMode", channel -> ((NamedPipeChannel) channel).config().getReadMode());
        methods.put("setReadMode", channel -> ((NamedPipeChannel) channel)
                .config()
                .setReadMode(PipeMode.BYTE)
                .getReadMode());
        methods.put("setWaitForServer", channel -> ((NamedPipeChannel) channel)
                .config()
                .setWaitForServer(true)
                .isWaitForServer());
        methods.put("setMaxMessageSize", channel -> ((NamedPipeChannel) channel)
                .config()
                .setMaxMessageSize(7)
                .getMaxMessageSize());
        methods.put(
                "setHalfClose",
                channel ->
                        ((NamedPipeChannel) channel).config().setHalfClose(true).isHalfClose());
        return methods;
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void whatOnlyPipesHaveAnswersInEveryState(State state) throws Exception {
        boolean wasConnected = state == State.ACTIVE
                || state == State.DEREGISTERED
                || state == State.CLOSED
                || state == State.LOOP_ENDED;
        String type = wasConnected ? "BYTE" : "null";
        String refused = wasConnected ? "throws IllegalStateException" : "true";
        Map<String, String> expected = new HashMap<>();
        expected.put("peerCredentials", String.valueOf(wasConnected));
        expected.put("pipeType", type);
        expected.put("readMode", type);
        for (String impersonate : List.of("impersonate", "impersonate at any level", "impersonate nowhere")) {
            expected.put(impersonate, "fails with UnsupportedOperationException"); // a client's end
        }
        expected.put("getReadMode", "null");
        expected.put("setReadMode", wasConnected ? refused : "BYTE");
        expected.put("setWaitForServer", refused);
        expected.put("setMaxMessageSize", "7");
        expected.put("setHalfClose", "true");
        Map<String, String> found = new TreeMap<>();
        EventExecutorGroup blocking = new DefaultEventExecutorGroup(1);
        try (World pipes = new World(true)) {
            for (boolean onLoop : state.hasLoop() ? new boolean[] {false, true} : new boolean[] {false}) {
                for (Map.Entry<String, Method> method : pipeMethods(blocking).entrySet()) {
                    String mine = outcome(pipes, state, false, method.getValue(), onLoop);
                    if (!mine.equals(expected.get(method.getKey()))) {
                        found.put(method.getKey() + (onLoop ? " on the loop" : ""), mine);
                    }
                }
            }
        }
        blocking.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        assertEquals(Map.of(), found);
    }

    /** A child, from another executor than its own. */
    @Test
    void aChildActsAsItsClientOnlyWhileItIsConnected() throws Exception {
        EventExecutorGroup blocking = new DefaultEventExecutorGroup(1);
        Inbox accepted = new Inbox();
        try (PipeLab lab = new PipeLab()) {
            lab.bind(() -> accepted);
            Channel client = lab.client(new Inbox())
                    .option(NamedPipeChannelOption.IMPERSONATION_LEVEL, ImpersonationLevel.IMPERSONATION)
                    .connect(lab.address())
                    .sync()
                    .channel();
            NamedPipeChannel child = (NamedPipeChannel) accepted.awaitActive();
            client.writeAndFlush(Unpooled.buffer().writeZero(1));
            accepted.awaitBytes(1);
            assertEquals("done", described(child.impersonate(() -> 1, blocking)));
            assertEquals("fails with RejectedExecutionException", described(child.impersonate(() -> 1, task -> {
                throw new RejectedExecutionException();
            })));
            assertEquals(
                    "fails with IllegalStateException",
                    described(child.eventLoop()
                            .submit(() -> child.impersonate(() -> 1, child.eventLoop()))
                            .sync()
                            .getNow()));
            child.close().sync();
            assertEquals("fails with ClosedChannelException", described(child.impersonate(() -> 1, blocking)));
            assertEquals(PipeMode.BYTE, child.pipeType());
        } finally {
            blocking.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        }
    }

    /** While it waits for its server: what was not connected yet answers as if it were registered. */
    @Test
    void whatConnectsAnswersAsWhatDoesNot() throws Exception {
        Map<String, String> found = new TreeMap<>();
        Map<String, String> exceptions = Map.of(
                "connect", "fails with ConnectionPendingException",
                "disconnect", "done",
                "close", "done",
                "setWaitForServer", "throws IllegalStateException",
                "setReadMode", "throws IllegalStateException");
        EventExecutorGroup blocking = new DefaultEventExecutorGroup(1);
        try (World pipes = new World(true)) {
            Map<String, Method> methods = methods(pipes, false);
            methods.remove("deregister"); // ends the attempt, with the registration that it waits on
            methods.putAll(pipeMethods(blocking));
            for (Map.Entry<String, Method> method : methods.entrySet()) {
                Method whileConnecting = channel -> {
                    channel.config().setOption(NamedPipeChannelOption.WAIT_FOR_SERVER, true);
                    channel.connect(pipes.freshAddress());
                    return method.getValue().call(channel);
                };
                String mine = outcome(pipes, State.REGISTERED, false, whileConnecting, true);
                String expected = exceptions.get(method.getKey());
                if (expected == null) {
                    expected = outcome(pipes, State.REGISTERED, false, method.getValue(), true);
                }
                if (!mine.equals(expected)) {
                    found.put(method.getKey(), mine + " instead of " + expected);
                }
            }
        }
        blocking.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        assertEquals(Map.of(), found);
    }
}
