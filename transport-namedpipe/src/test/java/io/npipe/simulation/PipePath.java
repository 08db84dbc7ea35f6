/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import io.npipe.win32.Win32Error;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The path of a pipe, or of the root of the pipe file system, whose name is empty.
 *
 * @param code why it is not one, or {@code ERROR_SUCCESS}
 */
record PipePath(String host, String name, int code) {

    private static final int MAX_LENGTH = 256;
    private static final Pattern PATH =
            Pattern.compile("\\\\\\\\([^\\\\]+)\\\\pipe(?:\\\\(.*))?", Pattern.CASE_INSENSITIVE);

    static PipePath of(String path) {
        Matcher matcher = PATH.matcher(path.replace('/', '\\'));
        if (!matcher.matches()) {
            return new PipePath(null, null, Win32Error.ERROR_INVALID_NAME);
        }
        int code = path.length() > MAX_LENGTH ? Win32Error.ERROR_FILENAME_EXCED_RANGE : Win32Error.ERROR_SUCCESS;
        return new PipePath(matcher.group(1), matcher.group(2), code);
    }

    /** It is the file system's own, without the backslash of its root directory. */
    boolean isFileSystem() {
        return name == null;
    }

    /** It is not that of a pipe. */
    boolean isDirectory() {
        return name == null || name.isEmpty();
    }

    boolean isRemote() {
        return !host.equals(".");
    }
}
