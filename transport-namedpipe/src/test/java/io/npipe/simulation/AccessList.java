/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import io.npipe.win32.Sid;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a security descriptor that says whose a pipe is and who may open it: the owner, and the allow and deny
 * entries of an SDDL text's DACL. Deny entries count when they come first, as in Windows.
 */
final class AccessList {

    static final String EVERYONE = "S-1-1-0";

    private static final int FILE_ALL_ACCESS = 0x1F01FF;
    private static final String SID = "S-1-[0-9-]+|[A-Z]{2}";
    private static final Pattern DESCRIPTOR = Pattern.compile(
            "(?:O:(" + SID + "))?(?:G:(?:" + SID + "))?(?:D:(P?)((?:\\([^)]*\\))*))?(?:S:P?(?:\\(ML;[^)]*\\))*)?");
    private static final Pattern ENTRY = Pattern.compile("\\((A|D);;(0x[0-9a-fA-F]+|[A-Z]{2});;;(" + SID + ")\\)");
    private static final Map<String, String> ALIASES = Map.of(
            "WD", EVERYONE,
            "SY", "S-1-5-18",
            "BA", "S-1-5-32-544",
            "BU", "S-1-5-32-545",
            "AN", "S-1-5-7",
            "NU", "S-1-5-2",
            "AC", "S-1-15-2-1");
    private static final Map<String, Integer> RIGHTS = Map.of(
            "FA", FILE_ALL_ACCESS,
            "GA", FILE_ALL_ACCESS,
            "FR", 0x120089,
            "GR", 0x120089,
            "FW", 0x120116,
            "GW", 0x120116);

    private record Entry(boolean allows, int rights, String sid) {

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "(%s;;0x%x;;;%s)", allows ? "A" : "D", rights, sid);
        }
    }

    private final String owner;

    /** Null allows everything to everybody. */
    private final List<Entry> entries;

    /** Whether it inherits nothing. */
    private final boolean isProtected;

    private AccessList(String owner, boolean isProtected, List<Entry> entries) {
        this.owner = owner;
        this.isProtected = isProtected;
        this.entries = entries;
    }

    /** Null if it is not one. */
    static AccessList parse(String sddl) {
        Matcher descriptor = DESCRIPTOR.matcher(sddl);
        if (!descriptor.matches()) {
            return null;
        }
        String owner = descriptor.group(1) == null ? null : sid(descriptor.group(1));
        if (descriptor.group(1) != null && owner == null) {
            return null;
        }
        boolean isProtected = "P".equals(descriptor.group(2));
        String dacl = descriptor.group(3);
        if (dacl == null) {
            return new AccessList(owner, isProtected, null);
        }
        List<Entry> entries = new ArrayList<>();
        Matcher entry = ENTRY.matcher(dacl);
        int end = 0;
        while (entry.find() && entry.start() == end) {
            Integer rights = rights(entry.group(2));
            String sid = sid(entry.group(3));
            if (rights == null || sid == null) {
                return null;
            }
            entries.add(new Entry(entry.group(1).equals("A"), rights, sid));
            end = entry.end();
        }
        return end == dacl.length() ? new AccessList(owner, isProtected, entries) : null;
    }

    private static String sid(String text) {
        return Sid.isSid(text) ? text : ALIASES.get(text);
    }

    private static Integer rights(String text) {
        return text.startsWith("0x") ? (Integer) Integer.parseUnsignedInt(text.substring(2), 16) : RIGHTS.get(text);
    }

    /** What Windows gives a pipe that was created without a descriptor: everybody may read it. */
    static AccessList windowsDefault(String creator) {
        return parse("O:" + creator + "D:(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;" + creator + ")(A;;FR;;;WD)(A;;FR;;;AN)");
    }

    /** With an owner, if it has none. */
    AccessList ownedBy(String defaultOwner) {
        return owner == null ? new AccessList(defaultOwner, isProtected, entries) : this;
    }

    String owner() {
        return owner;
    }

    /** It has no list at all. */
    boolean allowsAll() {
        return entries == null;
    }

    boolean allows(SimulatedProcess process, int rights) {
        if (entries == null) {
            return true;
        }
        int missing = rights;
        for (Entry entry : entries) {
            if (process.has(entry.sid)) {
                if (!entry.allows && (entry.rights & missing) != 0) {
                    return false;
                }
                if (entry.allows) {
                    missing &= ~entry.rights;
                }
            }
        }
        return missing == 0;
    }

    /** As Windows would write it, but for the names of rights and SIDs. */
    String text(boolean withOwner, boolean withDacl) {
        StringBuilder text = new StringBuilder();
        if (withOwner && owner != null) {
            text.append("O:").append(owner);
        }
        if (withDacl && entries != null) {
            text.append(isProtected ? "D:P" : "D:");
            entries.forEach(text::append);
        }
        return text.toString();
    }
}
