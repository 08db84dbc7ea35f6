/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

/** Win32's own constants for tokens, access rights and security descriptors, under their own names. */
public final class SecurityConstants {

    /** {@code OpenThreadToken}: ask what a token says. */
    public static final int TOKEN_QUERY = 0x0008;

    /** {@code GetTokenInformation}, {@code TokenUser}: a {@code TOKEN_USER}, see {@link TokenUser}. */
    public static final int TOKEN_USER = 1;
    /** {@code GetTokenInformation}, {@code TokenImpersonationLevel}: a 32-bit {@code SECURITY_IMPERSONATION_LEVEL}. */
    public static final int TOKEN_IMPERSONATION_LEVEL = 9;

    /** {@code GetSecurityInfo}: pipes are kernel objects. */
    public static final int SE_KERNEL_OBJECT = 6;
    /** {@code GetSecurityInfo}: the owner. */
    public static final int OWNER_SECURITY_INFORMATION = 0x1;
    /** {@code GetSecurityInfo}: the discretionary access control list. */
    public static final int DACL_SECURITY_INFORMATION = 0x4;

    /** The revision of the text form of descriptors. */
    public static final int SDDL_REVISION_1 = 1;

    /** Everything, including the right to create further instances: what a server needs of its own pipe. */
    public static final int FILE_ALL_ACCESS = 0x1F01FF;
    /** The right to create a further instance of a pipe; {@code FILE_APPEND_DATA}, and so part of {@code GENERIC_WRITE}. */
    public static final int FILE_CREATE_PIPE_INSTANCE = 0x0004;
    /** What {@code GENERIC_READ} stands for. */
    public static final int FILE_GENERIC_READ = 0x120089;
    /** What {@code GENERIC_WRITE} stands for. */
    public static final int FILE_GENERIC_WRITE = 0x120116;

    private SecurityConstants() {}
}
