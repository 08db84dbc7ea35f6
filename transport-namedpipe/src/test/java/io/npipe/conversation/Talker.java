/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeException;
import io.npipe.simulation.SimulatedWorld;
import io.npipe.win32.Win32Error;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One end of a random conversation: sends a {@link Stream} in blocks of random sizes and in random ways, reads when it
 * feels like it, checks what it reads, and ends politely or badly.
 */
final class Talker extends ChannelInboundHandlerAdapter {

    private static final int UNKNOWN = -1;
    private static final Set<Integer> PEER_GONE =
            Set.of(Win32Error.ERROR_BROKEN_PIPE, Win32Error.ERROR_NO_DATA, Win32Error.ERROR_PIPE_NOT_CONNECTED);

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
    private final List<CheckedPromise> promises = new ArrayList<>();
    private final List<String> exceptions = new ArrayList<>();
    private Channel channel;
    private int blocksLeft;
    private long sent;
    private long succeeded;
    private boolean writeFailed;
    private boolean holed;
    private boolean active;
    private boolean inactive;
    private final List<Integer> written = new ArrayList<>();
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

    private boolean peerDisconnects;

    /** As in Netty: closeForcibly() tells nobody, and neither does a close after deregister(). */
    private boolean toldOfEnd = true;

    Talker(SimulatedWorld world, Random random, int id, boolean client, Ending ending, int blocks, boolean calm) {
        this.world = world;
        this.random = random;
        this.id = id;
        this.client = client;
        this.ending = ending;
        blocksLeft = blocks;
        this.calm = calm;
    }

    int peerId() {
        return peerId;
    }

    long received() {
        return received;
    }

    /** Position of the first byte that was not what the peer sends there, or -1. */
    long firstWrong() {
        return firstWrong;
    }

    /** The sizes of what it wrote, in order. */
    List<Integer> written() {
        return written;
    }

    /** The sizes of what it read, in order. */
    List<Integer> read() {
        return read;
    }

    /** Whether a write failed alone: it was reported, and what came after it may have been written. */
    boolean isHoled() {
        return holed;
    }

    long sent() {
        return sent;
    }

    /** Bytes of the writes whose promises succeeded. */
    long succeeded() {
        return succeeded;
    }

    List<String> exceptions() {
        return exceptions;
    }

    /** Whether it, and not its peer, is why it read no further. */
    boolean endedItself() {
        return endedItself;
    }

    Channel channel() {
        return channel;
    }

    CheckedPromise promise(String what) {
        CheckedPromise promise = new CheckedPromise(channel, what + " of talker " + id, text -> problem(text));
        promises.add(promise);
        return promise;
    }

    private void problem(String text) {
        world.rules().violated("talker " + id + ": " + text);
    }

    void channel(Channel newChannel) {
        channel = newChannel;
    }

    /** What is not as it should be when all is over. */
    void assertEnded() {
        for (CheckedPromise promise : promises) {
            if (!promise.isDone()) {
                problem(promise.what() + " is not done");
            }
        }
        if (channel != null && !channel.closeFuture().isDone()) {
            problem("the channel is not closed");
        }
        if (active != inactive && toldOfEnd) {
            problem("channelActive without channelInactive");
        }
    }

    /** From now on it reads all it gets, and goes on sending without pauses. Any thread. */
    void calmDown() {
        if (channel != null && channel.isRegistered() && !channel.eventLoop().isShuttingDown()) {
            channel.eventLoop().execute(() -> {
                calm = true;
                channel.config().setAutoRead(true);
                if (channel.isActive()) {
                    talk();
                }
            });
        }
    }

    // ---- sending ---------------------------------------------------------------------------------------------------

    private void talk() {
        while (blocksLeft > 0 && channel.isActive() && channel.isWritable()) {
            send();
            if (!calm && random.nextInt(3) == 0) {
                pause();
                return;
            }
        }
        channel.flush();
        if (blocksLeft == 0 && (ending == Ending.POLITE || (client && calm))) {
            blocksLeft = -1;
            channel.writeAndFlush(newBlock(1), write(1)).addListener(done -> end(Ending.CLOSE));
        }
    }

    private void pause() {
        feelLikeReading();
        if (random.nextBoolean()) {
            channel.eventLoop().schedule(this::talk, random.nextInt(3000), TimeUnit.MICROSECONDS);
        } else {
            channel.eventLoop().execute(this::talk);
        }
    }

    private void send() {
        blocksLeft--;
        int size = random.nextInt(20) == 0 ? random.nextInt(30_000) : random.nextInt(300);
        CheckedPromise promise = write(size);
        if (ending == Ending.BY_PROMISE && random.nextInt(8) == 0) {
            promise.addListener(done -> end(Ending.CLOSE));
        } else if (random.nextInt(6) == 0) {
            promise.addListener(done -> talk());
        }
        if (random.nextInt(3) == 0) {
            channel.write(newBlock(size), promise);
        } else {
            channel.writeAndFlush(newBlock(size), promise);
        }
    }

