/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.simulation.SimulatedWorld;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * One end of a random conversation: sends with its {@link Speaker}, reads when it feels like it, checks what it reads, and
 * ends politely or badly.
 */
final class Talker extends ChannelInboundHandlerAdapter implements Party {

    private static final int UNKNOWN = -1;
    private static final long MAX_HALF_DEAD = 2_000_000_000;

    /** How it ends. */
    enum Ending {
        /** When everything was sent; the peer's close at the latest. */
        POLITE,
        /** Only when the peer does. */
        PATIENT,
        /** At some moment, by close(). */
        CLOSE,
        /** At some moment, by disconnect(). */
        DISCONNECT,
        /** At some moment, by closeForcibly() on its loop, as Netty does after a failed registration. */
        FORCIBLY,
        /** At some moment, by deregister() and close(). */
        DEREGISTER,
        /** By the listener of a write's promise. */
        BY_PROMISE,
        /** Within channelRead. */
        WITHIN_READ
    }

    final int id;
    final boolean client;
    final Ending ending;

    private final SimulatedWorld world;
    private final Random random;
    private final Temper temper;
    private final Ledger promises;
    private final Speaker speaker;
    private final List<String> exceptions = new ArrayList<>();
    private Channel channel;
    private boolean active;
    private boolean inactive;
    private final List<Integer> read = new ArrayList<>();
    private int peerId = UNKNOWN;
    private long received;
    private long firstWrong = -1;
    private boolean endedItself;
    private boolean calm;

    /** With auto-read off: whether one channelRead may come. */
    private boolean asked;

    /** Those on another thread whose read() has not reached the loop yet. */
    private int askedByOthers;

    /** As in Netty: closeForcibly() tells nobody, and neither does a close after deregister(). */
    private boolean toldOfEnd = true;

    // ---- only if there is a temper ----

    /** Null in a mild conversation. */
    private final BlockReader blockReader;

    /** It never reads by itself, also when it has calmed down: it only writes. */
    private boolean sullen;

    private boolean endedBeforeActive;
    private boolean abandoned;
    private boolean shutsOutputDown;
    private Gate gate;

    /** What it had read when it was made to read at last, after writing had found its peer gone. */
    private long receivedWhenForgiven = UNKNOWN;

    Talker(
            SimulatedWorld world,
            Random random,
            Temper temper,
            int id,
            boolean client,
            Ending ending,
            int blocks,
            boolean leads,
            boolean calm) {
        this.world = world;
        this.random = random;
        this.temper = temper;
        this.id = id;
        this.client = client;
        this.ending = ending;
        this.calm = calm;
        promises = new Ledger("talker " + id, this::problem, where -> temper.act(this, null, where));
        speaker = new Speaker(world, random, this, blocks, leads, temper.isMild());
        blockReader = temper.isMild() ? null : new BlockReader(this::problem);
    }

    void setSullen() {
        sullen = true;
    }

    void setGate(Gate newGate) {
        gate = newGate;
        promises.mayFailAgain(); // with the connection, and with the handler
    }

    int peerId() {
        return blockReader != null ? blockReader.peerId() : peerId;
    }

    long received() {
        return received;
    }

    /** Position of the first byte that was not what the peer sends there, or -1. */
    long firstWrong() {
        return firstWrong;
    }

    /** The sizes of what it read, in order. */
    List<Integer> read() {
        return read;
    }

    BlockReader blockReader() {
        return blockReader;
    }

    Speaker speaker() {
        return speaker;
    }

    List<String> exceptions() {
        return exceptions;
    }

    /** Whether it, and not its peer, is why it read no further. */
    boolean hasEndedItself() {
        return endedItself || (gate != null && !gate.hasAllowed());
    }

    boolean isCalm() {
        return calm;
    }

    CheckedPromise promise(String what) {
        return promises.promise(channel, what);
    }

    void problem(String text) {
        world.rules().violated("talker " + id + ": " + text);
    }

    void channel(Channel newChannel) {
        if (channel == null) {
            channel = newChannel;
            channel.closeFuture().addListener(closed -> temper.act(this, null, "closeFuture"));
        }
    }

    /** Whether nobody could close it any more after it had been given up: its loop had ended by then. */
    private boolean isBeyondReach() {
        return abandoned && channel.eventLoop().isShuttingDown();
    }

