/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/*
 * The classic server with completion routines: one thread waits, alertably, for the next client; whatever ends meanwhile
 * for the others calls a routine on it.
 *
 * usage: completion_routine_server PIPE
 *
 * Prints "listening", and the bytes of each request.
 */
#include "server.h"

static const TCHAR ANSWER[] = TEXT("Default answer from server");

typedef struct {
    OVERLAPPED overlapped; /* first, since a routine is given its address only */
    HANDLE pipe;
    char request[BUFSIZE * sizeof(TCHAR)];
} Client;

static void WINAPI request_read(DWORD error, DWORD count, OVERLAPPED *overlapped);

static void WINAPI answer_written(DWORD error, DWORD count, OVERLAPPED *overlapped);

static void give_up(Client *client) {
    DisconnectNamedPipe(client->pipe);
    CloseHandle(client->pipe);
    free(client);
}

static void read_request(Client *client) {
    if (!ReadFileEx(client->pipe, client->request, sizeof client->request, &client->overlapped, request_read)) {
        give_up(client);
    }
}

static void WINAPI request_read(DWORD error, DWORD count, OVERLAPPED *overlapped) {
    Client *client = (Client *)overlapped;
    if (error != ERROR_SUCCESS || count == 0) {
        give_up(client);
        return;
    }
    tell_bytes("request", client->request, count);
    if (!WriteFileEx(client->pipe, ANSWER, bytes_of(ANSWER), &client->overlapped, answer_written)) {
        give_up(client);
    }
}

static void WINAPI answer_written(DWORD error, DWORD count, OVERLAPPED *overlapped) {
    Client *client = (Client *)overlapped;
    if (error != ERROR_SUCCESS || count != bytes_of(ANSWER)) {
        give_up(client);
        return;
    }
    read_request(client);
}

static HANDLE listen_on(const TCHAR *name, OVERLAPPED *connect) {
    HANDLE pipe = create_instance(name, FILE_FLAG_OVERLAPPED, PIPE_UNLIMITED_INSTANCES);
    if (!ConnectNamedPipe(pipe, connect)) {
        switch (GetLastError()) {
        case ERROR_IO_PENDING:
            break;
        case ERROR_PIPE_CONNECTED:
        case ERROR_NO_DATA: /* it has gone again; what it wrote is there still */
            SetEvent(connect->hEvent); /* no operation will */
            break;
        default:
            fail("ConnectNamedPipe");
        }
    }
    return pipe;
}

int _tmain(int argc, TCHAR **argv) {
    const TCHAR *name = pipe_name(argc, argv);
    OVERLAPPED connect = {0};
    connect.hEvent = CreateEvent(NULL, FALSE, FALSE, NULL);
    if (connect.hEvent == NULL) {
        fail("CreateEvent");
    }
    HANDLE pipe = listen_on(name, &connect);
    tell("listening\n");
    end_with_input();
    for (;;) {
        switch (WaitForSingleObjectEx(connect.hEvent, INFINITE, TRUE)) {
        case WAIT_IO_COMPLETION:
            break; /* a routine has run */
        case WAIT_OBJECT_0: {
            Client *client = calloc(1, sizeof *client);
            if (client == NULL) {
                fail("calloc");
            }
            client->pipe = pipe;
            read_request(client);
            pipe = listen_on(name, &connect);
            break;
        }
        default:
            fail("WaitForSingleObjectEx");
        }
    }
}