    private CheckedPromise write(int size) {
        CheckedPromise promise = promise("a write of " + size + " bytes");
        promise.addListener(done -> {
            if (done.cause() instanceof OutOfMemoryError) {
                holed = true; // the copy of one block failed, and the next may be written
                endedItself = true;
                channel.close();
            }
            if (done.cause() instanceof ChannelOutputShutdownException) {
                endedItself = true;
                channel.close(); // as Netty does it: the input stays open until the handlers say otherwise
            }
            if (done.cause() instanceof NamedPipeException failure && !PEER_GONE.contains(failure.code())) {
                endedItself = true; // that closes the channel
            }
            if (!done.isSuccess()) {
                writeFailed |= size > 0;
            } else if (writeFailed && !holed && size > 0) {
                problem("a write succeeded after one had failed");
            } else {
                succeeded += size;
            }
        });
        return promise;
    }

    private ByteBuf newBlock(int size) {
        return world.kernel().sparing(() -> block(size));
    }

    private ByteBuf block(int size) {
        written.add(size);
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = Stream.byteAt(id, sent++);
        }
        switch (random.nextInt(4)) {
            case 0 -> {
                return world.allocator().heapBuffer(Math.max(1, size)).writeBytes(bytes);
            }
            case 1 -> {
                int half = size / 2;
                CompositeByteBuf composite = world.allocator().compositeDirectBuffer();
                composite.addComponent(
                        true, world.allocator().directBuffer(half + 1).writeBytes(bytes, 0, half));
                composite.addComponent(
                        true, world.allocator().directBuffer(size - half + 1).writeBytes(bytes, half, size - half));
                return composite;
            }
            default -> {
                return world.allocator().directBuffer(Math.max(1, size)).writeBytes(bytes);
            }
        }
    }

    // ---- ending ----------------------------------------------------------------------------------------------------

    /** Its peer may disconnect it, which is reported as an exception. */
    void setPeerDisconnects() {
        peerDisconnects = true;
    }

    boolean mayCatchDisconnect() {
        return peerDisconnects;
    }

    /** Ends it so if that can be done. Any thread. */
    void endNow(Ending how) {
        if (channel != null && channel.isRegistered() && !channel.eventLoop().isShuttingDown()) {
            toldOfEnd = how != Ending.FORCIBLY && how != Ending.DEREGISTER;
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
        endedItself = true;
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

    /** Somebody else ended it: its loop, most likely. */
    void endedFromOutside() {
        endedItself = true;
    }

    // ---- what happens to it ----------------------------------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (active) {
            problem("channelActive twice");
        }
        active = true;
        trace("active", 0);
        ctx.fireChannelActive();
        talk();
        feelLikeReading();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (inactive || !active) {
            problem("channelInactive twice, or without channelActive");
        }
        inactive = true;
        trace("inactive", received);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        talk();
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
        if (!channel.config().isAutoRead() && !asked && askedByOthers == 0) {
            problem("channelRead without read()");
        }
        if (bytes.length > 0 && ((NamedPipeChannel) channel).peerCredentials() == null) {
            problem("channelRead of a peer that is not identified");
        }
        asked = false;
        read.add(bytes.length);
        for (byte value : bytes) {
            if (peerId == UNKNOWN) {
                peerId = value & 0xFF;
            }
            if (value != Stream.byteAt(peerId, received) && firstWrong < 0) {
                firstWrong = received;
            }
            received++;
        }
        if (ending == Ending.WITHIN_READ && random.nextInt(5) == 0) {
            end(random.nextBoolean() ? Ending.CLOSE : Ending.DISCONNECT);
        }
        if (random.nextInt(8) == 0) {
            talk();
        }
        feelLikeReading();
    }

    /** Sometimes it does not. */
    private void feelLikeReading() {
        if (calm || random.nextInt(12) != 0) {
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
        exceptions.add(cause.toString());
        endedItself = true; // whatever is lost has been reported
        trace("exception " + cause.getClass().getSimpleName(), 0);
        ctx.close();
    }

    private void trace(String what, long number) {
        world.trace().add("talker " + what, id, number);
    }

    @Override
    public String toString() {
        return (client ? "client " : "child ") + id + " " + ending + " sent " + sent + " succeeded " + succeeded
                + " received " + received + " of " + peerId + (endedItself ? " ended itself" : "");
    }

    ChannelFuture closeFuture() {
        return channel.closeFuture();
    }
}
