/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/* What the servers share: they serve until their standard input ends, so also if who started them is gone. */
#ifndef SERVER_H
#define SERVER_H

#include "classic.h"

static inline DWORD WINAPI wait_for_end_of_input(void *unused) {
    char byte;
    DWORD count;
    (void)unused;
    while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &count, NULL) && count == 1) {
        /* nobody writes */
    }
    ExitProcess(0);
}

static inline void end_with_input(void) {
    HANDLE thread = CreateThread(NULL, 0, wait_for_end_of_input, NULL, 0, NULL);
    if (thread == NULL) {
        fail("CreateThread");
    }
    CloseHandle(thread);
}

static inline const TCHAR *pipe_name(int argc, TCHAR **argv) {
    if (argc != 2) {
        fputs("usage: server PIPE\n", stderr);
        ExitProcess(2);
    }
    return argv[1];
}

static inline HANDLE create_instance(const TCHAR *name, DWORD flags, DWORD instances) {
    HANDLE pipe = CreateNamedPipe(
        name,
        PIPE_ACCESS_DUPLEX | flags,
        PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_WAIT,
        instances,
        BUFSIZE * sizeof(TCHAR),
        BUFSIZE * sizeof(TCHAR),
        0,
        NULL);
    if (pipe == INVALID_HANDLE_VALUE) {
        fail("CreateNamedPipe");
    }
    return pipe;
}

#endif
