/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import io.npipe.testkit.Wine;
import io.npipe.win32.NativeWin32;
import io.npipe.win32.Win32;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Timeout;

/** The contract of the seam, on this system's kernel. */
@Timeout(60)
class JnaWin32ContractTest {

    @Nested
    class Connect extends ConnectContract {

        @Override
        Win32 win32() {
            return NativeWin32.get();
        }

        @Override
        boolean isWine() {
            return Wine.isWine();
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
            return Wine.isWine();
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
            return Wine.isWine();
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
            return Wine.isWine();
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
            return Wine.isWine();
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
            return Wine.isWine();
        }
    }
}
