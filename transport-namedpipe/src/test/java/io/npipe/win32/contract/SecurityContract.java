/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.PipeConstants.FILE_FLAG_OVERLAPPED;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_OUTBOUND;
import static io.npipe.win32.SecurityConstants.OWNER_SECURITY_INFORMATION;
import static io.npipe.win32.SecurityConstants.SDDL_REVISION_1;
import static io.npipe.win32.SecurityConstants.SE_KERNEL_OBJECT;
import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;
import static io.npipe.win32.Win32Error.ERROR_PIPE_NOT_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.testkit.SecurityText;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.Sddl;
import io.npipe.win32.SecurityAttributes;
import io.npipe.win32.Sid;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Security descriptors: what is asked for is what the pipe has. Accounts. */
abstract class SecurityContract extends Win32Contract {

    private static final String SYSTEM = "S-1-5-18";

    /** The descriptor of a text; to be freed with {@code LocalFree}. */
    private long descriptor(String sddl) {
        NativeMemory result = allocate(Long.BYTES);
        assertEquals(
                ERROR_SUCCESS,
                win32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                        wide(sddl).address(), SDDL_REVISION_1, result.address(), 0));
        return result.buffer().getLong(0);
    }

    private String text(long descriptor) {
        return SecurityText.ofDescriptor(win32, descriptor);
    }

    private long serverWith(int openMode, long descriptor) {
        return serverWith(openMode, UNLIMITED, descriptor);
    }

    private long serverWith(int openMode, int maxInstances, long descriptor) {
        NativeMemory attributes = allocate(SecurityAttributes.SIZE);
        SecurityAttributes.set(attributes.buffer(), 0, descriptor);
        return win32.CreateNamedPipeW(
                wide(path).address(),
                openMode | FILE_FLAG_OVERLAPPED,
                0,
                maxInstances,
                QUOTA,
                QUOTA,
                0,
                attributes.address());
    }

    private String securityOf(long pipe) {
        return SecurityText.ofPipe(win32, pipe);
    }

    private String ownerOf(long pipe) {
        NativeMemory results = allocate(2 * Long.BYTES);
        assertEquals(
                ERROR_SUCCESS,
                win32.GetSecurityInfo(
                        pipe,
                        SE_KERNEL_OBJECT,
                        OWNER_SECURITY_INFORMATION,
                        results.address(),
                        0,
                        0,
                        0,
                        results.address() + Long.BYTES));
        String owner = Sid.textAt(results.buffer().getLong(0));
        assertEquals(ERROR_SUCCESS, win32.LocalFree(results.buffer().getLong(Long.BYTES)));
        return owner;
    }

    private String me() {
        return win32.currentUserSid();
    }

    @Test
    void aPipeHasTheDescriptorThatItWasCreatedWith() {
        for (String entries : List.of(
                "(A;;0x1f01ff;;;" + me() + ")",
                "(A;;0x1f01ff;;;" + me() + ")(A;;0x12019b;;;S-1-1-0)(A;;0x120189;;;S-1-5-32-545)",
                "(D;;0x1f01ff;;;S-1-5-2)(A;;0x1f01ff;;;" + me() + ")")) {
            long asked = descriptor("O:" + me() + "D:P" + entries);
            long server = tracked(serverWith(PIPE_ACCESS_DUPLEX, asked));

            assertEquals(text(asked), securityOf(server));
            assertEquals(text(asked), securityOf(client()), "as its client sees it");
            assertEquals(me(), ownerOf(server));

            assertEquals(ERROR_SUCCESS, win32.LocalFree(asked));
            closeAll();
        }
    }

    @Test
    void anEndThatOnlyWritesTellsItsSecurity() {
        long asked = descriptor("O:" + me() + "D:P(A;;0x1f01ff;;;" + me() + ")");
        long server = tracked(serverWith(PIPE_ACCESS_OUTBOUND, asked));

        assertEquals(text(asked), securityOf(server));
        assertEquals(ERROR_SUCCESS, win32.LocalFree(asked));
    }

    @Test
    void withoutAnOwnerItIsTheCreators() {
        long asked = descriptor("D:P(A;;0x1f01ff;;;" + me() + ")");
        tracked(serverWith(PIPE_ACCESS_DUPLEX, asked));

        String owner = ownerOf(client());
        assertTrue(Sid.isSid(owner), owner); // the user, or a group that owns what the user makes
        assertEquals(ERROR_SUCCESS, win32.LocalFree(asked));
    }

    @Test
    void aLaterInstanceHasTheDescriptorOfTheFirst() {
        long first = descriptor("O:" + me() + "D:P(A;;0x1f01ff;;;" + me() + ")");
        long other = descriptor("O:" + me() + "D:P(A;;0x1f01ff;;;" + me() + ")(A;;0x12019b;;;S-1-1-0)");
        long server = tracked(serverWith(PIPE_ACCESS_DUPLEX, first));
        long later = tracked(serverWith(PIPE_ACCESS_DUPLEX, other));

        assertEquals(text(first), securityOf(server));
        assertEquals(text(first), securityOf(later));
        assertEquals(ERROR_SUCCESS, win32.LocalFree(first));
        assertEquals(ERROR_SUCCESS, win32.LocalFree(other));
    }

    /** Row 64: nobody knows whether Windows takes one; .NET gives one, with a list, for every instance. */
    @Test
    void aLaterInstanceWithADescriptorThatHasNoList() {
        tracked(serverWith(PIPE_ACCESS_DUPLEX, 0));
        long asked = descriptor("O:" + me() + "G:" + me());

        long later = serverWith(PIPE_ACCESS_DUPLEX, asked);

        if (isWine() || later > 0) {
            tracked(later);
        } else {
            assertEquals(-ERROR_ACCESS_DENIED, later);
        }
        assertEquals(ERROR_SUCCESS, win32.LocalFree(asked));
    }

    @Test
    void onceDisconnectedOnlyTheServerTellsItsSecurity() {
        long asked = descriptor("O:" + me() + "D:P(A;;0x1f01ff;;;" + me() + ")");
        long server = tracked(serverWith(PIPE_ACCESS_DUPLEX, asked));
        long client = client();
        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(server));

        assertEquals(text(asked), securityOf(server));
        assertEquals(ERROR_PIPE_NOT_CONNECTED, codeOfSecurityOf(client));
        close(server);
        assertEquals(ERROR_PIPE_NOT_CONNECTED, codeOfSecurityOf(client));
        assertEquals(ERROR_SUCCESS, win32.LocalFree(asked));
    }

    @Test
    void aClientTellsThePipesSecurityAlsoOnceTheServerHasClosed() {
        long asked = descriptor("O:" + me() + "D:P(A;;0x1f01ff;;;" + me() + ")");
        long server = tracked(serverWith(PIPE_ACCESS_DUPLEX, asked));
        long client = client();
        close(server);

        assertEquals(text(asked), securityOf(client));
        assertEquals(ERROR_SUCCESS, win32.LocalFree(asked));
    }

    private int codeOfSecurityOf(long handle) {
        NativeMemory results = allocate(2 * Long.BYTES);
        return win32.GetSecurityInfo(
                handle,
                SE_KERNEL_OBJECT,
                OWNER_SECURITY_INFORMATION,
                results.address(),
                0,
                0,
                0,
                results.address() + Long.BYTES);
    }

    @Test
    void aDescriptorThatDoesNotNameUsShutsUsOut() {
        long asked = descriptor("O:" + me() + "D:P(A;;0x1f01ff;;;" + SYSTEM + ")");
        tracked(serverWith(PIPE_ACCESS_DUPLEX, asked));

        long later = serverWith(PIPE_ACCESS_DUPLEX, asked);
        long client = open(PipeConstants.GENERIC_READ);
        boolean weAreSystem = me().equals(SYSTEM);
        if (isWine() || weAreSystem) {
            tracked(later);
            tracked(client);
        } else {
            assertEquals(-ERROR_ACCESS_DENIED, later);
            assertEquals(-ERROR_ACCESS_DENIED, client);
        }
        assertEquals(ERROR_SUCCESS, win32.LocalFree(asked));
    }

    @Test
    void theRightToConnectIsNoneToCreateInstances() {
        long asked = descriptor("O:" + me() + "D:P(A;;0x12019b;;;" + me() + ")");
        tracked(serverWith(PIPE_ACCESS_DUPLEX, asked));

        long later = serverWith(PIPE_ACCESS_DUPLEX, asked);
        client(); // GENERIC_WRITE has the right to create instances in it, and a client needs it not
        if (isWine()) {
            tracked(later);
        } else {
            assertEquals(-ERROR_ACCESS_DENIED, later);
        }
        assertEquals(ERROR_SUCCESS, win32.LocalFree(asked));
    }

    /** Windows looks first whether the process may create further instances at all. */
    @Test
    void theRightToCreateInstancesComesBeforeTheirLimit() {
        long asked = descriptor("O:" + me() + "D:P(A;;0x12019b;;;" + me() + ")");
        tracked(serverWith(PIPE_ACCESS_DUPLEX, 1, asked));

        long later = serverWith(PIPE_ACCESS_DUPLEX, 1, asked);
        assertEquals(isWine() ? -ERROR_PIPE_BUSY : -ERROR_ACCESS_DENIED, later);
        assertEquals(ERROR_SUCCESS, win32.LocalFree(asked));
    }

    /** Windows lets nobody make just anybody the owner, unless it has the privilege to restore files. */
    @Test
    void theOwnerIsNotJustAnybody() {
        long asked = descriptor("O:S-1-5-21-1-2-3-4711D:P(A;;0x1f01ff;;;" + me() + ")");
        long server = serverWith(PIPE_ACCESS_DUPLEX, asked);

        assertEquals(isWine() ? "S-1-5-21-1-2-3-4711" : "1307", server > 0 ? ownerOf(tracked(server)) : "" + -server);
        assertEquals(ERROR_SUCCESS, win32.LocalFree(asked));
    }

    @Test
    void thePartThatIsWrongIsQuoted() {
        assertQuotes("(A;;FA;;;QQ)", "D:P(A;;FA;;;SY)(A;;FA;;;QQ)(A;;FR;;;WD)");
        assertQuotes("(nonsense)", "O:SYD:(nonsense)");
        assertQuotes("O:QQ", "O:QQD:P(A;;FA;;;SY)");
        assertQuotes("nothing at all", "nothing at all");
        assertQuotes("(A;;FA;;;SY", "D:(A;;FR;;;WD)(A;;FA;;;SY");
        Sddl.requireValid(win32, "O:SYD:P(A;;FA;;;SY)(A;;0x12019b;;;BU)");
    }

    private void assertQuotes(String part, String sddl) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> Sddl.requireValid(win32, sddl));
        assertTrue(refused.getMessage().contains('"' + part + '"'), refused.getMessage());
        assertTrue(refused.getMessage().contains('"' + sddl + '"'), refused.getMessage());
    }

    @Test
    void accountsHaveSidsAndSidsHaveAccounts() {
        String system = win32.accountOfSid(SYSTEM);
        assertEquals(SYSTEM, win32.sidOfAccount(system));
        assertEquals(me(), win32.sidOfAccount(win32.accountOfSid(me())));
        assertNull(win32.sidOfAccount("npipe-nobody-has-this-name"));
        assertNull(win32.accountOfSid("S-1-5-21-1-2-3-4711"));
    }
}
