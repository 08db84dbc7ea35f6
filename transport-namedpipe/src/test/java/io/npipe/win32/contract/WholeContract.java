/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract;

import org.junit.jupiter.api.Nested;

/** All contracts of the seam. Each kernel has a subclass, so that all of them run the same tests. */
abstract class WholeContract {

    /** The implementation under test. */
    abstract Win32Contract.Kernel kernel();

    @Nested
    class Connect extends ConnectContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class ByteMode extends ByteModeContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class State extends StateContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class Queue extends QueueContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class EmptyMessage extends EmptyMessageContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class Query extends QueryContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class Instance extends InstanceContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class NoWait extends NoWaitContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class Root extends RootContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class MessageMode extends MessageModeContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class Port extends PortContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class InstanceWait extends InstanceWaitContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class ColdPath extends ColdPathContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class Security extends SecurityContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class Impersonation extends ImpersonationContract {

        @Override
        Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }

    @Nested
    class Table extends RowsContract {

        @Override
        Win32Contract.Kernel kernel() {
            return WholeContract.this.kernel();
        }
    }
}
