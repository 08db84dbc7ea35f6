/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import com.sun.jna.NativeLibrary;
import io.npipe.win32.NativeWin32;
import io.npipe.win32.Win32;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;

/** The contract of the seam, on this system's kernel. */
@Timeout(60)
class JnaWin32ContractTest {

    private static final boolean WINE = isThisWine();

    private static boolean isThisWine() {
        try {
            NativeLibrary.getInstance("ntdll").getFunction("wine_get_version");
            return true;
        } catch (UnsatisfiedLinkError windows) { // the export is Wine's
            return false;
        }
    }

    @Nested
    class Connect extends ConnectContract {

        @Override
        Win32 win32() {
            return NativeWin32.get();
        }

        @Override
        boolean isWine() {
            return WINE;
        }
    }

    @Nested
    class ByteMode extends ByteModeContract {

        @Override
        Win32 win32() {
            return NativeWin32.get();
        }

        @Override
        boolean isWine() {
            return WINE;
        }
    }

    @Nested
    class MessageMode extends MessageModeContract {

        @Override
        Win32 win32() {
            return NativeWin32.get();
        }

        @Override
        boolean isWine() {
            return WINE;
        }
    }

    @Nested
    class Port extends PortContract {

        @Override
        Win32 win32() {
            return NativeWin32.get();
        }

        @Override
        boolean isWine() {
            return WINE;
        }
    }

    @Nested
    class InstanceWait extends InstanceWaitContract {

        @Override
        Win32 win32() {
            return NativeWin32.get();
        }

        @Override
        boolean isWine() {
            return WINE;
        }
    }

    @Nested
    class ColdPath extends ColdPathContract {

        @Override
        Win32 win32() {
            return NativeWin32.get();
        }

        @Override
        boolean isWine() {
            return WINE;
        }
    }
}
