/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import static io.npipe.win32.PipeConstants.FILE_FLAG_OVERLAPPED;
import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static io.npipe.win32.PipeConstants.OPEN_EXISTING;
import static io.npipe.win32.PipeConstants.SECURITY_ANONYMOUS;
import static io.npipe.win32.PipeConstants.SECURITY_DELEGATION;
import static io.npipe.win32.PipeConstants.SECURITY_IDENTIFICATION;
import static io.npipe.win32.PipeConstants.SECURITY_IMPERSONATION;
import static io.npipe.win32.PipeConstants.SECURITY_SQOS_PRESENT;
import static io.npipe.win32.SecurityConstants.TOKEN_IMPERSONATION_LEVEL;
import static io.npipe.win32.SecurityConstants.TOKEN_QUERY;
import static io.npipe.win32.SecurityConstants.TOKEN_USER;
import static io.npipe.win32.Win32.CURRENT_THREAD;
import static io.npipe.win32.Win32Error.ERROR_BAD_IMPERSONATION_LEVEL;
import static io.npipe.win32.Win32Error.ERROR_CANNOT_IMPERSONATE;
import static io.npipe.win32.Win32Error.ERROR_CANT_OPEN_ANONYMOUS;
import static io.npipe.win32.Win32Error.ERROR_INVALID_FUNCTION;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_NO_TOKEN;
import static io.npipe.win32.Win32Error.ERROR_PIPE_CONNECTED;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.npipe.win32.NativeMemory;
import io.npipe.win32.Sid;
import io.npipe.win32.TokenUser;
import java.util.List;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Test;

/** Who is at the other end, and acting as the client. */
abstract class ImpersonationContract extends Win32Contract {

    private static final int ERROR_NOT_SUPPORTED = 50;
    private static final int IMPERSONATES = SECURITY_SQOS_PRESENT | SECURITY_IMPERSONATION;
    private static final int IDENTIFICATION = 1;
    private static final int IMPERSONATION = 2;
    private static final int DELEGATION = 3;

    /** A client that comes while the server listens: with one that came before it, see below, all would be open. */
    private long clientOf(long server, int flags) {
        NativeMemory overlapped = overlapped();
        assertEquals(ERROR_IO_PENDING, win32.ConnectNamedPipe(server, overlapped.address()));
        long client = openWith(flags);
        settle(server, ERROR_IO_PENDING, overlapped);
        return client;
    }

    private long openWith(int flags) {
        return tracked(win32.CreateFileW(
                wide(path).address(),
                GENERIC_READ | GENERIC_WRITE,
                0,
                0,
                OPEN_EXISTING,
                FILE_FLAG_OVERLAPPED | flags,
                0));
    }

    /** Opens the thread's token; an error code. */
    private int openToken(NativeMemory result) {
        return win32.OpenThreadToken(CURRENT_THREAD, TOKEN_QUERY, 1, result.address());
    }

    /** The token of the client, or the negated error code. */
    private long tokenOfClient(long server) {
        NativeMemory result = allocate(Long.BYTES);
        assertEquals(ERROR_SUCCESS, win32.ImpersonateNamedPipeClient(server));
        int code = openToken(result);
        assertEquals(ERROR_SUCCESS, win32.RevertToSelf());
        return code == ERROR_SUCCESS ? tracked(result.buffer().getLong(0)) : -code;
    }

    private String user(long token) {
        NativeMemory memory = allocate(TokenUser.SIZE + Integer.BYTES);
        assertEquals(
                ERROR_SUCCESS,
                win32.GetTokenInformation(
                        token, TOKEN_USER, memory.address(), TokenUser.SIZE, memory.address() + TokenUser.SIZE));
        return TokenUser.sid(memory.buffer(), 0);
    }

    private int level(long token) {
        NativeMemory memory = allocate(2 * Integer.BYTES);
        assertEquals(
                ERROR_SUCCESS,
                win32.GetTokenInformation(
                        token,
                        TOKEN_IMPERSONATION_LEVEL,
                        memory.address(),
                        Integer.BYTES,
                        memory.address() + Integer.BYTES));
        return memory.buffer().getInt(0);
    }

