/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.util.IllegalReferenceCountException;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.NamedPipeException;
import io.npipe.channel.PipeAccess;
import io.npipe.channel.PipeDirection;
import io.npipe.channel.PipeMode;
import io.npipe.channel.SimulatedChannels;
import io.npipe.iocp.IocpHandlers;
import io.npipe.iocp.IocpIoHandlerOptions;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.simulation.SimulatedEventLoop;
import io.npipe.simulation.SimulatedLoops;
import io.npipe.simulation.SimulatedWorld;
import io.npipe.testkit.LogWatch;
import io.npipe.testkit.ObservedWin32;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A server and some clients on a simulated kernel, everything about them random: how the kernel behaves, what fails, the
 * options, what is said, and how each of them ends. The seed decides it all.
 *
 * <p>What must hold in the end: each byte arrived once and in order, or its loss was reported to either end; each promise
 * is done, and was completed once; nothing is left of handles, memory, registrations and threads.
 */
public final class Conversation implements AutoCloseable {

    /** Whether every second conversation has handlers with a temper: not part of the build yet, see docs/simulation.md. */
    private static final boolean TEMPERS = Boolean.getBoolean("npipe.tempers");

    private static final long MILLI = 1_000_000;
    private static final long CALM_AT = 400 * MILLI;
    private static final long OVER_AT = 60_000 * MILLI;
    private static final long MAX_STEPS = 2_000_000;
    private static final int FIRST_CHILD_ID = 100;
    static final int RAW_ID = 90;
    private static final int SERVER_ID = 80;
    private static final long FORGIVEN_AT = 20_000 * MILLI;
    private static final NamedPipeAddress RAW_ADDRESS = NamedPipeAddress.of("raw");

    private final Random random;
    private final boolean plain;
    private final boolean faulty;

    /** Whether the server's pipe is of messages. */
    private final boolean messages;

    private final PipeDirection direction;
    private final boolean halfCloses;
    private final Temper temper;
    private final LogWatch log = LogWatch.begin();
    private final SimulatedWorld world;
    private final SimulatedChannels channels;
    private final SimulatedLoops boss;
    private final SimulatedLoops workers;
    private final SimulatedLoops clientLoops;
    private final NamedPipeAddress address = NamedPipeAddress.of("conversation");
    private final Map<Integer, Talker> talkers = new HashMap<>();
    private final List<Talker> clients = new ArrayList<>();
    private final List<CheckedPromise> connects = new ArrayList<>();
    private final List<RawClient> rawClients = new ArrayList<>();
    private final List<String> serverExceptions = new ArrayList<>();
    private RawServer rawServer;
    private final ServerParty serverParty;
    private final ByteBufAllocator allocator;
    private Channel server;
    private boolean loopEndedEarly;
    private boolean serverEndedEarly;
    private boolean calm;
    private boolean over;
    private int childIds = FIRST_CHILD_ID;

    /** Everything may happen. */
    public Conversation(long seed) {
        this(seed, false, null);
    }

    /**
     * Two clients say little and end politely, beside a client and a server of other processes; only the kernel's freedom
     * and what the faults say is random.
     */
    static Conversation plain(long seed, Faults faults) {
        return new Conversation(seed, true, faults);
    }

    private Conversation(long seed, boolean plain, Faults given) {
        this.plain = plain;
        random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
        Chances chances = random.nextInt(5) == 0 ? Chances.NONE : Chances.random(random);
        Faults faults = given;
        if (faults == null) {
            faults = random.nextInt(3) == 0 ? Faults.random(random, 1 + random.nextInt(30)) : Faults.NONE;
        }
        boolean mild = plain || !TEMPERS || random.nextBoolean();
        if (!mild && random.nextInt(4) == 0) {
            chances = chances.restless();
        }
        if (!mild && random.nextInt(8) == 0) {
            faults = Faults.often(random, ObservedWin32.Call.ConnectNamedPipe, 30);
        }
        faulty = faults != Faults.NONE;
        world = new SimulatedWorld(random, chances, faults, random.nextInt(4) == 0);
        channels = SimulatedChannels.of(world, random);
        messages = random.nextInt(3) == 0;
        boss = loops("boss", 1);
        workers = random.nextInt(3) == 0 ? boss : loops("worker", 1 + random.nextInt(2));
        clientLoops = random.nextInt(4) == 0 ? boss : loops("client", 1 + random.nextInt(2));
        temper = mild ? Temper.MILD : new Temper(world, random, allLoops(), address, RAW_ADDRESS);
        direction = mild || random.nextInt(4) != 0 ? PipeDirection.DUPLEX : oneOf(PipeDirection.values());
        halfCloses = !mild && messages && random.nextBoolean();
        serverParty = new ServerParty();
        allocator = mild ? world.allocator() : world.allocator(temper::allocating);
    }

