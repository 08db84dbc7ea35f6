/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import static io.npipe.win32.PipeConstants.FILE_SKIP_COMPLETION_PORT_ON_SUCCESS;
import static io.npipe.win32.PipeConstants.FILE_SKIP_SET_EVENT_ON_HANDLE;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.SECURITY_IMPERSONATION;
import static io.npipe.win32.PipeConstants.SECURITY_SQOS_PRESENT;
import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static io.npipe.win32.contract.rows.Row.sure;
import static io.npipe.win32.contract.rows.Stage.BYTES;
import static io.npipe.win32.contract.rows.Stage.MESSAGES;
import static io.npipe.win32.contract.rows.Stage.UNLIMITED;

import io.npipe.testkit.MoreWin32;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import io.npipe.win32.SecurityConstants;
import io.npipe.win32.Win32;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The rules that need a second thread, a second process, or calls that the seam does not have: on the kernel of this system
 * only.
 */
final class RealRows {

    private static final int FSCTL_PIPE_PEEK = 0x11400C;
    private static final int PEEK_SIZE = 100;
    private static final int SECURITY_CONTEXT_TRACKING = 0x40000;
    private static final int TOKEN_QUERY_AND_ADJUST_PRIVILEGES = 0x28;
    private static final int TOKEN_PRIVILEGES = 3;
    private static final int PRIVILEGES_SIZE = 4096;
    private static final int LUID_AND_ATTRIBUTES = 12;
    private static final int SE_PRIVILEGE_ENABLED = 2;

    /** A call that has not returned after so long blocks; one that is slower than that to begin would be misjudged. */
    private static final int WHILE = 500;

    static final List<Row> ALL = List.of(
            sure(
                    "69",
                    "a quota of 6000; another process has a write of 10000 under way; 10 bytes were read; it is ended by"
                            + " force, and another handle of its end lives",
                    "PeekNamedPipe, ReadFile(100), a write of 1 through the other handle, the read",
                    "0:0 997 0:1 0:1",
                    RealRows::crashWithPendingWrite),
            sure(
                    "70",
                    "FlushFileBuffers blocks on another thread",
                    "the reader closes; the server disconnects; the write that pends is cancelled: what it answers",
                    "109 233 0",
                    s -> flushed(s, "close") + " " + flushed(s, "disconnect") + " " + flushed(s, "cancel")),
            sure(
                            "71",
                            "a read pends in a port, without event; another process has a duplicate of the handle",
                            "CloseHandle, the packet",
                            "C0000120:0",
                            RealRows::closeOfTheLastHandleHere)
                    .onWine("none"),
            sure(
                    "72",
                    "a read pends in a port, without event; this process has a duplicate of the handle",
                    "CloseHandle, the packet; the peer writes 1, the packet",
                    "none 0:1",
                    RealRows::closeOfOneOfTwoHandles),
            sure(
                    "73",
                    "a handle",
                    "is signalled; SetFileCompletionNotificationModes(FILE_SKIP_SET_EVENT_ON_HANDLE), is signalled; a"
                            + " write, is signalled",
                    "yes no no",
                    RealRows::skippedEvent),
            sure("74", "messages, read as bytes", "TransactNamedPipe", "230", s -> {
                long client = s.clientOf(s.server(MESSAGES));
                return transact(s, client).outcome();
            }),
            sure("75", "messages; a message is there to read", "TransactNamedPipe", "231", s -> {
                long server = s.server(MESSAGES);
                long client = s.messageClientOf(server);
                s.write(server, 5);
                return transact(s, client).outcome();
            }),
            sure(
                            "76",
                            "a client with context tracking, and one without, whose process loses its privileges between"
                                    + " two writes",
                            "ImpersonateNamedPipeClient after each write: the privileges of the second",
                            "changed same",
                            s -> privileges(s, SECURITY_CONTEXT_TRACKING) + " " + privileges(s, 0))
                    .onWine("changed changed"),
            sure(
                            "77",
                            "in a port, skip on success; 5 bytes are there",
                            "FSCTL_PIPE_PEEK, the packet",
                            "103 0:21",
                            RealRows::controlledPeek)
                    .onWine("0 none"));

