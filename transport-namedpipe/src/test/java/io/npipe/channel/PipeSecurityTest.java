/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.platform.win32.Advapi32;
import com.sun.jna.platform.win32.Advapi32Util;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.WinNT;
import com.sun.jna.ptr.IntByReference;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.RawClient;
import io.npipe.testkit.RecordingWin32;
import io.npipe.testkit.SecurityText;
import io.npipe.win32.Win32;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a server asks for is what its pipe has. Who is refused then: {@link SimulatedSecurityTest}. */
@Tag("any-jvm")
class PipeSecurityTest {

    private final Win32 win32 = Kernels.win32();
    private final String me = win32.currentUserSid();

    /** Asked for and read back, by both ends, it is the text. */
    private void assertSecurity(String expected, PipeSecurity security) {
        RecordingWin32 kernel = new RecordingWin32(win32);
        try (PipeLab lab = new PipeLab(1, kernel, 1, win32)) {
            var server = lab.server(Inbox::new).option(NamedPipeChannelOption.LISTENING_INSTANCES, 2);
            if (security != null) {
                server.option(NamedPipeChannelOption.SECURITY, security);
            }
            server.bind(lab.address()).syncUninterruptibly();
            String text = SecurityText.of(win32, expected);
            assertEquals(text, kernel.created().get(0).security(), "asked for");
            assertEquals(text, SecurityText.ofPipe(win32, kernel.instances().get(0)), "the server's end");
            try (RawClient client = new RawClient(lab.address(), GENERIC_READ | GENERIC_WRITE)) {
                assertEquals(text, SecurityText.ofPipe(win32, client.handle()), "the client's end");
            }
        }
    }

    @Test
    void theDefaultIsTheUserAlone() {
        assertSecurity("O:" + me + "D:P(A;;0x1f01ff;;;" + me + ")", null);
        assertSecurity("O:" + me + "D:P(A;;0x1f01ff;;;" + me + ")", PipeSecurity.currentUser());
    }

    @Test
    void thoseOnTheListGetNoRightToCreateInstances() {
        assertSecurity(
                "O:" + me + "D:P(A;;0x1f01ff;;;" + me
                        + ")(A;;0x12019b;;;S-1-5-32-545)(A;;0x120189;;;S-1-5-32-544)(A;;0x120192;;;S-1-5-18)",
                PipeSecurity.builder()
                        .allow("S-1-5-32-545")
                        .allow("s-1-5-32-544", PipeRights.READ)
                        .allow("S-1-5-18", PipeRights.WRITE)
                        .build());
        for (PipeRights right : PipeRights.values()) {
            assertEquals(0, right.mask() & 0x4, "FILE_CREATE_PIPE_INSTANCE");
        }
    }

    @Test
    void rightsAddUp() {
        assertSecurity(
                "O:" + me + "D:P(A;;0x1f01ff;;;" + me + ")(A;;0x12019b;;;S-1-5-18)",
                PipeSecurity.builder()
                        .allow("S-1-5-18", PipeRights.READ)
                        .allow("S-1-5-18", PipeRights.WRITE)
                        .build());
    }

    @Test
    void accountsAreLookedUp() {
        String system = win32.accountOfSid("S-1-5-18");
        assertSecurity(
                "O:" + me + "D:P(A;;0x1f01ff;;;" + me + ")(A;;0x12019b;;;S-1-5-18)",
                PipeSecurity.builder(win32).allow(system).build());
    }

    @Test
    void unrestrictedIsEverybodyButOnlyToConnect() {
        assertSecurity(
                "O:" + me + "D:P(A;;0x1f01ff;;;" + me
                        + ")(A;;0x12019b;;;S-1-1-0)(A;;0x12019b;;;S-1-5-7)(A;;0x12019b;;;S-1-15-2-1)",
                PipeSecurity.unrestricted());
    }

    @Test
    void aTextIsTakenAsItIs() {
        String sddl = "O:" + me + "D:P(D;;0x1f01ff;;;S-1-5-2)(A;;0x1f01ff;;;" + me + ")(A;;0x120189;;;S-1-1-0)";
        assertSecurity(sddl, PipeSecurity.sddl(win32, sddl));
    }

    /** What Windows gives to what says nothing of an owner: for an elevated administrator it is not the user. */
    @Test
    void theOwnerMayBeTheTokens() {
        RecordingWin32 kernel = new RecordingWin32(win32);
        try (PipeLab lab = new PipeLab(1, kernel, 1, win32)) {
            lab.server(Inbox::new)
                    .option(
                            NamedPipeChannelOption.SECURITY,
                            PipeSecurity.builder().ownedByTokenOwner().build())
                    .bind(lab.address())
                    .syncUninterruptibly();
            String list = "D:P(A;;0x1f01ff;;;" + me + ")";
            assertEquals(SecurityText.of(win32, list), kernel.created().get(0).security(), "asked for");
            try (RawClient client = new RawClient(lab.address(), GENERIC_READ | GENERIC_WRITE)) {
                assertEquals(
                        SecurityText.of(win32, "O:" + (Kernels.areSimulated() ? me : TokenOwner.sid()) + list),
                        SecurityText.ofPipe(win32, client.handle()));
            }
        }
    }

