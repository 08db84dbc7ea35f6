/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.Win32Error.ERROR_INVALID_HANDLE;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.npipe.testkit.NativeText;
import io.npipe.win32.NativeMemory;
import java.util.HashMap;
import java.util.Map;

/** The security descriptors that were made from text and not freed. */
final class SecurityDescriptors {

    private static final int DESCRIPTOR_OFFSET = 8;
    private static final int INHERIT_OFFSET = 16;
    private static final int ERROR_INVALID_ACL = 1336;

    private final Memory memory;
    private final CallerRules rules;
    private final Map<Long, AccessList> accessLists = new HashMap<>();
    private final Map<Long, NativeMemory> blocks = new HashMap<>();

    SecurityDescriptors(Memory memory, CallerRules rules) {
        this.memory = memory;
        this.rules = rules;
    }

    /** Makes one from the SDDL at the first address and writes its address to the second. */
    int parse(long text, long result) {
        AccessList list = AccessList.parse(NativeText.wide(text));
        if (list == null) {
            return ERROR_INVALID_ACL;
        }
        NativeMemory block = NativeMemory.allocate(Long.BYTES);
        accessLists.put(block.address(), list);
        blocks.put(block.address(), block);
        memory.putLong(result, block.address());
        return ERROR_SUCCESS;
    }

    int free(long descriptor) {
        accessLists.remove(descriptor);
        NativeMemory block = blocks.remove(descriptor);
        if (block == null) {
            rules.violated("LocalFree of what was not allocated, or was freed before");
            return ERROR_INVALID_HANDLE;
        }
        block.free();
        return ERROR_SUCCESS;
    }

    /** What {@code SECURITY_ATTRIBUTES} ask for. */
    AccessList accessList(long securityAttributes) {
        if (memory.getInt(securityAttributes + INHERIT_OFFSET) != 0) {
            rules.violated("a handle that child processes would inherit");
        }
        AccessList list = accessLists.get(memory.getLong(securityAttributes + DESCRIPTOR_OFFSET));
        if (list == null) {
            rules.violated("a security descriptor that does not exist (any more)");
        }
        return list;
    }
}