    // ---- two processes ---------------------------------------------------------------------------------------------

    private static String crashWithPendingWrite(Stage s) {
        long server = s.create(s.name, PIPE_ACCESS_DUPLEX, BYTES, UNLIMITED, 6000, 0);
        long client = s.clientOf(server);
        try (RowPeer peer = new RowPeer()) {
            int code = peer.write(peer.give(client), 10_000);
            Stage.require(code == ERROR_IO_PENDING, "the write of the other process answered " + code);
            Stage.require(s.read(server, 10).outcome().equals("0:10"), "a read of 10");
            peer.terminate();
        }
        String peeked = s.peek(server);
        Stage.Operation read = s.read(server, 100);
        String pending = read.outcome();
        return peeked + " " + pending + " " + s.write(client, 1).outcome() + " " + read.outcome();
    }

    private static String closeOfTheLastHandleHere(Stage s) {
        long server = s.server(BYTES);
        s.clientOf(server);
        long port = s.port();
        s.join(server, port);
        try (RowPeer peer = new RowPeer()) {
            peer.give(server);
            beginRead(s, server);
            s.close(server);
            return s.packet(port);
        }
    }

    // ---- two handles -----------------------------------------------------------------------------------------------

    private static String closeOfOneOfTwoHandles(Stage s) {
        long server = s.server(BYTES);
        long client = s.clientOf(server);
        long port = s.port();
        s.join(server, port);
        s.keep(RowPeer.duplicate(server, MoreWin32.GetCurrentProcess()));
        beginRead(s, server);
        s.close(server);
        String closed = s.packet(port);
        s.write(client, 1);
        return closed + " " + s.packet(port);
    }

    /** Without an event; its packet tells of its end. */
    private static void beginRead(Stage s, long handle) {
        NativeMemory overlapped = s.allocateForKernel(Overlapped.SIZE);
        NativeMemory buffer = s.allocateForKernel(10);
        int code = s.win32.ReadFile(handle, buffer.address(), 10, 0, overlapped.address());
        Stage.require(code == ERROR_IO_PENDING, "the read answered " + code);
    }

    // ---- two threads -----------------------------------------------------------------------------------------------