    /** Whether it has ended as far as anybody can see to it. */
    boolean isOver() {
        return channel == null || channel.closeFuture().isDone() || isBeyondReach();
    }

    /** What is not as it should be when all is over. */
    void assertEnded() {
        if (!isOver()) {
            problem("the channel is not closed");
        }
        if (channel != null && isBeyondReach()) {
            return;
        }
        promises.checkDone();
        if (active && !inactive && toldOfEnd) {
            problem("channelActive without channelInactive");
        }
        if (receivedWhenForgiven == received && exceptions.isEmpty() && !abandoned && toldOfEnd) {
            problem("the channel was forgotten: writing had found the peer gone, and nothing was left to read");
        }
    }

    /** From now on it reads all it gets, and goes on sending without pauses. Any thread. */
    void calmDown() {
        if (closeIfAbandoned()) {
            return;
        }
        if (channel != null && channel.isRegistered() && !channel.eventLoop().isShuttingDown()) {
            channel.eventLoop().execute(() -> {
                calm = true;
                if (!sullen) {
                    channel.config().setAutoRead(true);
                }
                if (channel.isActive()) {
                    speaker.talk();
                    if (sullen) {
                        speaker.nag();
                    }
                }
            });
        }
    }

    /** Does what an application must do before its loop ends: nobody else will close it. Any thread. */
    boolean closeIfAbandoned() {
        if (!abandoned || channel == null) {
            return false;
        }
        if (!channel.eventLoop().isShuttingDown()) {
            channel.close(promise("close in the end"));
        }
        return true;
    }

    /** Makes it read at last, if it is sullen. Any thread. */
    void forgive() {
        if (sullen && channel != null && channel.isOpen() && channel.isRegistered()) {
            long since = speaker.peerGoneSince();
            if (since != 0 && world.time().nanoTime() - since > MAX_HALF_DEAD && channel.isActive()) {
                receivedWhenForgiven = received;
            }
            if (!channel.eventLoop().isShuttingDown()) {
                channel.config().setAutoRead(true);
            }
        }
    }

    // ---- a party ---------------------------------------------------------------------------------------------------

    @Override
    public int id() {
        return id;
    }

    @Override
    public Channel channel() {
        return channel;
    }

    @Override
    public Ledger promises() {
        return promises;
    }

    @Override
    public void endedItself() {
        endedItself = true;
        mayEndBeforeActive();
    }

    @Override
    public void mayEndBeforeActive() {
        endedBeforeActive |= !active;
    }

    @Override
    public void notToldOfEnd() {
        toldOfEnd = false;
    }

    @Override
    public void abandoned() {
        abandoned = true;
        if (calm) {
            world.later(1, this::calmDown);
        }
    }

    @Override
    public void shutsOutputDown() {
        shutsOutputDown = true;
    }

    @Override
    public ChannelFuture write(boolean flushes) {
        return speaker.write(random.nextInt(10) == 0 ? random.nextInt(30_000) : random.nextInt(300), flushes);
    }

    @Override
    public void writeRegion() {
        speaker.writeRegion();
    }

    @Override
    public ByteBuf takeWritten() {
        return speaker.takeLastWritten();
    }

    // ---- ending ----------------------------------------------------------------------------------------------------

    /** Ends it so if that can be done. Any thread. */
    void endNow(Ending how) {
        if (channel != null && channel.isRegistered() && !channel.eventLoop().isShuttingDown()) {
            toldOfEnd &= how != Ending.FORCIBLY && how != Ending.DEREGISTER;
            end(how);
        }
    }

    /** Ends it badly, at the moment that somebody chose. Any thread. */
    void endBadly() {
        boolean bad = ending != Ending.POLITE && ending != Ending.PATIENT;
        if (bad) {
            endNow(ending);
        }
    }

    /** Ends it. Any thread. */
    void end(Ending how) {
        endedItself();
        switch (how) {
            case DISCONNECT -> channel.disconnect(promise("disconnect"));
            case FORCIBLY -> {
                if (channel.isRegistered()) {
                    channel.eventLoop().execute(() -> channel.unsafe().closeForcibly());
                }
                channel.close(promise("close after closeForcibly"));
            }
            case DEREGISTER -> {
                channel.deregister(promise("deregister"));
                channel.close(promise("close after deregister"));
            }
            default -> channel.close(promise("close"));
        }
    }

