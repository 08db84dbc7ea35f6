/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.PeerAuthorizationHandler;
import io.npipe.simulation.SimulatedWorld;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * What the handlers of a conversation do that no sane handler does, wherever they are called. A conversation's temper has
 * a taste of its own: a few acts that it does often, or all of them.
 */
final class Temper {

    /** In the text of each exception that a temper throws. */
    static final String MARK = "by a temper";

    /** What it may do. */
    enum Act {
        WRITE,
        FLUSH,
        WRITE_AND_FLUSH,
        WRITE_STUBBORNLY,
        WRITE_REGION,
        RELEASE_WRITTEN,
        REFUSE_MEMORY,
        CLOSE,
        DISCONNECT,
        CLOSE_FORCIBLY,
        READ,
        STOP_READING,
        READ_AGAIN,
        THROW_EXCEPTION,
        THROW_ERROR,
        FIRE_EVENT,
        FIRE_EXCEPTION,
        ADD_HANDLER,
        REMOVE_HANDLER,
        REPLACE_HANDLER,
        DEREGISTER,
        MOVE,
        REGISTER,
        CONNECT,
        BIND,
        CANCEL,
        SHUT_INPUT,
        SHUT_OUTPUT,
        SHUT_BOTH
    }

    private static final Set<Act> LEAVES_LOOP =
            EnumSet.of(Act.DEREGISTER, Act.MOVE, Act.REGISTER, Act.CLOSE_FORCIBLY, Act.SHUT_INPUT, Act.SHUT_BOTH);

    /** Thrown by a handler. */
    static final class TemperException extends RuntimeException {
        private static final long serialVersionUID = 1;

        TemperException(String where) {
            super("thrown " + MARK + " in " + where);
        }
    }

    /** Thrown by a handler. */
    static final class TemperError extends Error {
        private static final long serialVersionUID = 1;

        TemperError(String where) {
            super("thrown " + MARK + " in " + where);
        }
    }

    private final SimulatedWorld world;
    private final Random random;
    private final NamedPipeAddress[] addresses;
    private final List<EventLoop> loops = new ArrayList<>();
    private final List<Act> taste = new ArrayList<>();
    private final int chance;
    private int left;
    private int allocationsUntilRefusal;
    private boolean hasReleased;

    /** One that does nothing. */
    static final Temper MILD = new Temper(null, null);

    private Temper(SimulatedWorld world, Random random, NamedPipeAddress... addresses) {
        this.world = world;
        this.random = random;
        this.addresses = addresses;
        chance = 0;
    }

