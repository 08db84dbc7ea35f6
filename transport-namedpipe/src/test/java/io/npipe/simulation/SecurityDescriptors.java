/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.Win32Error.ERROR_INVALID_ACL;
import static io.npipe.win32.Win32Error.ERROR_INVALID_HANDLE;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.npipe.testkit.NativeText;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.SecurityConstants;
import io.npipe.win32.Sid;
import java.util.HashMap;
import java.util.Map;

/** The security descriptors, and their texts, that were allocated and not freed. */
final class SecurityDescriptors {

    private static final int DESCRIPTOR_OFFSET = 8;
    private static final int INHERIT_OFFSET = 16;
    private static final int ERROR_UNKNOWN_REVISION = 1305;

    private final Memory memory;
    private final CallerRules rules;
    private final Map<Long, AccessList> accessLists = new HashMap<>();
    private final Map<Long, NativeMemory> blocks = new HashMap<>();

    SecurityDescriptors(Memory memory, CallerRules rules) {
        this.memory = memory;
        this.rules = rules;
    }

    private long keep(NativeMemory block) {
        blocks.put(block.address(), block);
        return block.address();
    }

    /** Makes one from the SDDL at the first address and writes its address to the second. */
    int parse(long text, int revision, long result) {
        if (revision != SecurityConstants.SDDL_REVISION_1) {
            return ERROR_UNKNOWN_REVISION;
        }
        AccessList list = AccessList.parse(NativeText.wide(text));
        if (list == null) {
            return ERROR_INVALID_ACL;
        }
        long address = keep(NativeMemory.allocate(Long.BYTES));
        accessLists.put(address, list);
        memory.putLong(result, address);
        return ERROR_SUCCESS;
    }

    /** Makes a copy of a pipe's, whose first bytes are the owner's SID. */
    void copy(AccessList list, long ownerResult, long result) {
        long address = keep(Sid.allocate(list.owner()));
        accessLists.put(address, list);
        if (ownerResult != 0) {
            memory.putLong(ownerResult, address);
        }
        memory.putLong(result, address);
    }

    /** Makes the text of one. */
    int format(long descriptor, int revision, int information, long result) {
        AccessList list = accessLists.get(descriptor);
        if (list == null) {
            rules.violated("the text of a security descriptor that does not exist (any more)");
        }
        if (revision != SecurityConstants.SDDL_REVISION_1) {
            return ERROR_UNKNOWN_REVISION;
        }
        boolean withOwner = (information & SecurityConstants.OWNER_SECURITY_INFORMATION) != 0;
        boolean withDacl = (information & SecurityConstants.DACL_SECURITY_INFORMATION) != 0;
        memory.putLong(result, keep(NativeMemory.ofWideString(list.text(withOwner, withDacl))));
        return ERROR_SUCCESS;
    }

    int free(long address) {
        accessLists.remove(address);
        NativeMemory block = blocks.remove(address);
        if (block == null) {
            rules.violated("LocalFree of what was not allocated, or was freed before");
            return ERROR_INVALID_HANDLE;
        }
        block.free();
        return ERROR_SUCCESS;
    }

    /** What {@code SECURITY_ATTRIBUTES} ask for; null for the default. */
    AccessList accessList(long securityAttributes) {
        if (memory.getInt(securityAttributes + INHERIT_OFFSET) != 0) {
            rules.violated("a handle that child processes would inherit");
        }
        long descriptor = memory.getLong(securityAttributes + DESCRIPTOR_OFFSET);
        AccessList list = accessLists.get(descriptor);
        if (list == null && descriptor != 0) {
            rules.violated("a security descriptor that does not exist (any more)");
        }
        return list;
    }
}
