/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import static io.npipe.win32.PipeConstants.FILE_FLAG_OVERLAPPED;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_BYTE;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.npipe.channel.NamedPipeAddress;
import io.npipe.simulation.SimulatedWorld;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Another process that has a pipe with one instance, reads and writes a little, disconnects its clients, and crashes. */
final class RawServer {

    private static final int BUFFER = 4000;
    private static final int MAX_TURNS = 600;

    private final SimulatedWorld world;
    private final Random random;
    private final int id;
    private final List<NativeMemory> memory = new ArrayList<>();
    private NativeMemory listen;
    private long handle;
    private final boolean impatient;
    private boolean gone;
    private int turns = MAX_TURNS;
    private int reads;
    private int writes;

    /** One that is impatient disconnects each client at once, or almost, and listens again. */
    RawServer(SimulatedWorld world, Random random, int id, boolean impatient) {
        this.world = world;
        this.random = random;
        this.id = id;
        this.impatient = impatient;
    }

    void start(NamedPipeAddress address) {
        world.kernel().sparing(() -> {
            NativeMemory path = NativeMemory.ofWideString(address.path());
            handle = world.kernel()
                    .CreateNamedPipeW(
                            path.address(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, 1, 50, 50, 0, 0);
            path.free();
            listen = allocate(Overlapped.SIZE);
            return world.kernel().ConnectNamedPipe(handle, listen.address());
        });
        next();
    }

    private NativeMemory allocate(int size) {
        NativeMemory block = NativeMemory.allocate(size);
        memory.add(block);
        return block;
    }

    private void next() {
        if (impatient && turns-- > 0) {
            world.later(random.nextBoolean() ? 0 : random.nextInt(200_000), () -> {
                if (!gone) {
                    if (world.kernel().DisconnectNamedPipe(handle) == ERROR_SUCCESS) {
                        world.kernel().sparing(() -> world.kernel()
                                .ConnectNamedPipe(
                                        handle, allocate(Overlapped.SIZE).address()));
                    }
                    next();
                }
            });
            return;
        }
        world.later(1 + random.nextInt(4_000_000), () -> {
            if (gone) {
                return;
            }
            switch (random.nextInt(8)) {
                case 0 -> {
                    disconnect();
                    next();
                }
                case 1 -> vanish();
                default -> {
                    world.kernel().sparing(this::transfer);
                    next();
                }
            }
        });
    }

    /** It cuts its client off, if it has one. */
    void disconnect() {
        if (!gone) {
            world.kernel().DisconnectNamedPipe(handle);
        }
    }

    /** It crashes. */
    void vanish() {
        if (!gone) {
            gone = true;
            world.kernel().vanish(handle);
        }
    }

    /** One read and one write in all: they may be under way until the end. */
    private int transfer() {
        NativeMemory buffer = allocate(BUFFER);
        if (random.nextBoolean() && reads++ == 0) {
            return world.kernel()
                    .ReadFile(
                            handle,
                            buffer.address(),
                            BUFFER,
                            0,
                            allocate(Overlapped.SIZE).address());
        }
        if (writes++ == 0) {
            int size = 1 + random.nextInt(200);
            for (int i = 0; i < size; i++) {
                buffer.buffer().put(i, Stream.byteAt(id, i));
            }
            return world.kernel()
                    .WriteFile(
                            handle,
                            buffer.address(),
                            size,
                            0,
                            allocate(Overlapped.SIZE).address());
        }
        return 0;
    }

    void freeMemory() {
        memory.forEach(NativeMemory::free);
    }
}
