/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.SECURITY_IMPERSONATION;
import static io.npipe.win32.PipeConstants.SECURITY_SQOS_PRESENT;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static io.npipe.win32.contract.rows.Row.likely;
import static io.npipe.win32.contract.rows.Row.open;
import static io.npipe.win32.contract.rows.Stage.BYTES;
import static io.npipe.win32.contract.rows.Stage.QUOTA;
import static io.npipe.win32.contract.rows.Stage.READ_WRITE;
import static io.npipe.win32.contract.rows.Stage.UNLIMITED;
import static io.npipe.win32.contract.rows.Stage.opened;

import io.npipe.win32.SecurityDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Rights, and who a client is. */
final class SecurityRows {

    static final List<Row> ALL = List.of(
            likely(
                            "60",
                            "at most one instance, and it exists; its descriptor grants this user 0x12019B",
                            "CreateNamedPipeW",
                            "5",
                            s -> {
                                String user = s.win32.currentUserSid();
                                long first = create(s, 1, "D:P(A;;0x12019b;;;" + user + ")");
                                Stage.require(first > 0, "CreateNamedPipeW answered " + -first);
                                return opened(s.create(PIPE_ACCESS_DUPLEX, BYTES, 1));
                            })
                    .onWine("231"),
            open(
                    "63",
                    "the client came with SECURITY_IMPERSONATION before ConnectNamedPipe (535)",
                    "ImpersonateNamedPipeClient",
                    List.of("0", "1368"),
                    s -> {
                        long server = s.server(BYTES);
                        long client =
                                s.open(Stage.path(s.name), READ_WRITE, SECURITY_SQOS_PRESENT | SECURITY_IMPERSONATION);
                        Stage.require(client > 0, "CreateFileW answered " + -client);
                        Stage.require(s.listen(server).code == 535, "ConnectNamedPipe");
                        int code = s.win32.ImpersonateNamedPipeClient(server);
                        if (code == ERROR_SUCCESS) {
                            Stage.require(s.win32.RevertToSelf() == ERROR_SUCCESS, "RevertToSelf");
                        }
                        return "" + code;
                    }),
            open(
                    "64",
                    "an instance exists",
                    "CreateNamedPipeW with a descriptor of owner and group, without a DACL",
                    List.of("ok", "5"),
                    s -> {
                        s.server(BYTES);
                        String user = s.win32.currentUserSid();
                        return opened(create(s, UNLIMITED, "O:" + user + "G:" + user));
                    }));

    /** The handle, or the negated code. */
    private static long create(Stage stage, int maxInstances, String sddl) {
        SecurityDescriptor security;
        try {
            security = SecurityDescriptor.ofSddl(stage.win32, sddl);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            return stage.create(
                    stage.name, PIPE_ACCESS_DUPLEX, BYTES, maxInstances, QUOTA, security.attributesAddress());
        } finally {
            security.free();
        }
    }

    private SecurityRows() {}
}
