/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import com.sun.jna.Pointer;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.win32.NativeMemory;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * The caller's memory, as the kernel sees it: addresses. Keeps the books of what is allocated, and of what belongs to an
 * operation under way.
 */
final class Memory implements NativeMemory.Observer {

    private final CallerRules rules;
    private final BooleanSupplier failsAllocation;
    private final TreeMap<Long, Integer> allocated = new TreeMap<>();
    private final TreeMap<Long, Claim> claims = new TreeMap<>();
    private boolean checksAllocation;

    private record Claim(int size, String owner) {}

    Memory(CallerRules rules, BooleanSupplier failsAllocation) {
        this.rules = rules;
        this.failsAllocation = failsAllocation;
    }

    /** From now on memory must be allocated through {@link NativeMemory} to be used. */
    void checkAllocation() {
        checksAllocation = true;
    }

    // ---- what is allocated -----------------------------------------------------------------------------------------

    @Override
    public void allocating(int size) {
        if (failsAllocation.getAsBoolean()) {
            throw new OutOfMemoryError("simulated");
        }
    }

    @Override
    public void allocated(long address, int size) {
        allocated.put(address, size);
    }

    @Override
    public void freeing(long address) {
        Integer size = allocated.remove(address);
        if (size == null) {
            rules.violated("memory is freed that was not allocated, or was freed before");
            throw new AssertionError("not freed: it was not allocated");
        }
        Claim claim = claimOverlapping(address, size);
        if (claim != null) {
            rules.violated("memory is freed that belongs to " + claim.owner);
            throw new AssertionError("not freed: it belongs to the kernel"); // which would write to it all the same
        }
    }

    Map<Long, Integer> allocated() {
        return allocated;
    }

    void requireAllocated(long address, long size, Call call) {
        if (!checksAllocation || size == 0) {
            return;
        }
        Map.Entry<Long, Integer> block = allocated.floorEntry(address);
        if (block == null || address + size > block.getKey() + block.getValue()) {
            rules.violated(call + " is given memory that is not allocated");
        }
    }

    // ---- what the kernel owns --------------------------------------------------------------------------------------

    private Claim claimOverlapping(long address, int size) {
        Map.Entry<Long, Claim> before = claims.lowerEntry(address + Math.max(1, size));
        return before != null && before.getKey() + before.getValue().size > address ? before.getValue() : null;
    }

    void claim(long address, int size, String owner) {
        if (size == 0) {
            return;
        }
        Claim other = claimOverlapping(address, size);
        if (other != null) {
            rules.violated("memory of " + other.owner + " is used again by " + owner);
        }
        claims.put(address, new Claim(size, owner));
    }

    void unclaim(long address, int size) {
        if (size != 0) {
            claims.remove(address);
        }
    }

    // ---- access ----------------------------------------------------------------------------------------------------

    byte[] read(long address, int length) {
        byte[] bytes = new byte[length];
        if (length > 0) {
            new Pointer(address).read(0, bytes, 0, length);
        }
        return bytes;
    }

    void write(long address, byte[] bytes, int length) {
        if (length > 0) {
            new Pointer(address).write(0, bytes, 0, length);
        }
    }

    void putInt(long address, int value) {
        if (address != 0) {
            new Pointer(address).setInt(0, value);
        }
    }

    int getInt(long address) {
        return new Pointer(address).getInt(0);
    }

    void putLong(long address, long value) {
        new Pointer(address).setLong(0, value);
    }

    long getLong(long address) {
        return new Pointer(address).getLong(0);
    }
}
