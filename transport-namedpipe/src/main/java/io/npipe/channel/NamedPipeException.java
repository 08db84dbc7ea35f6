/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.npipe.win32.Win32;
import io.npipe.win32.Win32Error;
import java.io.IOException;

/**
 * A call that Windows refused: which, for which pipe, and why. Where Netty's users expect a class of {@code java.net},
 * such as {@link java.net.ConnectException}, it is that one's cause; such an exception without it is this library's own
 * decision, such as that a pipe has not the {@link NamedPipeChannelOption#REQUIRED_SERVER_OWNER}.
 */
public final class NamedPipeException extends IOException {

    private static final long serialVersionUID = 1;

    private final int code;
    private final String call;
    private final String path;

    NamedPipeException(Win32 win32, int code, String call, NamedPipeAddress address) {
        super(address + ": " + call + " failed with " + Win32Error.name(code) + " (" + code + "): "
                + win32.errorText(code));
        this.code = code;
        this.call = call;
        path = address.path();
    }

    /**
     * Tells the error code.
     *
     * @return Win32 error code
     */
    public int code() {
        return code;
    }

    /**
     * Tells the code's name.
     *
     * @return such as {@code ERROR_PIPE_BUSY}
     */
    public String codeName() {
        return Win32Error.name(code);
    }

    /**
     * Tells what was called.
     *
     * @return such as {@code WriteFile}
     */
    public String call() {
        return call;
    }

    /**
     * Tells which pipe.
     *
     * @return path
     */
    public String path() {
        return path;
    }
}
