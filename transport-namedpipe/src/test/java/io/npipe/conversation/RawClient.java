/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import static io.npipe.win32.PipeConstants.FILE_FLAG_OVERLAPPED;
import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static io.npipe.win32.PipeConstants.OPEN_EXISTING;

import io.npipe.channel.NamedPipeAddress;
import io.npipe.simulation.SimulatedWorld;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Another process that opens the pipe, perhaps writes, and crashes. */
final class RawClient {

    private final SimulatedWorld world;
    private final NamedPipeAddress address;
    private final Random random;
    private final int id;
    private final List<NativeMemory> memory = new ArrayList<>();
    private long handle;
    private long position;
    private boolean gone;

    RawClient(SimulatedWorld world, NamedPipeAddress address, Random random, int id) {
        this.world = world;
        this.address = address;
        this.random = random;
        this.id = id;
    }

    /** Opens the pipe, and goes on until it crashes at some moment. */
    void start() {
        world.kernel().sparing(() -> {
            open();
            return null;
        });
    }

    private void open() {
        NativeMemory path = NativeMemory.ofWideString(address.path());
        handle = world.kernel()
                .CreateFileW(
                        path.address(), GENERIC_READ | GENERIC_WRITE, 0, 0, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, 0);
        path.free();
        gone = handle < 0;
        next();
    }

    private void next() {
        world.later(1 + random.nextInt(2_000_000), () -> {
            if (gone) {
                return;
            }
            if (random.nextInt(3) == 0) {
                vanish();
            } else {
                if (random.nextBoolean()) {
                    world.kernel().sparing(() -> write(random.nextInt(500)));
                }
                next();
            }
        });
    }

    /** It crashes. */
    void vanish() {
        if (!gone && handle > 0) {
            gone = true;
            world.kernel().vanish(handle);
        }
    }

    private int write(int size) {
        if (!memory.isEmpty()) {
            return 0; // the first may be under way
        }
        NativeMemory data = NativeMemory.allocate(Math.max(1, size));
        NativeMemory overlapped = NativeMemory.allocate(Overlapped.SIZE);
        memory.add(data);
        memory.add(overlapped);
        for (int i = 0; i < size; i++) {
            data.buffer().put(i, Stream.byteAt(id, position++));
        }
        return world.kernel().WriteFile(handle, data.address(), size, 0, overlapped.address());
    }

    void freeMemory() {
        memory.forEach(NativeMemory::free);
    }
}
