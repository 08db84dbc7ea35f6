/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/*
 * The classic server with a thread for each client, and instances without limit.
 *
 * usage: multithreaded_server PIPE
 *
 * Prints "listening", and the bytes of each request.
 */
#include "server.h"

static const TCHAR ANSWER[] = TEXT("default answer from server");

static DWORD WINAPI serve(void *instance) {
    HANDLE pipe = instance;
    char request[BUFSIZE * sizeof(TCHAR)];
    DWORD count;
    /* A request that is longer fails with ERROR_MORE_DATA, and ends its client. */
    while (ReadFile(pipe, request, sizeof request, &count, NULL) && count > 0) {
        tell_bytes("request", request, count);
        if (!WriteFile(pipe, ANSWER, bytes_of(ANSWER), &count, NULL) || count != bytes_of(ANSWER)) {
            break;
        }
    }
    FlushFileBuffers(pipe); /* a disconnect discards what the client has not read */
    DisconnectNamedPipe(pipe);
    CloseHandle(pipe);
    return 0;
}

int _tmain(int argc, TCHAR **argv) {
    const TCHAR *name = pipe_name(argc, argv);
    BOOL told = FALSE;
    end_with_input();
    for (;;) {
        HANDLE pipe = create_instance(name, 0, PIPE_UNLIMITED_INSTANCES);
        if (!told) {
            tell("listening\n");
            told = TRUE;
        }
        if (ConnectNamedPipe(pipe, NULL) || GetLastError() == ERROR_PIPE_CONNECTED) {
            HANDLE thread = CreateThread(NULL, 0, serve, pipe, 0, NULL);
            if (thread == NULL) {
                fail("CreateThread");
            }
            CloseHandle(thread);
        } else {
            CloseHandle(pipe); /* that client came and went */
        }
    }
}