    // ---- what happens to it ----------------------------------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel(ctx.channel());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (active || (inactive && !endedBeforeActive)) {
            problem("channelActive twice, or after channelInactive");
        }
        requireLetIn("channelActive");
        active = true;
        trace("active", 0);
        ctx.fireChannelActive();
        speaker.talk();
        feelLikeReading();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (inactive || (!active && !endedBeforeActive)) {
            problem("channelInactive twice, or without channelActive");
        }
        inactive = true;
        trace("inactive", received);
        ctx.fireChannelInactive();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        speaker.talk();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf data = (ByteBuf) message;
        byte[] bytes = new byte[data.readableBytes()];
        data.readBytes(bytes).release();
        trace("read", bytes.length);
        if (inactive) {
            problem("channelRead after channelInactive");
        }
        requireLetIn("channelRead");
        if (!channel.config().isAutoRead() && !asked && askedByOthers == 0 && gate == null && !temper.drivesReads()) {
            problem("channelRead without read()");
        }
        if (bytes.length > 0 && ((NamedPipeChannel) channel).peerCredentials() == null) {
            problem("channelRead of a peer that is not identified");
        }
        asked = false;
        read.add(bytes.length);
        if (blockReader == null) {
            readStream(bytes);
        } else {
            blockReader.read(bytes, Conversation.RAW_ID);
            received += bytes.length;
        }
        if (ending == Ending.WITHIN_READ && random.nextInt(5) == 0) {
            end(random.nextBoolean() ? Ending.CLOSE : Ending.DISCONNECT);
        }
        if (random.nextInt(8) == 0) {
            speaker.talk();
        }
        feelLikeReading();
    }

    private void readStream(byte[] bytes) {
        for (byte value : bytes) {
            if (peerId == UNKNOWN) {
                peerId = value & 0xFF;
            }
            if (value != Stream.byteAt(peerId, received) && firstWrong < 0) {
                firstWrong = received;
            }
            received++;
        }
    }

    private void requireLetIn(String what) {
        if (gate != null && !gate.hasAllowed()) {
            problem(what + ", and the peer was not let in");
        }
    }

    /** Sometimes it does not. */
    void feelLikeReading() {
        if (calm || sullen || random.nextInt(12) != 0) {
            return;
        }
        asked &= !channel.config().isAutoRead(); // what read() asked for, and nothing has revoked, still comes
        channel.config().setAutoRead(false);
        Runnable again = () -> {
            asked = true;
            if (random.nextBoolean()) {
                channel.config().setAutoRead(true);
            } else {
                channel.read(); // once; the rest waits until it calms down
            }
        };
        if (random.nextBoolean()) {
            channel.eventLoop().schedule(again, random.nextInt(5000), TimeUnit.MICROSECONDS);
        } else {
            world.later(
                    random.nextInt(5_000_000),
                    () -> { // from another thread
                        if (!channel.eventLoop().isShuttingDown()) {
                            askedByOthers++;
                            again.run();
                            channel.eventLoop().execute(() -> {
                                askedByOthers--;
                                asked = true;
                            });
                        }
                    });
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        trace("exception " + cause.getClass().getSimpleName(), 0);
        if (Ledger.isBug(cause)) {
            problem("has caught " + cause + Arrays.toString(cause.getStackTrace()));
        }
        boolean provoked = Temper.hasProvoked(cause);
        if (!provoked) {
            exceptions.add(cause.toString());
        } else if (!Temper.hasRefused(cause) && random.nextBoolean()) {
            return;
        }
        endedItself(); // whatever is lost has been reported
        ctx.close();
    }

    /** Whoever has shut the output down: if it was not this end, the channel must not live on for long. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelOutputShutdownEvent && !shutsOutputDown && blockReader != null) {
            trace("output shut down", 0);
            world.later(MAX_HALF_DEAD, () -> {
                if (channel.isActive()
                        && channel.isRegistered()
                        && !channel.eventLoop().isShuttingDown()) {
                    problem("its output was shut down by a failure, and two seconds later it is still active");
                }
            });
        }
        ctx.fireUserEventTriggered(event);
    }

    private void trace(String what, long number) {
        world.trace().add("talker " + what, id, number);
    }

    @Override
    public String toString() {
        return (client ? "client " : "child ") + id + " " + ending + " " + speaker + " received " + received + " of "
                + peerId() + (sullen ? " sullen" : "") + (gate != null ? " gated" : "")
                + (endedItself ? " ended itself" : "");
    }
}
