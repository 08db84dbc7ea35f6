/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import java.util.ArrayList;
import java.util.List;

/**
 * Texts in the <a href="https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format">security
 * descriptor definition language</a>, as far as one must know where their parts begin: Windows says whether it accepts a
 * text, but not what is wrong with it.
 */
public final class Sddl {

    private static final String SECTIONS = "OGDS";
    private static final String SECTIONS_WITH_ENTRIES = "DS";

    private final Win32 win32;

    private Sddl(Win32 win32) {
        this.win32 = win32;
    }

    /**
     * Insists on a text that Windows accepts.
     *
     * @param win32 seam
     * @param sddl text
     * @throws IllegalArgumentException if Windows does not; it quotes the part that is wrong
     */
    public static void requireValid(Win32 win32, String sddl) {
        Sddl texts = new Sddl(win32);
        int code = texts.check(sddl);
        if (code != ERROR_SUCCESS) {
            String part = texts.offendingPart(sddl);
            throw new IllegalArgumentException("not a security descriptor: \"" + sddl + "\": "
                    + (part.equals(sddl) ? "" : "Windows does not accept \"" + part + "\": ") + win32.errorText(code)
                    + " (" + Win32Error.name(code) + ")");
        }
    }

    private int check(String sddl) {
        NativeMemory text = NativeMemory.ofWideString(sddl);
        try {
            NativeMemory result = NativeMemory.allocate(Long.BYTES);
            try {
                int code = win32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                        text.address(), SecurityConstants.SDDL_REVISION_1, result.address(), 0);
                if (code == ERROR_SUCCESS) {
                    win32.LocalFree(result.buffer().getLong(0));
                }
                return code;
            } finally {
                result.free();
            }
        } finally {
            text.free();
        }
    }

    /** The first entry or section that Windows does not accept by itself; else the whole text. */
    private String offendingPart(String sddl) {
        for (String section : sections(sddl)) {
            if (check(section) == ERROR_SUCCESS) {
                continue;
            }
            if (SECTIONS_WITH_ENTRIES.indexOf(section.charAt(0)) >= 0) {
                for (String entry : entries(section)) {
                    if (check(section.substring(0, 2) + entry) != ERROR_SUCCESS) {
                        return entry;
                    }
                }
            }
            return section;
        }
        return sddl;
    }

    /** Such as {@code O:BA}, {@code D:P(A;;FA;;;SY)}; what comes before the first one is one, too. */
    private static List<String> sections(String sddl) {
        List<String> sections = new ArrayList<>();
        int begin = 0;
        int depth = 0;
        for (int i = 0; i < sddl.length(); i++) {
            depth += depthChange(sddl.charAt(i));
            boolean beginsHere = depth == 0 && SECTIONS.indexOf(sddl.charAt(i)) >= 0 && sddl.startsWith(":", i + 1);
            if (beginsHere && i > begin) {
                sections.add(sddl.substring(begin, i));
                begin = i;
            }
        }
        if (begin < sddl.length()) {
            sections.add(sddl.substring(begin));
        }
        return sections;
    }

    /** What is in parentheses, with them; one that is not closed reaches to the end. */
    private static List<String> entries(String section) {
        List<String> entries = new ArrayList<>();
        int begin = -1;
        int depth = 0;
        for (int i = 0; i < section.length(); i++) {
            int change = depthChange(section.charAt(i));
            if (change > 0 && depth == 0) {
                begin = i;
            }
            depth += change;
            if (change < 0 && depth == 0) {
                entries.add(section.substring(begin, i + 1));
            }
        }
        if (depth > 0) {
            entries.add(section.substring(begin));
        }
        return entries;
    }

    private static int depthChange(char c) {
        return switch (c) {
            case '(' -> 1;
            case ')' -> -1;
            default -> 0;
        };
    }
}
