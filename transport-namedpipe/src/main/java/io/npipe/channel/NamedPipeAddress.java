/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import java.net.SocketAddress;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The path of a named pipe. Immutable. As for Windows, case does not matter for equality.
 *
 * <p>A name is anything that Windows takes, backslashes included: not empty, without NUL, and the whole path has at most
 * {@value #MAX_PATH_LENGTH} characters. See <a
 * href="https://learn.microsoft.com/windows/win32/ipc/pipe-names">Pipe Names</a>.
 */
public class NamedPipeAddress extends SocketAddress {

    /** Characters that a whole path may have. */
    public static final int MAX_PATH_LENGTH = 256;

    private static final long serialVersionUID = 1;
    private static final String LOCAL_HOST = ".";
    private static final String URI_SCHEME = "npipe:";
    private static final String PIPE = "pipe\\";
    private static final String FORM = "a path has the form \\\\host\\pipe\\name, with . as the host for this machine";

    /** No name of a pipe begins like this: it would have an empty part. */
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):[/\\\\]{2}.*", Pattern.DOTALL);

    private final String host;
    private final String name;

    NamedPipeAddress(String host, String name) {
        this.host = host;
        this.name = name;
    }

    /**
     * Makes an address from a bare name or a path.
     *
     * <p>A {@code /} in a name is a backslash, as it is to Windows. Names that Windows would change on the way are refused,
     * such as those with a part {@code ..}, which leads out of the pipes.
     *
     * @param nameOrPath such as {@code echo}, {@code sql\query}, {@code \\.\pipe\echo} or {@code \\server\pipe\echo}
     * @return address
     * @throws IllegalArgumentException if it is none, naming the rule
     */
    public static NamedPipeAddress of(String nameOrPath) {
        Objects.requireNonNull(nameOrPath, "nameOrPath");
        if (!nameOrPath.startsWith("\\\\")) {
            return checked(LOCAL_HOST, nameOrPath, nameOrPath);
        }
        int hostEnd = nameOrPath.indexOf('\\', 2);
        if (hostEnd <= 2 || !nameOrPath.regionMatches(true, hostEnd + 1, PIPE, 0, PIPE.length())) {
            throw refused(nameOrPath, FORM);
        }
        String host = nameOrPath.substring(2, hostEnd);
        return checked(
                host.equals("?") ? LOCAL_HOST : host, nameOrPath.substring(hostEnd + 1 + PIPE.length()), nameOrPath);
    }

    /**
     * Makes an address from the URI spellings of Docker, containerd and Go, or from what {@link #of(String)} takes.
     *
     * @param uri such as {@code npipe:////./pipe/echo}, {@code npipe://./pipe/echo} or {@code //./pipe/echo}
     * @return address
     * @throws IllegalArgumentException if it is none, naming the rule
     */
    public static NamedPipeAddress parse(String uri) {
        Objects.requireNonNull(uri, "uri");
        String path = uri.regionMatches(true, 0, URI_SCHEME, 0, URI_SCHEME.length())
                ? uri.substring(URI_SCHEME.length())
                : uri;
        if (!path.startsWith("//")) {
            return of(path);
        }
        int begin = 0;
        while (begin < path.length() && path.charAt(begin) == '/') {
            begin++;
        }
        return of("\\\\" + path.substring(begin).replace('/', '\\'));
    }

    /** Windows changes a path before it looks at its namespace: what comes in here stays what it is. */
    private static NamedPipeAddress checked(String host, String givenName, String given) {
        requireNoScheme(givenName, given);
        String name = givenName.replace('/', '\\');
        if (name.isEmpty()) {
            throw refused(given, "the name of a pipe must not be empty");
        }
        for (String part : name.split("\\\\", -1)) {
            if (part.isEmpty() || part.endsWith(".")) {
                throw refused(given, "no part of a name may be empty or end with a dot, for Windows would change it");
            }
        }
        if (name.endsWith(" ")) {
            throw refused(given, "a name must not end with a space, for Windows would drop it");
        }
        if (host.indexOf('/') >= 0 || host.equals("..")) {
            throw refused(given, FORM);
        }
        if (given.indexOf('\0') >= 0) {
            throw refused(given, "the name of a pipe must not contain NUL");
        }
        NamedPipeAddress address = new NamedPipeAddress(host, name);
        int length = address.path().length();
        if (length > MAX_PATH_LENGTH) {
            throw refused(given, "the whole path must not exceed " + MAX_PATH_LENGTH + " characters, it has " + length);
        }
        return address;
    }

    private static void requireNoScheme(String givenName, String given) {
        Matcher uri = SCHEME.matcher(givenName);
        if (uri.matches()) {
            String scheme = uri.group(1) + ":";
            throw refused(
                    given,
                    scheme.equalsIgnoreCase(URI_SCHEME)
                            ? "this is a URI, which NamedPipeAddress.parse takes"
                            : scheme + " is the scheme of another kind of address; expected a name such as echo, a path"
                                    + " such as \\\\.\\pipe\\echo, or a URI such as npipe:////./pipe/echo");
        }
    }

    private static IllegalArgumentException refused(String given, String rule) {
        return new IllegalArgumentException("not a named pipe: \"" + given.replace("\0", "\\0") + "\": " + rule);
    }

    /**
     * Tells the machine.
     *
     * @return {@code .} for this machine, else a host name
     */
    public final String host() {
        return host;
    }

    /**
     * Tells the name, without host.
     *
     * @return name, with backslashes between its parts
     */
    public final String name() {
        return name;
    }

    /**
     * Tells whether the pipe is on this machine by its path.
     *
     * @return true if the host is {@code .}
     */
    public final boolean isLocal() {
        return host.equals(LOCAL_HOST);
    }

    /**
     * Tells the whole path.
     *
     * @return {@code \\host\pipe\name}
     */
    public final String path() {
        return "\\\\" + host + "\\" + PIPE + name;
    }

    @Override
    public boolean equals(Object other) {
        return other != null
                && other.getClass() == getClass()
                && ((NamedPipeAddress) other).path().equalsIgnoreCase(path());
    }

    @Override
    public int hashCode() {
        // Character by character as equalsIgnoreCase compares, so that equal addresses have equal codes.
        int hash = 0;
        String path = path();
        for (int i = 0; i < path.length(); i++) {
            hash = 31 * hash + Character.toLowerCase(Character.toUpperCase(path.charAt(i)));
        }
        return hash;
    }

    @Override
    public String toString() {
        return path();
    }
}
