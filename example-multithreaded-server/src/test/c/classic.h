/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/*
 * What the programs of this folder share. They talk as programs have talked that were written after the samples of
 * Microsoft's documentation: in messages that are a string with its NUL, in UTF-16LE if compiled with UNICODE and _UNICODE,
 * else in the ANSI code page.
 */
#ifndef CLASSIC_H
#define CLASSIC_H

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <tchar.h>

/* Characters of the longest string, with its NUL. */
#define BUFSIZE 512

static inline void fail(const char *call) {
    fprintf(stderr, "%s: error %lu\n", call, GetLastError());
    ExitProcess(1);
}

/* At once, for a test that waits for it. One call, since threads share the output. */
static inline void tell(const char *line) {
    fputs(line, stdout);
    fflush(stdout);
}

/* Bytes as they were on the pipe, in hexadecimal: so nothing depends on the code page of whoever reads it. */
static inline void tell_bytes(const char *label, const void *bytes, DWORD length) {
    char line[64 + 2 * BUFSIZE * sizeof(TCHAR)];
    int end = snprintf(line, 64, "%s ", label);
    for (DWORD i = 0; i < length && i < BUFSIZE * sizeof(TCHAR); i++) {
        end += snprintf(line + end, 3, "%02x", ((const unsigned char *)bytes)[i]);
    }
    line[end++] = '\n';
    line[end] = '\0';
    tell(line);
}

/* With the NUL. */
static inline DWORD bytes_of(const TCHAR *text) {
    return (DWORD)((lstrlen(text) + 1) * sizeof(TCHAR));
}

#endif
