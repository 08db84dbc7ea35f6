/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/*
 * The classic server with overlapped operations: one thread waits for the events of a few instances, each of which is at a
 * step of its own and serves one client after the other.
 *
 * usage: overlapped_server PIPE
 *
 * Prints "listening", and the bytes of each request.
 */
#include "server.h"

#define INSTANCES 4

static const TCHAR ANSWER[] = TEXT("Default answer from server");

typedef enum { CONNECTING, READING, WRITING } Step;

typedef struct {
    OVERLAPPED overlapped;
    HANDLE pipe;
    Step step;
    BOOL pending; /* the operation of this step is under way */
    char request[BUFSIZE * sizeof(TCHAR)];
    DWORD request_bytes;
} Instance;

static Instance instances[INSTANCES];
static HANDLE events[INSTANCES];

static void listen_with(Instance *instance) {
    instance->step = CONNECTING;
    if (!ConnectNamedPipe(instance->pipe, &instance->overlapped)) {
        switch (GetLastError()) {
        case ERROR_IO_PENDING:
            instance->pending = TRUE;
            return;
        case ERROR_PIPE_CONNECTED:
        case ERROR_NO_DATA: /* it has gone again; what it wrote is there still */
            break;
        default:
            fail("ConnectNamedPipe");
        }
    }
    instance->pending = FALSE;
    instance->step = READING;
    SetEvent(instance->overlapped.hEvent); /* no operation will */
}

static void next_client(Instance *instance) {
    if (!DisconnectNamedPipe(instance->pipe)) {
        fail("DisconnectNamedPipe");
    }
    listen_with(instance);
}

/* The operation of this step has done so many bytes. Returns false if the client is to be given up. */
static BOOL advance(Instance *instance, DWORD count) {
    switch (instance->step) {
    case CONNECTING:
        instance->step = READING;
        return TRUE;
    case READING:
        if (count == 0) {
            return FALSE;
        }
        instance->request_bytes = count;
        tell_bytes("request", instance->request, instance->request_bytes);
        instance->step = WRITING;
        return TRUE;
    default:
        if (count != bytes_of(ANSWER)) {
            return FALSE;
        }
        instance->step = READING;
        return TRUE;
    }
}

/* Starts the operation of this step. It may end at once; its event is set then, too. */
static void start(Instance *instance) {
    DWORD count = 0;
    BOOL done = instance->step == READING
        ? ReadFile(instance->pipe, instance->request, sizeof instance->request, &count, &instance->overlapped)
        : WriteFile(instance->pipe, ANSWER, bytes_of(ANSWER), &count, &instance->overlapped);
    instance->pending = !done && GetLastError() == ERROR_IO_PENDING;
    if (!instance->pending && !(done && advance(instance, count))) {
        next_client(instance);
    }
}

int _tmain(int argc, TCHAR **argv) {
    const TCHAR *name = pipe_name(argc, argv);
    for (int i = 0; i < INSTANCES; i++) {
        events[i] = CreateEvent(NULL, TRUE, FALSE, NULL);
        if (events[i] == NULL) {
            fail("CreateEvent");
        }
        instances[i].overlapped.hEvent = events[i];
        instances[i].pipe = create_instance(name, FILE_FLAG_OVERLAPPED, INSTANCES);
        listen_with(&instances[i]);
    }
    tell("listening\n");
    end_with_input();
    for (;;) {
        DWORD ended = WaitForMultipleObjects(INSTANCES, events, FALSE, INFINITE) - WAIT_OBJECT_0;
        if (ended >= INSTANCES) {
            fail("WaitForMultipleObjects");
        }
        Instance *instance = &instances[ended];
        if (instance->pending) {
            DWORD count;
            BOOL done = GetOverlappedResult(instance->pipe, &instance->overlapped, &count, FALSE);
            if (!(done && advance(instance, count))) {
                next_client(instance);
                continue;
            }
        }
        start(instance);
    }
}