    private static String flushed(Stage s, String how) {
        long server = s.server(BYTES);
        long client = s.clientOf(server);
        Stage.Operation write = s.write(server, how.equals("cancel") ? Stage.QUOTA + 1 : 10);
        CompletableFuture<Void> begun = new CompletableFuture<>();
        CompletableFuture<Integer> flush = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    begun.complete(null);
                    flush.complete(s.win32.FlushFileBuffers(server));
                },
                "flush");
        thread.setDaemon(true);
        thread.start();
        begun.join();
        try {
            return "not blocked: " + flush.get(WHILE, TimeUnit.MILLISECONDS);
        } catch (TimeoutException blocked) {
            // as it should
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
        switch (how) {
            case "close" -> s.close(client);
            case "disconnect" -> s.disconnect(server);
            default -> s.cancel(write);
        }
        return "" + flush.join();
    }

    // ---- a token that changes --------------------------------------------------------------------------------------

    private static String privileges(Stage s, int tracking) {
        long server = s.server(BYTES);
        long client =
                s.open(Stage.path(s.name), Stage.READ_WRITE, SECURITY_SQOS_PRESENT | SECURITY_IMPERSONATION | tracking);
        Stage.require(client > 0, "CreateFileW answered " + -client);
        s.listen(server);
        int before = privilegesOfWriter(s, server, client);
        Stage.require(before > 0, "a process without privileges");
        NativeMemory result = s.allocate(Long.BYTES);
        require(MoreWin32.Advapi32.OpenProcessToken(
                MoreWin32.GetCurrentProcess(), TOKEN_QUERY_AND_ADJUST_PRIVILEGES, result.address()));
        long token = s.keep(result.buffer().getLong(0));
        NativeMemory own = privileges(s, token);
        require(MoreWin32.Advapi32.AdjustTokenPrivileges(token, 1, 0, 0, 0, 0));
        try {
            return privilegesOfWriter(s, server, client) == before ? "same" : "changed";
        } finally {
            require(MoreWin32.Advapi32.AdjustTokenPrivileges(token, 0, own.address(), 0, 0, 0));
        }
    }

    private static void require(int bool) {
        int code = MoreWin32.error(bool);
        Stage.require(code == ERROR_SUCCESS, "a call answered " + code);
    }

    /** How many are enabled in the token that the server acts with after a read. */
    private static int privilegesOfWriter(Stage s, long server, long client) {
        s.write(client, 1);
        Stage.require(s.read(server, 1).outcome().equals("0:1"), "a read of 1");
        NativeMemory result = s.allocate(Long.BYTES);
        Stage.require(s.win32.ImpersonateNamedPipeClient(server) == ERROR_SUCCESS, "ImpersonateNamedPipeClient");
        int code = s.win32.OpenThreadToken(Win32.CURRENT_THREAD, SecurityConstants.TOKEN_QUERY, 1, result.address());
        Stage.require(s.win32.RevertToSelf() == ERROR_SUCCESS, "RevertToSelf");
        Stage.require(code == ERROR_SUCCESS, "OpenThreadToken answered " + code);
        NativeMemory privileges = privileges(s, s.keep(result.buffer().getLong(0)));
        int enabled = 0;
        for (int i = 0; i < privileges.buffer().getInt(0); i++) {
            int attributes = privileges.buffer().getInt(Integer.BYTES + i * LUID_AND_ATTRIBUTES + Long.BYTES);
            enabled += (attributes & SE_PRIVILEGE_ENABLED) == 0 ? 0 : 1;
        }
        return enabled;
    }

    private static NativeMemory privileges(Stage s, long token) {
        NativeMemory privileges = s.allocate(PRIVILEGES_SIZE);
        int code = s.win32.GetTokenInformation(
                token,
                TOKEN_PRIVILEGES,
                privileges.address(),
                PRIVILEGES_SIZE,
                s.allocate(Integer.BYTES).address());
        Stage.require(code == ERROR_SUCCESS, "GetTokenInformation answered " + code);
        return privileges;
    }

    // ---- calls that the seam does not have -------------------------------------------------------------------------

    private static String skippedEvent(Stage s) {
        long server = s.server(BYTES);
        s.clientOf(server);
        String before = signalled(s, server);
        int code = s.win32.SetFileCompletionNotificationModes(server, FILE_SKIP_SET_EVENT_ON_HANDLE);
        Stage.require(code == ERROR_SUCCESS, "SetFileCompletionNotificationModes answered " + code);
        String after = signalled(s, server);
        NativeMemory overlapped = s.allocate(Overlapped.SIZE);
        code = s.win32.WriteFile(server, s.allocate(1).address(), 1, 0, overlapped.address());
        Stage.require(code == ERROR_SUCCESS, "WriteFile answered " + code);
        return before + " " + after + " " + signalled(s, server);
    }

    private static String signalled(Stage s, long handle) {
        return s.isSet(handle) ? "yes" : "no";
    }

    private static Stage.Operation transact(Stage s, long client) {
        Stage.Operation transaction = s.new Operation(client);
        transaction.code = MoreWin32.error(MoreWin32.TransactNamedPipe(
                client,
                s.allocate(5).address(),
                5,
                s.allocate(100).address(),
                100,
                0,
                transaction.overlapped.address()));
        return transaction;
    }

    private static String controlledPeek(Stage s) {
        long server = s.server(BYTES);
        s.write(s.clientOf(server), 5);
        long port = s.port();
        s.join(server, port);
        s.win32.SetFileCompletionNotificationModes(server, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS);
        NativeMemory overlapped = s.allocateForKernel(Overlapped.SIZE);
        NativeMemory result = s.allocateForKernel(PEEK_SIZE);
        int status = s.win32.NtFsControlFile(
                server,
                0,
                0,
                overlapped.address(),
                overlapped.address(),
                FSCTL_PIPE_PEEK,
                0,
                0,
                result.address(),
                PEEK_SIZE);
        return Stage.hex(status) + " " + s.packet(port);
    }

    private RealRows() {}
}
