/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.platform.win32.Advapi32;
import com.sun.jna.platform.win32.Advapi32Util;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.Kernel32Util;
import com.sun.jna.platform.win32.Win32Exception;
import com.sun.jna.platform.win32.WinNT;
import com.sun.jna.ptr.IntByReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

/** The calls that nobody counts: texts and SIDs, through {@code jna-platform}'s comfortable mapping. */
final class ColdWin32 {

    String currentUserSid() {
        WinNT.HANDLEByReference token = new WinNT.HANDLEByReference();
        require(
                Advapi32.INSTANCE.OpenProcessToken(Kernel32.INSTANCE.GetCurrentProcess(), WinNT.TOKEN_QUERY, token),
                "OpenProcessToken");
        try {
            IntByReference size = new IntByReference();
            Advapi32.INSTANCE.GetTokenInformation(
                    token.getValue(), WinNT.TOKEN_INFORMATION_CLASS.TokenUser, null, 0, size);
            WinNT.TOKEN_USER user = new WinNT.TOKEN_USER(size.getValue());
            require(
                    Advapi32.INSTANCE.GetTokenInformation(
                            token.getValue(), WinNT.TOKEN_INFORMATION_CLASS.TokenUser, user, size.getValue(), size),
                    "GetTokenInformation");
            return Advapi32Util.convertSidToStringSid(user.User.Sid);
        } finally {
            Kernel32.INSTANCE.CloseHandle(token.getValue());
        }
    }

    String sidOfAccount(String account) {
        try {
            return Advapi32Util.getAccountByName(account).sidString;
        } catch (Win32Exception e) {
            return nothingIfNoneMapped(e, "LookupAccountNameW");
        }
    }

    String accountOfSid(String sid) {
        try {
            Advapi32Util.Account account = Advapi32Util.getAccountBySid(sid);
            boolean isUnknown = account.accountType == WinNT.SID_NAME_USE.SidTypeUnknown;
            return isUnknown ? null : account.fqn;
        } catch (Win32Exception e) {
            return nothingIfNoneMapped(e, "LookupAccountSidW");
        }
    }

    private static String nothingIfNoneMapped(Win32Exception failure, String call) {
        if (failure.getErrorCode() == Win32Error.ERROR_NONE_MAPPED) {
            return null;
        }
        throw new UncheckedIOException(new IOException(
                call + " failed: " + Win32Error.name(failure.getErrorCode()) + ": " + failure.getMessage(), failure));
    }

    String errorText(int code) {
        try {
            return Kernel32Util.formatMessage(code).strip().replaceAll("\\s+", " ");
        } catch (LastErrorException unknownCode) { // FormatMessageW has no text for it
            return String.format(Locale.ROOT, "Windows error %d", code);
        }
    }

    private static void require(boolean ok, String call) {
        if (!ok) {
            int code = Native.getLastError();
            throw new UncheckedIOException(new IOException(call + " failed: " + Win32Error.name(code)));
        }
    }
}