    /** Some temper or other; it connects and binds to the addresses, and registers with the loops. */
    Temper(SimulatedWorld world, Random random, List<EventLoop> loops, NamedPipeAddress... addresses) {
        this.world = world;
        this.random = random;
        this.addresses = addresses;
        this.loops.addAll(loops);
        this.loops.add(new DefaultEventLoop()); // incompatible; never started
        Act[] all = Act.values();
        if (random.nextInt(3) == 0) {
            taste.addAll(List.of(all));
        } else {
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                taste.add(all[random.nextInt(all.length)]);
            }
        }
        chance = 1 + random.nextInt(random.nextBoolean() ? 8 : 50);
        left = 1 + random.nextInt(random.nextBoolean() ? 4 : 60);
    }

    boolean isMild() {
        return this == MILD;
    }

    /** From now on it does nothing. */
    void calmDown() {
        left = 0;
        allocationsUntilRefusal = 0;
    }

    /** Whether a handler hears of something before this one acts on it. */
    boolean passesOnFirst() {
        return left > 0 && random.nextBoolean();
    }

    /** Whether it asks for data, or keeps it from being asked for, where a talker does not know of it. */
    boolean drivesReads() {
        return taste.contains(Act.READ) || taste.contains(Act.STOP_READING) || taste.contains(Act.READ_AGAIN);
    }

    /** Whether it cancels promises. */
    boolean cancels() {
        return taste.contains(Act.CANCEL);
    }

    /** Whether a buffer was released by somebody whose it was not. */
    boolean hasReleased() {
        return hasReleased;
    }

    /** The transport allocates a buffer. */
    void allocating() {
        if (allocationsUntilRefusal > 0 && --allocationsUntilRefusal == 0) {
            if (random.nextBoolean()) {
                throw new OutOfMemoryError("refused " + MARK);
            }
            throw new IllegalStateException("refused " + MARK);
        }
    }

    /** Whether an exception comes from a temper, or from what one has thrown. */
    static boolean hasProvoked(Throwable thrown) {
        for (Throwable one = thrown; one != null; one = one.getCause()) {
            if (one.getMessage() != null && one.getMessage().contains(MARK)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the transport got no memory: then it closes the channel. */
    static boolean hasRefused(Throwable thrown) {
        return hasProvoked(thrown) && String.valueOf(thrown.getMessage()).startsWith("refused");
    }

    /** Acts, or does not. Throws if that is what it does. */
    void act(Party party, ChannelHandlerContext ctx, String where) {
        if (left == 0 || random.nextInt(100) >= chance) {
            return;
        }
        left--;
        Act act = taste.get(random.nextInt(taste.size()));
        world.trace().add("temper " + act + " in " + where, party.id());
        party.mayEndBeforeActive();
        act(act, party, ctx, where);
    }

    private void act(Act act, Party party, ChannelHandlerContext ctx, String where) {
        Channel channel = ctx != null ? ctx.channel() : party.channel();
        if (LEAVES_LOOP.contains(act) && channel.eventLoop().isShuttingDown()) {
            return; // nobody could close it any more
        }
        Ledger promises = party.promises();
        switch (act) {
            case WRITE -> party.write(false);
            case FLUSH -> channel.flush();
            case WRITE_AND_FLUSH -> party.write(true);
            case WRITE_STUBBORNLY -> new StubbornWriter(world, party).write();
            case WRITE_REGION -> party.writeRegion();
            case RELEASE_WRITTEN -> releaseWritten(party);
            case REFUSE_MEMORY -> allocationsUntilRefusal = 1 + random.nextInt(3);
            case CLOSE -> {
                party.endedItself();
                channel.close(promises.promise(channel, "close"));
            }
            case DISCONNECT -> {
                party.endedItself();
                channel.disconnect(promises.promise(channel, "disconnect"));
            }
            case CLOSE_FORCIBLY -> closeForcibly(party, channel);
            case READ -> channel.read();
            case STOP_READING -> channel.config().setAutoRead(false);
            case READ_AGAIN -> channel.config().setAutoRead(true);
            case THROW_EXCEPTION -> throw new TemperException(where);
            case THROW_ERROR -> throw new TemperError(where);
            case FIRE_EVENT -> channel.pipeline().fireUserEventTriggered("an event");
            case FIRE_EXCEPTION -> channel.pipeline().fireExceptionCaught(new TemperException(where));
            case ADD_HANDLER -> addHandler(party, channel.pipeline());
            case REMOVE_HANDLER, REPLACE_HANDLER ->
                removeHandler(party, channel.pipeline(), act == Act.REPLACE_HANDLER);
            case DEREGISTER -> {
                leavesLoop(party);
                channel.deregister(promises.promise(channel, "deregister"));
            }
            case MOVE -> {
                leavesLoop(party);
                channel.deregister(promises.promise(channel, "deregister"))
                        .addListener(done -> register(party, channel));
            }
            case REGISTER -> register(party, channel);
            case CONNECT -> channel.connect(anAddress(), promises.promise(channel, "another connect"));
            case BIND -> channel.bind(anAddress(), promises.promise(channel, "another bind"));
            case CANCEL -> cancelOne(party);
            case SHUT_INPUT, SHUT_OUTPUT, SHUT_BOTH -> shutDown(act, party, channel);
        }
    }

    private NamedPipeAddress anAddress() {
        return addresses[random.nextInt(addresses.length)];
    }

    private static void leavesLoop(Party party) {
        party.endedItself();
        party.notToldOfEnd();
        party.abandoned();
    }

    private void register(Party party, Channel channel) {
        EventLoop loop = loops.get(random.nextInt(loops.size()));
        if (!loop.isShuttingDown()) {
            channel.unsafe().register(loop, party.promises().promise(channel, "another registration"));
        }
    }

    private static void closeForcibly(Party party, Channel channel) {
        if (channel.isRegistered() && channel.eventLoop().inEventLoop()) {
            leavesLoop(party);
            channel.unsafe().closeForcibly();
        }
    }

    private void releaseWritten(Party party) {
        ByteBuf written = party.takeWritten();
        if (written != null && written.refCnt() > 0) {
            hasReleased = true;
            written.release();
        }
    }

    private void addHandler(Party party, ChannelPipeline pipeline) {
        if (random.nextBoolean()) {
            pipeline.addFirst(new TemperedHandler(this, party));
        } else {
            pipeline.addLast(new TemperedHandler(this, party));
        }
    }

    private void removeHandler(Party party, ChannelPipeline pipeline, boolean replaced) {
        List<ChannelHandler> removable = new ArrayList<>();
        pipeline.forEach(entry -> {
            if (entry.getValue() instanceof TemperedHandler || entry.getValue() instanceof PeerAuthorizationHandler) {
                removable.add(entry.getValue());
            }
        });
        if (removable.isEmpty()) {
            return;
        }
        ChannelHandler chosen = removable.get(random.nextInt(removable.size()));
        if (chosen instanceof PeerAuthorizationHandler) {
            party.endedItself(); // if it has not decided yet
        }
        if (replaced) {
            pipeline.replace(chosen, null, new TemperedHandler(this, party));
        } else {
            pipeline.remove(chosen);
        }
    }

    private void cancelOne(Party party) {
        String cancelled = party.promises().cancelOne(random);
        if (cancelled != null && cancelled.contains("connect")) {
            party.endedItself();
        }
        if (cancelled != null && cancelled.contains("registration")) {
            party.abandoned();
        }
    }

    private static void shutDown(Act act, Party party, Channel channel) {
        if (!(channel instanceof DuplexChannel duplex)) {
            return;
        }
        if (act != Act.SHUT_OUTPUT) {
            party.endedItself();
            party.abandoned();
        }
        if (act != Act.SHUT_INPUT) {
            party.shutsOutputDown();
        }
        switch (act) {
            case SHUT_INPUT -> duplex.shutdownInput(party.promises().promise(channel, "shutdownInput"));
            case SHUT_OUTPUT -> duplex.shutdownOutput(party.promises().promise(channel, "shutdownOutput"));
            default -> duplex.shutdown(party.promises().promise(channel, "shutdown"));
        }
    }

    @Override
    public String toString() {
        return isMild() ? "mild" : "temper " + taste + " at " + chance + " %";
    }
}