    /** The default owner of this process' objects, as Windows says. Not loaded where there is no Windows. */
    private static final class TokenOwner {

        static String sid() {
            WinNT.HANDLEByReference token = new WinNT.HANDLEByReference();
            assertTrue(Advapi32.INSTANCE.OpenProcessToken(
                    Kernel32.INSTANCE.GetCurrentProcess(), WinNT.TOKEN_QUERY, token));
            IntByReference size = new IntByReference();
            Advapi32.INSTANCE.GetTokenInformation(
                    token.getValue(), WinNT.TOKEN_INFORMATION_CLASS.TokenOwner, null, 0, size);
            WinNT.TOKEN_OWNER owner = new WinNT.TOKEN_OWNER(size.getValue());
            assertTrue(Advapi32.INSTANCE.GetTokenInformation(
                    token.getValue(), WinNT.TOKEN_INFORMATION_CLASS.TokenOwner, owner, size.getValue(), size));
            Kernel32.INSTANCE.CloseHandle(token.getValue());
            return Advapi32Util.convertSidToStringSid(owner.Owner);
        }
    }

    @Test
    void theOwnerMayBeNamed() {
        assertSecurity(
                "O:" + me + "D:P(A;;0x1f01ff;;;" + me + ")(A;;0x12019b;;;S-1-5-18)",
                PipeSecurity.builder().ownedBy(me).allow("S-1-5-18").build());
        assertSecurity(
                "O:" + me + "D:P(A;;0x1f01ff;;;" + me + ")",
                PipeSecurity.builder(win32).ownedBy(win32.accountOfSid(me)).build());
        assertQuoted("npipe-nobody", () -> PipeSecurity.builder(win32).ownedBy("npipe-nobody"));
        assertThrows(
                NullPointerException.class, () -> PipeSecurity.builder(win32).ownedBy(null));
    }

    @Test
    void theDescriptorGoesWithTheFirstInstanceAndNoHandleIsInherited() throws Exception {
        RecordingWin32 kernel = new RecordingWin32(win32);
        Inbox accepted = new Inbox();
        try (PipeLab lab = new PipeLab(1, kernel, 1, win32)) {
            lab.server(() -> accepted)
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 3)
                    .bind(lab.address())
                    .syncUninterruptibly();
            lab.connect(new Inbox());
            accepted.awaitActive();

            List<RecordingWin32.Created> created = kernel.created();
            assertEquals(4, created.size());
            created.forEach(one -> assertFalse(one.inheritable()));
            created.subList(1, 4).forEach(one -> assertNull(one.security()));
        }
    }

    @Test
    void whatIsWrongIsQuoted() {
        assertQuoted("(A;;FA;;;QQ)", () -> PipeSecurity.sddl(win32, "D:P(A;;FA;;;SY)(A;;FA;;;QQ)"));
        assertQuoted("npipe-nobody", () -> PipeSecurity.builder(win32).allow("npipe-nobody"));
        assertQuoted("", () -> PipeSecurity.builder(win32).allow(""));
        assertThrows(
                NullPointerException.class, () -> PipeSecurity.builder(win32).allow(null));
        assertThrows(NullPointerException.class, () -> PipeSecurity.sddl(win32, null));
    }

    private static void assertQuoted(String part, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains('"' + part + '"'), message);
    }

    @Test
    void itTellsWhatItWasMadeFrom() {
        assertEquals("PipeSecurity(currentUser())", PipeSecurity.currentUser().toString());
        assertEquals("PipeSecurity(unrestricted())", PipeSecurity.unrestricted().toString());
        assertEquals(
                "PipeSecurity(allow S-1-5-18, allow S-1-1-0)",
                PipeSecurity.builder()
                        .allow("S-1-5-18")
                        .allow("S-1-1-0")
                        .build()
                        .toString());
        assertEquals(
                "PipeSecurity(owned by TokenOwner, allow S-1-5-18)",
                PipeSecurity.builder()
                        .ownedByTokenOwner()
                        .allow("S-1-5-18")
                        .build()
                        .toString());
        assertEquals(
                "PipeSecurity(owned by S-1-5-32-544)",
                PipeSecurity.builder().ownedBy("S-1-5-32-544").build().toString());
        assertEquals(
                "PipeSecurity(D:P(A;;FA;;;SY))",
                PipeSecurity.sddl(win32, "D:P(A;;FA;;;SY)").toString());
    }

    @Test
    void aBuilderThatGoesOnDoesNotChangeWhatItHasBuilt() {
        PipeSecurity.Builder builder = PipeSecurity.builder().allow("S-1-5-18");
        PipeSecurity built = builder.build();
        String before = built.sddl(win32);
        builder.allow("S-1-1-0");
        assertEquals(before, built.sddl(win32));
    }
}
