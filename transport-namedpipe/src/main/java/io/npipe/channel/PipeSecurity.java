/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.npipe.win32.NativeWin32;
import io.npipe.win32.Sddl;
import io.npipe.win32.SecurityConstants;
import io.npipe.win32.Sid;
import io.npipe.win32.Win32;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Who may open a server's pipe: {@link NamedPipeChannelOption#SECURITY}. Immutable; any thread.
 *
 * <p>All but {@link #sddl} grant the server's user everything ({@code 0x1F01FF}), inherit nothing, and let nobody else
 * create instances. What is not allowed is refused: also administrators and the system, unless they are named. The owner is
 * the server's user ({@code TokenUser}, so that it is the same elevated or not), unless a {@link Builder} says otherwise.
 * See <a
 * href="https://learn.microsoft.com/windows/win32/ipc/named-pipe-security-and-access-rights">Named Pipe Security and
 * Access Rights</a>.
 *
 * <p>The descriptor belongs to the name: it is given with the first instance, and later ones have it, too.
 */
public final class PipeSecurity {

    /** Stands for the user who runs the server. */
    private static final String TOKEN_USER = "TokenUser";

    /** Stands for whom Windows makes the owner of what this process creates. */
    private static final String TOKEN_OWNER = "TokenOwner";

    private static final PipeSecurity CURRENT_USER = new PipeSecurity("currentUser()", TOKEN_USER, Map.of(), null);

    private final String description;
    private final String owner;
    private final Map<String, Integer> allowed;
    private final String sddl;

    private PipeSecurity(String description, String owner, Map<String, Integer> allowed, String sddl) {
        this.description = description;
        this.owner = owner;
        this.allowed = allowed;
        this.sddl = sddl;
    }

    /**
     * The user who runs the server, and nobody else: the default.
     *
     * @return security
     */
    public static PipeSecurity currentUser() {
        return CURRENT_USER;
    }

    /**
     * Everybody on this machine, processes without a user and those in app containers included; from other machines only
     * with {@link NamedPipeChannelOption#ACCEPT_REMOTE_CLIENTS}. Nobody but the server's user creates instances.
     *
     * @return security
     */
    public static PipeSecurity unrestricted() {
        return new Builder(NativeWin32::get)
                .allow(Sid.EVERYONE)
                .allow(Sid.ANONYMOUS)
                .allow(Sid.ALL_APPLICATION_PACKAGES)
                .build("unrestricted()");
    }

    /**
     * Exactly what a text in the <a
     * href="https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format">security descriptor
     * definition language</a> says. It should grant the server's own user {@code 0x1F01FF} (or {@code FA}, or {@code GA}):
     * else Windows refuses the second instance, and the bind fails. Without an owner ({@code O:}) it is the one of {@link
     * Builder#ownedByTokenOwner()}. {@code GW} and {@code FW} let a client create
     * instances; {@code 0x12019B} does not.
     *
     * @param sddl such as {@code D:P(A;;FA;;;SY)(A;;0x12019b;;;BU)}
     * @return security
     * @throws IllegalArgumentException if Windows does not accept it; the message quotes the entry that is wrong
     * @throws UnsatisfiedLinkError on a JVM that is not 64-bit Windows
     */
    public static PipeSecurity sddl(String sddl) {
        return sddl(NativeWin32.get(), sddl);
    }

    static PipeSecurity sddl(Win32 win32, String sddl) {
        Sddl.requireValid(win32, Objects.requireNonNull(sddl, "sddl"));
        return new PipeSecurity(sddl, null, Map.of(), sddl);
    }

    /**
     * Begins a list of those who are allowed beside the server's user; it can also name another owner.
     *
     * @return builder
     */
    public static Builder builder() {
        return new Builder(NativeWin32::get);
    }

    static Builder builder(Win32 win32) {
        return new Builder(() -> win32);
    }

    /**
     * Tells the SID of the user who runs this process, such as to require it of a server: {@link
     * NamedPipeChannelOption#REQUIRED_SERVER_OWNER}.
     *
     * @return {@code S-1-5-…}
     * @throws UnsatisfiedLinkError on a JVM that is not 64-bit Windows
     */
    public static String currentUserSid() {
        return NativeWin32.get().currentUserSid();
    }

    /** The text that stands for it, for the user of this process. */
    String sddl(Win32 win32) {
        if (sddl != null) {
            return sddl;
        }
        String user = win32.currentUserSid();
        StringBuilder text = new StringBuilder();
        if (!owner.equals(TOKEN_OWNER)) { // without one, it is that
            text.append("O:").append(owner.equals(TOKEN_USER) ? user : owner);
        }
        text.append("D:P");
        appendEntry(text, SecurityConstants.FILE_ALL_ACCESS, user);
        allowed.forEach((sid, mask) -> appendEntry(text, mask, sid));
        return text.toString();
    }

    private static void appendEntry(StringBuilder text, int mask, String sid) {
        text.append(String.format(Locale.ROOT, "(A;;0x%x;;;%s)", mask, sid));
    }

    /** What it was made from. */
    @Override
    public String toString() {
        return "PipeSecurity(" + description + ")";
    }

    /** Those who are allowed, and whose the pipe is. Not thread-safe. */
    public static final class Builder {

        private final Supplier<Win32> win32;
        private final Map<String, Integer> allowed = new LinkedHashMap<>();
        private final StringBuilder description = new StringBuilder();
        private String owner = TOKEN_USER;

        private Builder(Supplier<Win32> win32) {
            this.win32 = win32;
        }

        /**
         * Allows an account.
         *
         * @param sidOrAccount the SID ({@code S-1-5-32-545}) or the name ({@code BUILTIN\Users}, {@code alice}) of a user
         *     or a group. A name is looked up at once, which may ask another machine: not for an event loop. Names of
         *     Windows' own groups depend on its language, SIDs do not.
         * @param rights what it may do; both if none is given
         * @return this
         * @throws IllegalArgumentException if there is no such account
         * @throws UnsatisfiedLinkError for a name, on a JVM that is not 64-bit Windows
         */
        public Builder allow(String sidOrAccount, PipeRights... rights) {
            String sid = Accounts.sidOf(win32, sidOrAccount);
            int mask = 0;
            for (PipeRights right : rights.length == 0 ? PipeRights.values() : rights) {
                mask |= right.mask();
            }
            allowed.merge(sid, mask, (before, more) -> before | more);
            describe("allow " + sidOrAccount);
            return this;
        }

        /**
         * Makes Windows' default the owner: the {@code TokenOwner} of the process that binds. That is its user, but for an
         * elevated administrator and for services that run as the system it is the group of administrators ({@code
         * S-1-5-32-544}).
         *
         * <p>For clients that compare the pipe's owner with their own {@code TokenOwner}: an elevated .NET client with {@code
         * PipeOptions.CurrentUserOnly} refuses a pipe that its user owns. In return, clients that are not elevated and
         * expect their own user refuse the pipe of an elevated server, {@link NamedPipeChannelOption#REQUIRED_SERVER_OWNER}
         * with {@link #currentUserSid()} among them. An owner may change who is allowed; so each elevated administrator may
         * then.
         *
         * @return this
         */
        public Builder ownedByTokenOwner() {
            owner = TOKEN_OWNER;
            describe("owned by TokenOwner");
            return this;
        }

        /**
         * Makes an account the owner. Windows takes the user of the process that binds, the group of administrators if that
         * process is elevated, and any other account only from a process with {@code SeRestorePrivilege}: else the bind
         * fails with {@link java.net.BindException} and {@code ERROR_INVALID_OWNER}. An owner may change who is allowed.
         *
         * @param sidOrAccount the SID or the name of a user or a group, as for {@link #allow}
         * @return this
         * @throws IllegalArgumentException if there is no such account
         * @throws UnsatisfiedLinkError for a name, on a JVM that is not 64-bit Windows
         */
        public Builder ownedBy(String sidOrAccount) {
            owner = Accounts.sidOf(win32, sidOrAccount);
            describe("owned by " + sidOrAccount);
            return this;
        }

        private void describe(String entry) {
            description.append(description.isEmpty() ? "" : ", ").append(entry);
        }

        /**
         * Ends the list.
         *
         * @return security
         */
        public PipeSecurity build() {
            return build(description.toString());
        }

        private PipeSecurity build(String what) {
            return new PipeSecurity(what, owner, new LinkedHashMap<>(allowed), null);
        }
    }
}