    private List<EventLoop> allLoops() {
        List<EventLoop> all = new ArrayList<>();
        for (SimulatedLoops loops : List.of(boss, workers, clientLoops)) {
            all.addAll(loops.all());
        }
        return all;
    }

    private SimulatedLoops loops(String name, int count) {
        return world.loops(name, count, new IocpIoHandlerOptions().completionsPerDequeue(oneOf(1, 2, 256)));
    }

    @SafeVarargs
    private <T> T oneOf(T... values) {
        return values[random.nextInt(values.length)];
    }

    /** Runs it to its end, and checks. */
    public void run() {
        begin();
        finish();
    }

    /** Runs it with an interference after so many steps. False if it was over before. */
    boolean run(long steps, Interference interference) {
        begin();
        for (long i = 0; i < steps; i++) {
            if (!world.step() || world.time().nanoTime() > CALM_AT) {
                return false;
            }
        }
        interfere(interference);
        finish();
        return true;
    }

    private void begin() {
        world.kernel().beginFailing();
        inLoop(boss, this::bind);
        int count = plain ? 2 : 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            int id = i;
            long at = random.nextInt(4) == 0 ? 0 : random.nextInt(20) * MILLI;
            world.later(at, () -> inLoop(clientLoops, () -> connect(id)));
        }
        startOthers();
        if (!plain) {
            planBadEnds();
        }
        world.later(CALM_AT, this::calmDown);
        world.later(FORGIVEN_AT, () -> talkers.values().forEach(Talker::forgive));
        world.later(OVER_AT, () -> {
            over = true;
            endAll();
        });
    }

    private void startOthers() {
        if (plain || random.nextInt(4) == 0) {
            RawClient raw = new RawClient(world, address, random, RAW_ID);
            rawClients.add(raw);
            world.later(random.nextInt(10) * MILLI, raw::start);
        }
        if (plain || random.nextInt(temper.isMild() ? 4 : 2) == 0) {
            rawServer = new RawServer(world, random, RAW_ID, !temper.isMild() && random.nextBoolean());
            rawServer.start(RAW_ADDRESS);
        }
    }

    private void finish() {
        // With a thread that has ended in the middle of something, nothing else may ever end.
        world.runUntil(MAX_STEPS, () -> over && world.hasEndedThread());
        check();
    }

    private void inLoop(SimulatedLoops loops, Runnable task) {
        SimulatedEventLoop loop = loops.all().get(0);
        if (!loop.isShuttingDown()) {
            loop.execute(task);
        }
    }

    // ---- its participants ------------------------------------------------------------------------------------------

    private void bind() {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(boss, workers)
                .channelFactory(channels::server)
                .option(NamedPipeChannelOption.LISTENING_INSTANCES, 1 + random.nextInt(3))
                .option(NamedPipeChannelOption.PIPE_TYPE, messages ? PipeMode.MESSAGE : PipeMode.BYTE)
                .option(ChannelOption.SO_RCVBUF, oneOf(0, 1, 7, 100, 4096, 65536))
                .option(ChannelOption.SO_SNDBUF, oneOf(0, 1, 7, 100, 4096, 65536))
                .option(NamedPipeChannelOption.DIRECTION, direction)
                .option(ChannelOption.ALLOCATOR, allocator)
                .handler(serverHandler())
                .childOption(ChannelOption.ALLOCATOR, allocator)
                .childOption(NamedPipeChannelOption.HALF_CLOSE, halfCloses)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, halfCloses && random.nextBoolean())
                .childOption(ChannelOption.WRITE_SPIN_COUNT, oneOf(1, 2, 16))
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, receiveAllocator())
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel child) {
                        initialise(child, child());
                    }
                });
        ChannelFuture bound = bootstrap.bind(address);
        server = bound.channel();
        serverParty.watch(bound);
    }

    private ChannelHandler serverHandler() {
        if (temper.isMild()) {
            return new ServerWatch();
        }
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel newServer) {
                server = newServer;
                newServer.pipeline().addLast(new ServerWatch(), new TemperedHandler(temper, serverParty));
            }
        };
    }

    /** With the handlers around it that make its temper. */
    private void initialise(Channel channel, Talker talker) {
        if (temper.isMild()) {
            channel.pipeline().addLast(talker);
            return;
        }
        talker.channel(channel);
        if (random.nextInt(6) == 0) {
            talker.setSullen();
            channel.config().setAutoRead(false);
        }
        if (random.nextInt(4) == 0) {
            Gate gate = new Gate(temper, random, talker);
            talker.setGate(gate);
            channel.pipeline().addLast(gate.handler(oneOf(5, 100, 30_000)));
        }
        if (random.nextBoolean()) {
            channel.pipeline().addLast(new TemperedHandler(temper, talker));
        }
        channel.pipeline().addLast(talker);
        if (random.nextBoolean()) {
            channel.pipeline().addLast(new TemperedHandler(temper, talker));
        }
    }

    private RecvByteBufAllocator receiveAllocator() {
        return random.nextBoolean()
                ? new FixedRecvByteBufAllocator(oneOf(1, 5, 64, 1024))
                : new AdaptiveRecvByteBufAllocator(16, 64, 8192);
    }

    private Talker child() {
        Talker.Ending ending = plain || random.nextBoolean() ? Talker.Ending.PATIENT : ending();
        boolean leads = direction == PipeDirection.SERVER_TO_CLIENT;
        int blocks = direction == PipeDirection.CLIENT_TO_SERVER ? Speaker.MUTE : blocks();
        Talker child = new Talker(world, random, temper, childIds++, false, ending, blocks, leads, calm);
        talkers.put(child.id, child);
        return child;
    }

    private Talker.Ending ending() {
        Talker.Ending[] all = Talker.Ending.values();
        return plain || random.nextBoolean() ? Talker.Ending.POLITE : all[random.nextInt(all.length)];
    }

    private int blocks() {
        return random.nextInt(plain ? 4 : 25);
    }

    private void connect(int id) {
        boolean leads = direction != PipeDirection.SERVER_TO_CLIENT;
        int blocks = leads ? blocks() : Speaker.MUTE;
        Talker talker = new Talker(world, random, temper, id, true, ending(), blocks, leads, calm);
        talkers.put(id, talker);
        clients.add(talker);
        Bootstrap bootstrap = new Bootstrap()
                .group(clientLoops)
                .channelFactory(channels::client)
                .option(ChannelOption.ALLOCATOR, allocator)
                .option(NamedPipeChannelOption.ACCESS, access())
                .option(NamedPipeChannelOption.HALF_CLOSE, halfCloses)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, halfCloses && random.nextBoolean())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, oneOf(0, 3, 50, 5000))
                .option(ChannelOption.WRITE_SPIN_COUNT, oneOf(1, 2, 16))
                .option(ChannelOption.RECVBUF_ALLOCATOR, receiveAllocator())
                .option(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(oneOf(10, 1000), oneOf(1000, 9000)))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        initialise(channel, talker);
                    }
                });
        ChannelFuture registered = bootstrap.register();
        Channel channel = registered.channel();
        talker.channel(channel);
        registered.addListener(done -> {
            if (done.isSuccess()) {
                connect(talker, channel);
            }
        });
    }

    private PipeAccess access() {
        return switch (direction) {
            case DUPLEX -> PipeAccess.READ_WRITE;
            case CLIENT_TO_SERVER -> PipeAccess.WRITE;
            case SERVER_TO_CLIENT -> PipeAccess.READ;
        };
    }

    private void connect(Talker talker, Channel channel) {
        CheckedPromise promise = talker.promise("connect");
        connects.add(promise);
        boolean toRaw = rawServer != null && random.nextInt(temper.isMild() ? 3 : 2) == 0;
        channel.connect(toRaw ? RAW_ADDRESS : address, promise);
        promise.addListener(done -> {
            if (!done.isSuccess()) {
                channel.close();
                if (!faulty && done.cause() instanceof NamedPipeException) {
                    world.rules().violated(talker + " could not connect: " + done.cause());
                }
            }
        });
        if (random.nextInt(10) == 0) {
            world.later(random.nextInt(5) * MILLI, () -> {
                if (promise.cancel(false)) {
                    talker.endedItself();
                }
            });
        }
    }

    /** The server, to a temper. */
    private final class ServerParty implements Party {

        private final Ledger promises =
                new Ledger("the server", text -> world.rules().violated(text), where -> temper.act(this, null, where));
        private boolean abandoned;

        void watch(ChannelFuture bound) {
            if (!temper.isMild()) {
                bound.addListener(done -> {
                    if (Ledger.isBug(done.cause())) {
                        world.rules().violated("bind failed with " + done.cause());
                    }
                });
                bound.addListener(done -> temper.act(this, null, "the promise of bind"));
                server.closeFuture().addListener(done -> temper.act(this, null, "closeFuture"));
            }
        }

        void closeIfAbandoned() {
            if (abandoned && !server.eventLoop().isShuttingDown()) {
                server.close(promises.promise(server, "close in the end"));
            }
        }

        @Override
        public int id() {
            return SERVER_ID;
        }

        @Override
        public Channel channel() {
            return server;
        }

        @Override
        public Ledger promises() {
            return promises;
        }

        @Override
        public void endedItself() {
            serverEndedEarly = true;
        }

        @Override
        public void mayEndBeforeActive() {
            serverEndedEarly = true;
        }

        @Override
        public void notToldOfEnd() {
            // nobody counts what it hears
        }

        @Override
        public void abandoned() {
            abandoned = true;
        }

        @Override
        public void shutsOutputDown() {
            // it has none
        }

        @Override
        public ChannelFuture write(boolean flushes) {
            ChannelPromise promise = promises.promise(server, "a write");
            return flushes
                    ? server.writeAndFlush(Unpooled.EMPTY_BUFFER, promise)
                    : server.write(Unpooled.EMPTY_BUFFER, promise);
        }

        @Override
        public void writeRegion() {
            write(true);
        }

        @Override
        public ByteBuf takeWritten() {
            return null;
        }
    }

    /** Watches the server channel. */
    private final class ServerWatch extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.fireChannelActive();
            if (random.nextInt(6) == 0) {
                ctx.channel().config().setAutoRead(false);
                world.later(random.nextInt(100) * MILLI, Conversation.this::acceptAgain);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!Temper.hasProvoked(cause)) {
                serverExceptions.add(cause.toString());
            }
            ctx.fireExceptionCaught(cause); // the acceptor pauses
        }
    }

    // ---- its course ------------------------------------------------------------------------------------------------

    private void planBadEnds() {
        world.later(
                random.nextInt(30) * MILLI, () -> List.copyOf(talkers.values()).forEach(this::perhapsEndBadly));
        world.later(
                random.nextInt(100) * MILLI, () -> List.copyOf(talkers.values()).forEach(this::perhapsEndBadly));
        if (random.nextInt(5) == 0) {
            world.later(random.nextInt(40) * MILLI, () -> endServer(random.nextInt(4) == 0));
        }
        if (random.nextInt(6) == 0) {
            SimulatedLoops unlucky = List.of(boss, workers, clientLoops).get(random.nextInt(3));
            world.later(random.nextInt(40) * MILLI, () -> endLoops(unlucky));
        }
    }

    /** Something happens to everybody of a kind. */
    enum Interference {
        CLIENTS_CLOSE,
        CLIENTS_CLOSE_FORCIBLY,
        CLIENTS_DEREGISTER,
        CHILDREN_CLOSE,
        CHILDREN_CLOSE_FORCIBLY,
        CHILDREN_DEREGISTER,
        CONNECTS_CANCELLED,
        OTHER_CLIENT_VANISHES,
        OTHER_SERVER_DISCONNECTS,
        OTHER_SERVER_VANISHES,
        SERVER_CLOSES,
        SERVER_CLOSES_FORCIBLY,
        BOSS_ENDS,
        WORKERS_END,
        CLIENT_LOOPS_END
    }

    private void interfere(Interference interference) {
        switch (interference) {
            case CLIENTS_CLOSE -> endAll(true, Talker.Ending.CLOSE);
            case CLIENTS_CLOSE_FORCIBLY -> endAll(true, Talker.Ending.FORCIBLY);
            case CLIENTS_DEREGISTER -> endAll(true, Talker.Ending.DEREGISTER);
            case CHILDREN_CLOSE -> endAll(false, Talker.Ending.CLOSE);
            case CHILDREN_CLOSE_FORCIBLY -> endAll(false, Talker.Ending.FORCIBLY);
            case CHILDREN_DEREGISTER -> endAll(false, Talker.Ending.DEREGISTER);
            case CONNECTS_CANCELLED -> connects.forEach(promise -> promise.cancel(false));
            case OTHER_CLIENT_VANISHES -> rawClients.forEach(RawClient::vanish);
            case OTHER_SERVER_DISCONNECTS -> rawServer.disconnect();
            case OTHER_SERVER_VANISHES -> rawServer.vanish();
            case SERVER_CLOSES -> endServer(false);
            case SERVER_CLOSES_FORCIBLY -> endServer(true);
            case BOSS_ENDS -> endLoops(boss);
            case WORKERS_END -> endLoops(workers);
            case CLIENT_LOOPS_END -> endLoops(clientLoops);
        }
    }

    private void endAll(boolean ofClients, Talker.Ending how) {
        for (Talker talker : List.copyOf(talkers.values())) {
            if (talker.client == ofClients) {
                talker.endNow(how);
            }
        }
    }

    private void endServer(boolean forcibly) {
        if (server == null || !server.isRegistered() || server.eventLoop().isShuttingDown()) {
            return;
        }
        serverEndedEarly = true;
        if (forcibly) {
            server.eventLoop().execute(() -> server.unsafe().closeForcibly());
        }
        server.close();
    }

    private void perhapsEndBadly(Talker talker) {
        if (random.nextBoolean()) {
            talker.endBadly();
        }
    }

    private void endLoops(SimulatedLoops loops) {
        loopEndedEarly = true;
        talkers.values().stream()
                .filter(talker -> talker.channel() != null)
                .filter(talker -> !talker.channel().isRegistered()
                        || loops.all().contains(talker.channel().eventLoop()))
                .forEach(Talker::endedItself);
        talkers.values().forEach(Talker::closeIfAbandoned);
        serverParty.closeIfAbandoned();
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS);
    }

    private void calmDown() {
        calm = true;
        temper.calmDown();
        serverParty.closeIfAbandoned();
        world.kernel().endFailing();
        acceptAgain();
        talkers.values().forEach(Talker::calmDown);
    }

    private void acceptAgain() {
        if (server != null && server.isRegistered() && !server.eventLoop().isShuttingDown()) {
            server.config().setAutoRead(true);
        }
    }

    /** By now all clients have said what they had to say, and everybody has learned of it. */
    private void endAll() {
        if (world.hasEndedThread()) {
            return; // what it had hangs for ever: the process is to be ended
        }
        for (Talker talker : clients) {
            if (talker.channel() == null || !talker.isOver()) {
                world.rules().violated("it hangs: " + talker);
            }
        }
        for (Talker talker : talkers.values()) {
            if (!talker.client && !talker.isOver()) {
                world.rules().violated("it hangs: " + talker);
            }
        }
        if (server != null && !loopEndedEarly) {
            server.close().addListener(done -> assertNoRegistrations());
        }
        for (SimulatedLoops loops : List.of(boss, workers, clientLoops)) {
            world.later(1000 * MILLI, () -> loops.shutdownGracefully(0, 10, TimeUnit.SECONDS));
        }
    }

    private void assertNoRegistrations() {
        world.later(500 * MILLI, () -> {
            for (SimulatedLoops loops : List.of(boss, workers, clientLoops)) {
                for (SimulatedEventLoop loop : loops.all()) {
                    if (IocpHandlers.registrations(loop.ioHandler()) != 0) {
                        world.rules().violated("a registration is left on loop " + loop.name());
                    }
                }
            }
        });
    }

    // ---- what must hold --------------------------------------------------------------------------------------------

    private void check() {
        if (world.hasEndedThread()) {
            world.rules().check(); // what it had is left as it was
            return;
        }
        rawClients.forEach(RawClient::freeMemory);
        if (rawServer != null) {
            rawServer.freeMemory();
        }
        world.assertNothingLeft();
        for (CheckedPromise connect : connects) {
            require(connect.isDone(), "a connect promise is not done");
        }
        for (Talker talker : talkers.values()) {
            talker.assertEnded();
            checkReceived(talker);
        }
        world.rules().check();
        require(
                log.problems().stream().noneMatch(problem -> problem.startsWith("error io.npipe")),
                "" + log.problems());
        require(
                log.problems().stream().noneMatch(problem -> problem.contains(NullPointerException.class.getName())),
                () -> "" + log.problems());
        if (!faulty) {
            log.problems().stream().filter(this::isUnexpected).findFirst().ifPresent(problem -> {
                throw new AssertionError("the log has " + problem);
            });
            require(serverExceptions.isEmpty(), "the server caught " + serverExceptions);
        }
    }

    private void checkReceived(Talker receiver) {
        if (!faulty) {
            require(
                    receiver.exceptions().stream().allMatch(this::isExpected),
                    receiver + " caught " + receiver.exceptions());
        }
        require(messages || !receiver.read().contains(0), receiver + " has read an empty buffer");
        Talker sender = talkers.get(receiver.peerId());
        if (!temper.isMild()) {
            if (sender != null) {
                checkBlocks(receiver, sender);
            }
            return;
        }
        if (talkers.values().stream().anyMatch(talker -> talker.speaker().isHoled())) {
            return; // even who it was is not known if its first block is missing
        }
        require(receiver.firstWrong() < 0, receiver + " received a wrong byte at " + receiver.firstWrong());
        if (sender == null) {
            return; // nothing came, or from another process
        }
        Speaker speaker = sender.speaker();
        if (messages) {
            int count = receiver.read().size();
            require(
                    count <= speaker.written().size()
                            && receiver.read().equals(speaker.written().subList(0, count)),
                    () -> receiver + " has read " + receiver.read() + " of " + speaker.written());
        }
        require(receiver.received() <= speaker.sent(), receiver + " received more than was sent by " + sender);
        require(
                receiver.hasEndedItself() || receiver.received() >= speaker.succeeded(),
                receiver + " has lost bytes of " + sender);
    }

    private void checkBlocks(Talker receiver, Talker sender) {
        if (receiver.hasEndedItself()) {
            return;
        }
        List<Blocks.Block> blocks = sender.speaker().blocks().all();
        for (int i = 0; i < blocks.size(); i++) {
            Blocks.Block block = blocks.get(i);
            int index = i;
            int received = receiver.blockReader().bytesOf(i, block.size);
            require(
                    !block.succeeded || received == block.size,
                    () -> receiver + " has lost block " + index + " of " + sender);
            require(
                    !block.endedEarly || received >= block.region.handedOver(),
                    () -> receiver + " has received " + received + " of the " + block.region.handedOver()
                            + " bytes that a region of " + sender + " had");
        }
    }

    /** What a talker may catch though nothing has failed. */
    private boolean isExpected(String exception) {
        return isEndWithinMessage(exception)
                || (temper.hasReleased() && exception.contains(IllegalReferenceCountException.class.getName()));
    }

    /** Netty logs what it cannot tell a loop that has ended. */
    private boolean isUnexpected(String problem) {
        if (problem.contains(" io.netty")
                && (problem.contains(Temper.MARK)
                        || (temper.hasReleased()
                                && problem.contains(IllegalReferenceCountException.class.getName())))) {
            return false;
        }
        if (problem.contains(" io.netty") && problem.contains(CancellationException.class.getName())) {
            return !temper.cancels();
        }
        return !loopEndedEarly
                || !problem.contains(" io.netty")
                || !(problem.contains(RejectedExecutionException.class.getName())
                        || problem.contains("IocpIoHandler is shutting down"));
    }

    /** Its peer has closed while a message was under way, of which a part had been read. */
    private boolean isEndWithinMessage(String exception) {
        return messages && exception.startsWith(CorruptedFrameException.class.getName());
    }

    private static void require(boolean holds, Supplier<String> what) {
        if (!holds) {
            throw new AssertionError(what.get());
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** What happened, for those who compare or explain it. */
    public SimulatedWorld world() {
        return world;
    }

    /** One line about what it was like. */
    @Override
    public String toString() {
        return talkers.values() + ", " + temper
                + (direction == PipeDirection.DUPLEX ? "" : ", " + direction)
                + (halfCloses ? ", half-closing" : "")
                + (messages ? ", messages" : "")
                + (faulty ? ", with faults" : "")
                + (serverEndedEarly ? ", server closed early" : "");
    }

    @Override
    public void close() {
        world.close();
        log.close();
    }
}
