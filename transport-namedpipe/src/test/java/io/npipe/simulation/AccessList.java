/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a security descriptor that says who may open a pipe: the allow and deny entries of an SDDL text's DACL, with
 * hexadecimal rights. Deny entries count when they come first, as in Windows.
 */
final class AccessList {

    private static final Pattern DACL = Pattern.compile("(?:O:\\S+?)?(?:G:\\S+?)?D:P?((?:\\([^)]*\\))*)");
    private static final Pattern ENTRY = Pattern.compile("\\((A|D);;0x([0-9a-fA-F]+);;;(S-[0-9-]+|[A-Z]{2})\\)");
    private static final String EVERYONE = "S-1-1-0";

    private record Entry(boolean allows, int rights, String sid) {}

    private final List<Entry> entries;

    private AccessList(List<Entry> entries) {
        this.entries = entries;
    }

    /** Null if it is not one. */
    static AccessList parse(String sddl) {
        Matcher dacl = DACL.matcher(sddl);
        if (!dacl.matches()) {
            return null;
        }
        List<Entry> entries = new ArrayList<>();
        Matcher entry = ENTRY.matcher(dacl.group(1));
        int end = 0;
        while (entry.find() && entry.start() == end) {
            String sid = entry.group(3).equals("WD") ? EVERYONE : entry.group(3);
            entries.add(new Entry(entry.group(1).equals("A"), Integer.parseUnsignedInt(entry.group(2), 16), sid));
            end = entry.end();
        }
        return end == dacl.group(1).length() ? new AccessList(entries) : null;
    }

    /** The default of the system: everything for the user who made it. */
    static AccessList ownerOnly(String sid) {
        return new AccessList(List.of(new Entry(true, 0x1F01FF, sid)));
    }

    boolean allows(String sid, int rights) {
        int missing = rights;
        for (Entry entry : entries) {
            if (entry.sid.equals(sid) || entry.sid.equals(EVERYONE)) {
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
}
