/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.Win32Error.ERROR_BAD_IMPERSONATION_LEVEL;
import static io.npipe.win32.Win32Error.ERROR_CANNOT_IMPERSONATE;
import static io.npipe.win32.Win32Error.ERROR_CANT_OPEN_ANONYMOUS;
import static io.npipe.win32.Win32Error.ERROR_INVALID_FUNCTION;
import static io.npipe.win32.Win32Error.ERROR_NO_TOKEN;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import java.util.HashMap;
import java.util.Map;

/** Which thread acts as whom. */
final class Impersonations {

    private static final int ERROR_NOT_SUPPORTED = 50;

    private final boolean wine;
    private final Map<Object, Token> tokens = new HashMap<>();

    Impersonations(boolean wine) {
        this.wine = wine;
    }

    /** ImpersonateNamedPipeClient. */
    int begin(Object thread, SimulatedProcess server, PipeEnd end) {
        if (!end.isServer()) {
            return wine ? ERROR_NOT_SUPPORTED : ERROR_INVALID_FUNCTION;
        }
        PipeInstance.Client client = end.instance().lastClient();
        if (wine) {
            tokens.put(thread, new Token(client == null ? server : client.process(), Token.IMPERSONATION));
            return ERROR_SUCCESS;
        }
        SimulatedProcess as = client == null ? null : clientOf(end, client);
        if (as == null) {
            return ERROR_CANNOT_IMPERSONATE;
        }
        boolean mayActAs = server.privileged() || server.userSid().equals(as.userSid());
        int level = mayActAs ? client.level() : Math.min(client.level(), Token.IDENTIFICATION);
        tokens.put(thread, new Token(as, level));
        return ERROR_SUCCESS;
    }

    private static SimulatedProcess clientOf(PipeEnd server, PipeInstance.Client client) {
        return switch (client.tracking()) {
            case STATIC -> client.process();
            case DYNAMIC -> server.inbound().lastWriter();
            case NEVER -> null;
        };
    }

    void end(Object thread) {
        tokens.remove(thread);
    }

    /** What becomes of opening the thread's token. */
    int whyNotOpen(Object thread, boolean asSelf) {
        Token token = tokens.get(thread);
        if (token == null) {
            return ERROR_NO_TOKEN;
        }
        if (token.level() == Token.ANONYMOUS) {
            return ERROR_CANT_OPEN_ANONYMOUS;
        }
        return token.level() < Token.IMPERSONATION && !asSelf ? ERROR_BAD_IMPERSONATION_LEVEL : ERROR_SUCCESS;
    }

    /** Null if it acts as its process. */
    Token token(Object thread) {
        return tokens.get(thread);
    }
}
