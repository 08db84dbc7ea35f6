/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import java.io.IOException;

/**
 * A security descriptor in native memory, with the {@code SECURITY_ATTRIBUTES} that hand it to {@code CreateNamedPipeW}.
 * Not thread-safe; freed once, by whoever made it. The kernel copies it during the call.
 */
public final class SecurityDescriptor {

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
                    text.address(), SecurityConstants.SDDL_REVISION_1, attributes.address(), 0);
            if (code != ERROR_SUCCESS) {
                attributes.free();
                throw new IOException("not a security descriptor: \"" + sddl + "\": " + win32.errorText(code) + " ("
                        + Win32Error.name(code) + ")");
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
