/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import java.io.IOException;

/**
 * A security descriptor in native memory, with the {@code SECURITY_ATTRIBUTES} that hand it to {@code CreateNamedPipeW}.
 * Not thread-safe; freed once, by whoever made it. The kernel copies it during the call.
 */
public final class SecurityDescriptor {

    private static final int SDDL_REVISION_1 = 1;

    /** {@code FILE_ALL_ACCESS}: everything, including the right to create further instances. */
    private static final String FILE_ALL_ACCESS = "0x1f01ff";

    private final Win32 win32;
    private final long descriptor;
    private final NativeMemory attributes;

    private SecurityDescriptor(Win32 win32, long descriptor, NativeMemory attributes) {
        this.win32 = win32;
        this.descriptor = descriptor;
        this.attributes = attributes;
        SecurityAttributes.set(attributes.buffer(), 0, descriptor);
    }

    /**
     * Makes the descriptor that grants everything to the user of this process, elevated or not, and nothing to others.
     *
     * @param win32 seam
     * @return descriptor, to be freed by the caller
     * @throws IOException if Windows refuses
     */
    public static SecurityDescriptor currentUser(Win32 win32) throws IOException {
        return ofSddl(win32, "D:P(A;;" + FILE_ALL_ACCESS + ";;;" + win32.currentUserSid() + ")");
    }

    /**
     * Makes a descriptor from text.
     *
     * @param win32 seam
     * @param sddl security descriptor definition language
     * @return descriptor, to be freed by the caller
     * @throws IOException if Windows does not accept the text
     */
    public static SecurityDescriptor ofSddl(Win32 win32, String sddl) throws IOException {
        NativeMemory text = NativeMemory.ofWideString(sddl);
        try {
            // First the result, the address of the descriptor; then the attributes that hand it on.
            NativeMemory attributes = NativeMemory.allocate(SecurityAttributes.SIZE);
            int code = win32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                    text.address(), SDDL_REVISION_1, attributes.address(), 0);
            if (code != Win32Error.ERROR_SUCCESS) {
                attributes.free();
                throw new IOException("not a security descriptor: \"" + sddl + "\": " + win32.errorText(code));
            }
            return new SecurityDescriptor(win32, attributes.buffer().getLong(0), attributes);
        } finally {
            text.free();
        }
    }

    /**
     * Tells where the attributes are.
     *
     * @return address of a {@link SecurityAttributes}
     */
    public long attributesAddress() {
        return attributes.address();
    }

    /** Frees it. */
    public void free() {
        attributes.free();
        win32.LocalFree(descriptor);
    }
}
