/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import java.util.Map;
import java.util.TreeMap;

/** The accounts of a simulated machine: some of Windows' own, and those that a test adds. */
public final class Accounts {

    private final Map<String, String> sids = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    Accounts() {
        add("NT AUTHORITY\\SYSTEM", "S-1-5-18");
        add("BUILTIN\\Users", "S-1-5-32-545");
        add("Everyone", AccessList.EVERYONE);
        add("NPIPE\\user", SimulatedKernel.DEFAULT_USER);
    }

    /** Adds one. */
    public void add(String name, String sid) {
        sids.put(name, sid);
    }

    /** Null if there is none; the domain may be left out. */
    String sid(String name) {
        for (Map.Entry<String, String> account : sids.entrySet()) {
            String known = account.getKey();
            if (known.equalsIgnoreCase(name)
                    || known.substring(known.indexOf('\\') + 1).equalsIgnoreCase(name)) {
                return account.getValue();
            }
        }
        return null;
    }

    /** Null if there is none. */
    String name(String sid) {
        return sids.entrySet().stream()
                .filter(account -> account.getValue().equals(sid))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }
}
