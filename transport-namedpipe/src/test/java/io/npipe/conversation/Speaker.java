/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.npipe.channel.NamedPipeException;
import io.npipe.simulation.SimulatedWorld;
import io.npipe.win32.Win32Error;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The half of a {@link Talker} that writes: blocks of random sizes, in random ways. */
final class Speaker {

    private static final Set<Integer> PEER_GONE =
            Set.of(Win32Error.ERROR_BROKEN_PIPE, Win32Error.ERROR_NO_DATA, Win32Error.ERROR_PIPE_NOT_CONNECTED);
    private static final int NAG_MILLIS = 20;

    /** How many blocks somebody sends who can only read. */
    static final int MUTE = -1;

    private final SimulatedWorld world;
    private final Random random;
    private final Talker talker;
    private int blocksLeft;
    private long sent;
    private long succeeded;
    private boolean writeFailed;
    private boolean holed;
    private long peerGoneSince;
    private ByteBuf lastWritten;
    private final List<Integer> written = new ArrayList<>();

    /** It ends by itself when all has calmed down; so must one of the two. */
    private final boolean leads;

    /** Null if the conversation is mild: then it is a {@link Stream} without holes. */
    private final Blocks blocks;

    /** One that sends so many blocks; with {@link #MUTE} it cannot write. */
    Speaker(SimulatedWorld world, Random random, Talker talker, int blocksLeft, boolean leads, boolean mild) {
        this.world = world;
        this.random = random;
        this.talker = talker;
        this.blocksLeft = blocksLeft;
        this.leads = leads;
        blocks = mild ? null : new Blocks(talker.id);
    }

    /** The sizes of what it wrote, in order. */
    List<Integer> written() {
        return written;
    }

    /** What it wrote; null in a mild conversation. */
    Blocks blocks() {
        return blocks;
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

    /** When a write has first found the peer gone, 0 if none has. */
    long peerGoneSince() {
        return peerGoneSince;
    }

    private Channel channel() {
        return talker.channel();
    }

    void talk() {
        while (blocksLeft > 0 && channel().isActive() && channel().isWritable()) {
            send();
            if (!talker.isCalm() && random.nextInt(3) == 0) {
                pause();
                return;
            }
        }
        channel().flush();
        if (blocksLeft == 0 && (talker.ending == Talker.Ending.POLITE || (leads && talker.isCalm()))) {
            blocksLeft = -1;
            write(1, true).addListener(done -> talker.end(Talker.Ending.CLOSE));
        }
    }

    @Override
    public String toString() {
        if (blocks == null) {
            return "sent " + sent + " succeeded " + succeeded;
        }
        return "sent " + blocks.all().size() + " blocks, "
                + blocks.all().stream().filter(block -> block.succeeded).count() + " succeeded";
    }

    /** Writes a little now and then, until that shows that the peer is gone. */
    void nag() {
        if (channel().isActive() && peerGoneSince == 0) {
            write(1, true);
            if (!channel().eventLoop().isShuttingDown()) {
                channel().eventLoop().schedule(this::nag, NAG_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
    }

    private void pause() {
        talker.feelLikeReading();
        if (random.nextBoolean()) {
            channel().eventLoop().schedule(this::talk, random.nextInt(3000), TimeUnit.MICROSECONDS);
        } else {
            channel().eventLoop().execute(this::talk);
        }
    }

    private void send() {
        blocksLeft--;
        int size = random.nextInt(20) == 0 ? random.nextInt(30_000) : random.nextInt(300);
        ChannelFuture written = write(size, random.nextInt(3) != 0);
        if (talker.ending == Talker.Ending.BY_PROMISE && random.nextInt(8) == 0) {
            written.addListener(done -> talker.end(Talker.Ending.CLOSE));
        } else if (random.nextInt(6) == 0) {
            written.addListener(done -> talk());
        }
    }

    /** Writes the next block. */
    ChannelFuture write(int size, boolean flushes) {
        ByteBuf message = world.kernel().sparing(() -> buffer(next(size)));
        lastWritten = message;
        CheckedPromise promise = promise(message.readableBytes());
        return flushes ? channel().writeAndFlush(message, promise) : channel().write(message, promise);
    }

    /** Writes the next block as a region that is not what it says, perhaps. */
    void writeRegion() {
        HostileRegion.End[] ends = HostileRegion.End.values();
        byte[] bytes = next(1 + random.nextInt(random.nextBoolean() ? 300 : 100_000));
        HostileRegion region =
                new HostileRegion(bytes, 1 + random.nextInt(bytes.length), ends[random.nextInt(ends.length)]);
        blocks.last().region = region;
        channel().writeAndFlush(region, promise(bytes.length));
    }

    private byte[] next(int size) {
        if (blocks != null) {
            return size == 0 ? new byte[0] : blocks.next(size);
        }
        written.add(size);
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = Stream.byteAt(talker.id, sent++);
        }
        return bytes;
    }

    private ByteBuf buffer(byte[] bytes) {
        int size = bytes.length;
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

    /** The last buffer that it wrote, once. */
    ByteBuf takeLastWritten() {
        ByteBuf taken = lastWritten;
        lastWritten = null;
        return taken;
    }

    private CheckedPromise promise(int size) {
        CheckedPromise promise = talker.promise("a write of " + size + " bytes");
        if (blocks == null) {
            promise.addListener(done -> ended(size, done.cause()));
        } else if (size > 0) {
            Blocks.Block block = blocks.last();
            promise.addListener(done -> ended(block, done.cause()));
        }
        return promise;
    }

    /** The write of a block that others depend on. */
    private void ended(int size, Throwable cause) {
        if (cause instanceof OutOfMemoryError) {
            holed = true; // the copy of one block failed, and the next may be written
            talker.endedItself();
            channel().close();
        }
        if (cause instanceof ChannelOutputShutdownException) {
            talker.endedItself();
            channel().close(); // as Netty does it: the input stays open until the handlers say otherwise
        }
        if (cause instanceof NamedPipeException failure && !PEER_GONE.contains(failure.code())) {
            talker.endedItself(); // that closes the channel
        }
        if (cause != null) {
            writeFailed |= size > 0;
        } else if (writeFailed && !holed && size > 0) {
            talker.problem("a write succeeded after one had failed");
        } else {
            succeeded += size;
        }
    }

    /** The write of a block that stands for itself. */
    private void ended(Blocks.Block block, Throwable cause) {
        block.succeeded = cause == null;
        if (cause instanceof NamedPipeException failure) {
            if (!PEER_GONE.contains(failure.code())) {
                talker.endedItself(); // that closes the channel
            } else if (peerGoneSince == 0) {
                peerGoneSince = world.time().nanoTime();
            }
        }
        if (block.region != null && block.region.end() != HostileRegion.End.AS_SAID && isOf(block.region, cause)) {
            block.endedEarly = true;
            talker.endedItself(); // that closes the channel
        }
    }

    private static boolean isOf(HostileRegion region, Throwable cause) {
        return region.hasEnded()
                && (Temper.hasProvoked(cause) || String.valueOf(cause).contains("bytes early"));
    }
}
