/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The two forms of a SID; the examples are Microsoft's. */
@Tag("any-jvm")
class SidTest {

    private static void assertForms(String text, String hex) {
        NativeMemory sid = Sid.allocate(text);
        byte[] bytes = new byte[sid.buffer().capacity()];
        sid.buffer().get(0, bytes);
        assertArrayEquals(HexFormat.of().parseHex(hex), bytes, text);
        assertEquals(text, Sid.textAt(sid.address()));
        sid.free();
    }

    @Test
    void textsAndBytesCorrespond() {
        assertForms("S-1-1-0", "010100000000000100000000");
        assertForms("S-1-5-2", "010100000000000502000000");
        assertForms("S-1-5-32-544", "01020000000000052000000020020000");
        assertForms("S-1-5-21-4294967295-1-2147483648-500", "010500000000000515000000ffffffff0100000000000080f4010000");
        assertForms("S-1-0x0001000000FF-7", "01010001000000ff07000000");
    }

    @Test
    void lowerCaseIsTheSame() {
        NativeMemory sid = Sid.allocate("s-1-5-18");
        assertEquals("S-1-5-18", Sid.textAt(sid.address()));
        sid.free();
    }

    @Test
    void whatIsNoSidIsSeen() {
        assertTrue(Sid.isSid("S-1-5-18"));
        assertTrue(Sid.isSid("s-1-5-21-1-2-3-4"));
        assertFalse(Sid.isSid(""));
        assertFalse(Sid.isSid("SYSTEM"));
        assertFalse(Sid.isSid("S-1-5"));
        assertFalse(Sid.isSid("S-2-5-18"));
        assertFalse(Sid.isSid("S-1-5-18-"));
        assertFalse(Sid.isSid("S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16"));
        assertEquals(Sid.MAX_SIZE, 8 + 15 * Integer.BYTES);
    }
}
