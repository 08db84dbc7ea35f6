/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import com.sun.jna.Pointer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Layout and text form of a {@code SID}: a revision, the number of sub-authorities, an authority of 48 bits with the highest
 * byte first, and the sub-authorities with the lowest byte first.
 */
public final class Sid {

    /** Bytes that the longest one has. */
    public static final int MAX_SIZE = 68;

    /** Everybody. */
    public static final String EVERYONE = "S-1-1-0";
    /** Whoever logged on over the network. */
    public static final String NETWORK = "S-1-5-2";
    /** Who does not say who it is. */
    public static final String ANONYMOUS = "S-1-5-7";
    /** All processes in app containers. */
    public static final String ALL_APPLICATION_PACKAGES = "S-1-15-2-1";

    private static final int SUB_AUTHORITY_COUNT = 1;
    private static final int AUTHORITY = 2;
    private static final int AUTHORITY_SIZE = 6;
    private static final int SUB_AUTHORITIES = 8;
    private static final long MAX_DECIMAL_AUTHORITY = 0xFFFFFFFFL;

    private static final Pattern TEXT = Pattern.compile("S-1-(\\d{1,10}|0X[0-9A-F]{1,12})(-\\d{1,10}){1,15}");

    /**
     * Tells whether a text has the form of a SID.
     *
     * @param text text
     * @return true for {@code S-1-5-18} and the like, in either case
     */
    public static boolean isSid(String text) {
        return TEXT.matcher(text.toUpperCase(Locale.ROOT)).matches();
    }

    /**
     * Reads a SID.
     *
     * @param address of its first byte
     * @return its text form
     */
    public static String textAt(long address) {
        Pointer sid = new Pointer(address);
        long authority = 0;
        for (int i = 0; i < AUTHORITY_SIZE; i++) {
            authority = (authority << Byte.SIZE) | (sid.getByte(AUTHORITY + i) & 0xFF);
        }
        StringBuilder text = new StringBuilder("S-1-");
        text.append(authority > MAX_DECIMAL_AUTHORITY ? String.format(Locale.ROOT, "0x%012X", authority) : authority);
        int count = sid.getByte(SUB_AUTHORITY_COUNT);
        for (int i = 0; i < count; i++) {
            text.append('-').append(Integer.toUnsignedLong(sid.getInt(SUB_AUTHORITIES + (long) i * Integer.BYTES)));
        }
        return text.toString();
    }

    /**
     * Makes the SID of a text.
     *
     * @param text text for which {@link #isSid} holds
     * @return the SID, to be freed by the caller
     */
    public static NativeMemory allocate(String text) {
        String[] parts = text.toUpperCase(Locale.ROOT).split("-", -1);
        long authority =
                parts[2].startsWith("0X") ? Long.parseLong(parts[2].substring(2), 16) : Long.parseLong(parts[2]);
        int count = parts.length - 3;
        NativeMemory sid = NativeMemory.allocate(SUB_AUTHORITIES + count * Integer.BYTES);
        sid.buffer().put(0, (byte) 1);
        sid.buffer().put(SUB_AUTHORITY_COUNT, (byte) count);
        for (int i = 0; i < AUTHORITY_SIZE; i++) {
            sid.buffer().put(AUTHORITY + i, (byte) (authority >>> ((AUTHORITY_SIZE - 1 - i) * Byte.SIZE)));
        }
        for (int i = 0; i < count; i++) {
            sid.buffer().putInt(SUB_AUTHORITIES + i * Integer.BYTES, Integer.parseUnsignedInt(parts[3 + i]));
        }
        return sid;
    }

    private Sid() {}
}