    @Test
    void theClientsTokenTellsItsUser() {
        long server = byteServer();
        clientOf(server, IMPERSONATES);

        assertEquals(win32.currentUserSid(), user(tokenOfClient(server)));
    }

    @Test
    void theTokenOutlivesClientAndPipe() {
        long server = byteServer();
        long client = clientOf(server, IMPERSONATES);
        long token = tokenOfClient(server);
        close(client);
        close(server);

        assertEquals(win32.currentUserSid(), user(token));
    }

    @Test
    void aClientThatHasGoneIsStillKnown() {
        long server = byteServer();
        close(clientOf(server, IMPERSONATES));

        assertEquals(win32.currentUserSid(), user(tokenOfClient(server)));
    }

    @Test
    void nobodyIsImpersonatedBeforeAndAfter() {
        long server = byteServer();
        clientOf(server, IMPERSONATES);
        NativeMemory result = allocate(Long.BYTES);
        assertEquals(ERROR_NO_TOKEN, openToken(result));
        tokenOfClient(server);
        assertEquals(ERROR_NO_TOKEN, openToken(result));
        assertEquals(ERROR_SUCCESS, win32.RevertToSelf(), "once too often is nothing");
    }

    /** Then Windows goes by who wrote what was read last. */
    @Test
    void aClientThatAsksForNoLevelIsKnownOnceItWasRead() {
        long server = byteServer();
        long client = clientOf(server, 0);
        int before = win32.ImpersonateNamedPipeClient(server);
        assertEquals(ERROR_SUCCESS, win32.RevertToSelf());
        assertEquals(isWine() ? ERROR_SUCCESS : ERROR_CANNOT_IMPERSONATE, before);

        writeNow(client, "x");
        assertEquals("x", readNow(server, 1));
        long token = tokenOfClient(server);
        assertEquals(win32.currentUserSid(), user(token));
        assertEquals(IMPERSONATION, level(token));
    }

    @Test
    void withoutAClientNobodyCanBeImpersonated() {
        long server = byteServer();
        int code = win32.ImpersonateNamedPipeClient(server);
        assertEquals(ERROR_SUCCESS, win32.RevertToSelf());
        assertEquals(isWine() ? ERROR_SUCCESS : ERROR_CANNOT_IMPERSONATE, code);
    }

    /** Row 63: nobody knows whether {@code ConnectNamedPipe} forgets a client that was there before it. */
    @Test
    void aClientThatWasThereBeforeTheServerListened() {
        long server = byteServer();
        openWith(IMPERSONATES);
        assertEquals(ERROR_PIPE_CONNECTED, connect(server));

        int code = win32.ImpersonateNamedPipeClient(server);
        assertEquals(ERROR_SUCCESS, win32.RevertToSelf());

        assertTrue(code == ERROR_SUCCESS || code == ERROR_CANNOT_IMPERSONATE, () -> "" + code);
    }

    @Test
    void aDisconnectForgetsTheClient() {
        long server = byteServer();
        long client = clientOf(server, 0);
        writeNow(client, "x");
        assertEquals("x", readNow(server, 1));
        assertEquals(ERROR_SUCCESS, win32.DisconnectNamedPipe(server));
        int disconnected = win32.ImpersonateNamedPipeClient(server);
        assertEquals(ERROR_SUCCESS, win32.RevertToSelf());
        assertEquals(ERROR_IO_PENDING, connect(server));
        client();
        int connected = win32.ImpersonateNamedPipeClient(server);
        assertEquals(ERROR_SUCCESS, win32.RevertToSelf());

        int expected = isWine() ? ERROR_SUCCESS : ERROR_CANNOT_IMPERSONATE;
        assertEquals(List.of(expected, expected), List.of(disconnected, connected));
    }

