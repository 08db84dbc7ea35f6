/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/*
 * The classic client: opens the pipe, waits where it is busy, reads by messages, sends a request with one WriteFile, and
 * reads its reply until there is no more data.
 *
 * usage: classic_client PIPE REQUEST [BUFFER [COUNT]]
 *
 * BUFFER is the size of a read in bytes, by default that of the longest string; 0 never reads. COUNT is how many requests
 * to send, one after the other, by default 1; 0 is without end.
 *
 * Prints "busy" where it finds the pipe so, "connected", and for each reply the number of reads that it took, and its bytes.
 */
#include "classic.h"

#define WAIT_MILLIS 20000

static HANDLE open_pipe(const TCHAR *name) {
    for (;;) {
        HANDLE pipe = CreateFile(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        if (pipe != INVALID_HANDLE_VALUE) {
            return pipe;
        }
        if (GetLastError() != ERROR_PIPE_BUSY) {
            fail("CreateFile");
        }
        tell("busy\n");
        if (!WaitNamedPipe(name, WAIT_MILLIS)) {
            fail("WaitNamedPipe");
        }
    }
}

static void read_reply(HANDLE pipe, DWORD buffer_bytes) {
    static char reply[BUFSIZE * sizeof(TCHAR)];
    DWORD length = 0;
    int reads = 0;
    BOOL whole;
    char label[16];
    do {
        DWORD count = 0;
        DWORD room = sizeof reply - length;
        whole = ReadFile(pipe, reply + length, buffer_bytes < room ? buffer_bytes : room, &count, NULL);
        if (!whole && (GetLastError() != ERROR_MORE_DATA || room == 0)) {
            fail("ReadFile");
        }
        length += count;
        reads++;
    } while (!whole);
    snprintf(label, sizeof label, "%d", reads);
    tell_bytes(label, reply, length);
}

int _tmain(int argc, TCHAR **argv) {
    if (argc < 3) {
        fputs("usage: classic_client PIPE REQUEST [BUFFER [COUNT]]\n", stderr);
        return 2;
    }
    const TCHAR *request = argv[2];
    DWORD buffer_bytes = argc > 3 ? (DWORD)_ttoi(argv[3]) : BUFSIZE * sizeof(TCHAR);
    int count = argc > 4 ? _ttoi(argv[4]) : 1;

    HANDLE pipe = open_pipe(argv[1]);
    DWORD mode = PIPE_READMODE_MESSAGE;
    if (!SetNamedPipeHandleState(pipe, &mode, NULL, NULL)) {
        fail("SetNamedPipeHandleState");
    }
    tell("connected\n");
    for (int i = 0; count == 0 || i < count; i++) {
        DWORD written;
        if (!WriteFile(pipe, request, bytes_of(request), &written, NULL)) {
            fail("WriteFile");
        }
        if (buffer_bytes > 0) {
            read_reply(pipe, buffer_bytes);
        }
    }
    CloseHandle(pipe);
    return 0;
}