    /** As npfs has it; nobody has tried it on Windows. */
    @Test
    void aMessageOfNoLengthTellsWhoWroteIt() {
        long server = messageServer();
        long client = clientOf(server, 0);
        writeNow(client, "");
        assertEquals("", readNow(server, 1));

        int code = win32.ImpersonateNamedPipeClient(server);
        assertEquals(ERROR_SUCCESS, win32.RevertToSelf());

        assertTrue(code == ERROR_SUCCESS || code == ERROR_CANNOT_IMPERSONATE, () -> "" + code);
    }

    @Test
    void aClientCannotImpersonate() {
        long client = clientOf(byteServer());
        assertEquals(isWine() ? ERROR_NOT_SUPPORTED : ERROR_INVALID_FUNCTION, win32.ImpersonateNamedPipeClient(client));
    }

    @Test
    void theClientSaysHowFarTheServerMayGo() {
        // Wine goes as far as it likes.
        assertEquals(
                isWine() ? IMPERSONATION : IDENTIFICATION, levelOf(SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION));
        assertEquals(IMPERSONATION, levelOf(SECURITY_SQOS_PRESENT | SECURITY_IMPERSONATION));
        assertEquals(isWine() ? IMPERSONATION : DELEGATION, levelOf(SECURITY_SQOS_PRESENT | SECURITY_DELEGATION));
    }

    private int levelOf(int flags) {
        long server = byteServer();
        clientOf(server, flags);
        int level = level(tokenOfClient(server));
        close(server);
        return level;
    }

    @Test
    void anAnonymousClientIsNotKnown() {
        long server = byteServer();
        clientOf(server, SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS);

        long token = tokenOfClient(server);
        if (isWine()) {
            assertEquals(win32.currentUserSid(), user(token));
        } else {
            assertEquals(-ERROR_CANT_OPEN_ANONYMOUS, token);
        }
    }

    @Test
    void aTokenForIdentificationIsOpenedAsTheProcess() {
        long server = byteServer();
        clientOf(server, SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION);
        NativeMemory result = allocate(Long.BYTES);
        assertEquals(ERROR_SUCCESS, win32.ImpersonateNamedPipeClient(server));
        int code = win32.OpenThreadToken(CURRENT_THREAD, TOKEN_QUERY, 0, result.address());
        assertEquals(ERROR_SUCCESS, win32.RevertToSelf());
        if (isWine()) {
            tracked(result.buffer().getLong(0));
        } else {
            assertEquals(ERROR_BAD_IMPERSONATION_LEVEL, code);
        }
    }

    @Test
    void theTokenTellsItsGroups() {
        long server = byteServer();
        clientOf(server, IMPERSONATES);
        long token = tokenOfClient(server);

        assertTrue(isMember(token, Sid.EVERYONE));
        assertTrue(!isMember(token, "S-1-5-21-1-2-3-4711"));
    }

    private boolean isMember(long token, String group) {
        NativeMemory sid = Sid.allocate(group);
        NativeMemory result = allocate(Integer.BYTES);
        assertEquals(ERROR_SUCCESS, win32.CheckTokenMembership(token, sid.address(), result.address()));
        sid.free();
        return result.buffer().getInt(0) != 0;
    }

    @Test
    void bothEndsTellTheProcessesAndTheirSessions() {
        long server = byteServer();
        long client = clientOf(server);

        int process = ask(win32::GetNamedPipeClientProcessId, server);
        assertTrue(process != 0);
        assertEquals(process, ask(win32::GetNamedPipeServerProcessId, client), "it is the same one");
        assertEquals(ask(win32::GetNamedPipeClientSessionId, server), ask(win32::GetNamedPipeServerSessionId, client));

        close(client);
        assertEquals(process, ask(win32::GetNamedPipeClientProcessId, server), "it has gone");
    }

    /** A call that tells a number: the seam's methods fit, as they answer an int. */
    private int ask(LongBinaryOperator question, long pipe) {
        NativeMemory result = allocate(Integer.BYTES);
        assertEquals(ERROR_SUCCESS, (int) question.applyAsLong(pipe, result.address()));
        return result.buffer().getInt(0);
    }
}
