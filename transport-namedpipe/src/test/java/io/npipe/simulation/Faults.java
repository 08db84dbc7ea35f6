/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.simulation;

import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_CANNOT_IMPERSONATE;
import static io.npipe.win32.Win32Error.ERROR_FILE_NOT_FOUND;
import static io.npipe.win32.Win32Error.ERROR_INVALID_HANDLE;
import static io.npipe.win32.Win32Error.ERROR_INVALID_PARAMETER;
import static io.npipe.win32.Win32Error.ERROR_NOT_ENOUGH_MEMORY;
import static io.npipe.win32.Win32Error.ERROR_NOT_ENOUGH_QUOTA;
import static io.npipe.win32.Win32Error.ERROR_NO_SYSTEM_RESOURCES;
import static io.npipe.win32.Win32Error.ERROR_OPERATION_ABORTED;
import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;
import static io.npipe.win32.Win32Error.ERROR_PIPE_NOT_CONNECTED;

import io.npipe.testkit.ObservedWin32.Call;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/** Which calls fail, and how, though their caller has done nothing wrong. */
public interface Faults {

    /** None. */
    Faults NONE = call -> 0;

    /** There is no text, or no code, of that number. */
    int ERROR_MR_MID_NOT_FOUND = 317;

    /** The machine that knows an account does not answer. */
    int RPC_S_SERVER_UNAVAILABLE = 1722;

    /** The machine that knows an account does not trust this one. */
    int ERROR_TRUSTED_RELATIONSHIP_FAILURE = 1789;

    /**
     * The codes that a call may fail with while its arguments and the state of the pipe, as its caller can know it, are
     * fine: the kernel or the process has no memory left; somebody else was faster; the peer has gone meanwhile; other code
     * of this process has closed a handle that was not its own. Each call of the seam has some.
     */
    Map<Call, int[]> PLAUSIBLE = new EnumMap<>(Map.ofEntries(
            Map.entry(Call.CreateNamedPipeW, new int[] {
                ERROR_ACCESS_DENIED, ERROR_PIPE_BUSY, ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_MEMORY
            }),
            Map.entry(Call.CreateFileW, new int[] {
                ERROR_FILE_NOT_FOUND,
                ERROR_ACCESS_DENIED,
                ERROR_PIPE_BUSY,
                ERROR_NO_SYSTEM_RESOURCES,
                ERROR_NOT_ENOUGH_MEMORY
            }),
            Map.entry(Call.ConnectNamedPipe, new int[] {ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_QUOTA}),
            Map.entry(Call.DisconnectNamedPipe, new int[] {ERROR_NO_SYSTEM_RESOURCES}),
            Map.entry(Call.ReadFile, new int[] {ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_MEMORY}),
            Map.entry(Call.WriteFile, new int[] {ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_QUOTA}),
            Map.entry(Call.FlushFileBuffers, new int[] {ERROR_NO_SYSTEM_RESOURCES}),
            // It cancels nothing then, and closing the handle is what is left.
            Map.entry(Call.CancelIoEx, new int[] {ERROR_NO_SYSTEM_RESOURCES}),
            // The outcome of what has ended: a listening that was cancelled or cut off, or never began.
            Map.entry(
                    Call.GetOverlappedResult,
                    new int[] {ERROR_OPERATION_ABORTED, ERROR_PIPE_NOT_CONNECTED, ERROR_NO_SYSTEM_RESOURCES}),
            // The handle is closed all the same.
            Map.entry(Call.CloseHandle, new int[] {ERROR_INVALID_HANDLE}),
            Map.entry(Call.GetNamedPipeInfo, new int[] {ERROR_PIPE_NOT_CONNECTED, ERROR_NO_SYSTEM_RESOURCES}),
            Map.entry(Call.GetNamedPipeHandleStateW, new int[] {ERROR_PIPE_NOT_CONNECTED, ERROR_NO_SYSTEM_RESOURCES}),
            Map.entry(Call.SetNamedPipeHandleState, new int[] {ERROR_PIPE_NOT_CONNECTED, ERROR_NO_SYSTEM_RESOURCES}),
            Map.entry(Call.PeekNamedPipe, new int[] {ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_MEMORY}),
            Map.entry(Call.NtFsControlFile, new int[] {ERROR_NO_SYSTEM_RESOURCES, ERROR_ACCESS_DENIED}),
            Map.entry(Call.CreateIoCompletionPort, new int[] {ERROR_NO_SYSTEM_RESOURCES, ERROR_INVALID_PARAMETER}),
            Map.entry(Call.GetQueuedCompletionStatusEx, new int[] {ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_QUOTA}),
            Map.entry(Call.PostQueuedCompletionStatus, new int[] {ERROR_NO_SYSTEM_RESOURCES}),
            Map.entry(Call.SetFileCompletionNotificationModes, new int[] {ERROR_INVALID_PARAMETER}),
            Map.entry(Call.CreateEventW, new int[] {ERROR_NO_SYSTEM_RESOURCES}),
            // The event is there afterwards as before: what a caller does that goes on is seen.
            Map.entry(Call.SetEvent, new int[] {ERROR_INVALID_HANDLE}),
            Map.entry(Call.ResetEvent, new int[] {ERROR_INVALID_HANDLE}),
            Map.entry(Call.WaitForMultipleObjects, new int[] {ERROR_NO_SYSTEM_RESOURCES, ERROR_NOT_ENOUGH_MEMORY}),
            Map.entry(Call.GetNamedPipeClientProcessId, new int[] {ERROR_NO_SYSTEM_RESOURCES}),
            Map.entry(Call.GetNamedPipeClientSessionId, new int[] {ERROR_NO_SYSTEM_RESOURCES}),
            Map.entry(
                    Call.GetNamedPipeServerProcessId, new int[] {ERROR_PIPE_NOT_CONNECTED, ERROR_NO_SYSTEM_RESOURCES}),
            Map.entry(
                    Call.GetNamedPipeServerSessionId, new int[] {ERROR_PIPE_NOT_CONNECTED, ERROR_NO_SYSTEM_RESOURCES}),
            Map.entry(Call.ImpersonateNamedPipeClient, new int[] {ERROR_NO_SYSTEM_RESOURCES, ERROR_CANNOT_IMPERSONATE}),
            Map.entry(Call.RevertToSelf, new int[] {ERROR_NO_SYSTEM_RESOURCES}),
            Map.entry(Call.OpenThreadToken, new int[] {ERROR_NOT_ENOUGH_MEMORY}),
            Map.entry(Call.GetTokenInformation, new int[] {ERROR_NOT_ENOUGH_MEMORY}),
            Map.entry(Call.CheckTokenMembership, new int[] {ERROR_NOT_ENOUGH_MEMORY}),
            Map.entry(Call.ConvertStringSecurityDescriptorToSecurityDescriptorW, new int[] {ERROR_NOT_ENOUGH_MEMORY}),
            Map.entry(Call.ConvertSecurityDescriptorToStringSecurityDescriptorW, new int[] {ERROR_NOT_ENOUGH_MEMORY}),
            Map.entry(Call.GetSecurityInfo, new int[] {ERROR_PIPE_NOT_CONNECTED, ERROR_NOT_ENOUGH_MEMORY}),
            // It is freed all the same.
            Map.entry(Call.LocalFree, new int[] {ERROR_INVALID_HANDLE}),
            Map.entry(Call.RtlNtStatusToDosError, new int[] {ERROR_MR_MID_NOT_FOUND}),
            Map.entry(Call.currentUserSid, new int[] {ERROR_NOT_ENOUGH_MEMORY}),
            Map.entry(Call.sidOfAccount, new int[] {RPC_S_SERVER_UNAVAILABLE, ERROR_TRUSTED_RELATIONSHIP_FAILURE}),
            Map.entry(Call.accountOfSid, new int[] {RPC_S_SERVER_UNAVAILABLE, ERROR_TRUSTED_RELATIONSHIP_FAILURE}),
            Map.entry(Call.errorText, new int[] {ERROR_MR_MID_NOT_FOUND})));

    /** The error code that the call fails with, or 0. */
    int next(Call call);

    /** Whether memory is refused; not by default. */
    default boolean failsAllocation() {
        return false;
    }

    /** Each call fails with a chance in 1000. */
    static Faults random(Random random, int perMille) {
        return new Faults() {

            @Override
            public int next(Call call) {
                int[] codes = PLAUSIBLE.get(call);
                if (random.nextInt(1000) >= perMille) {
                    return 0;
                }
                return codes[random.nextInt(codes.length)];
            }

            @Override
            public boolean failsAllocation() {
                return random.nextInt(1000) < perMille;
            }
        };
    }

    /** One kind of call fails with a chance in 100. */
    static Faults often(Random random, Call often, int percent) {
        return call -> {
            if (call != often || random.nextInt(100) >= percent) {
                return 0;
            }
            int[] codes = PLAUSIBLE.get(call);
            return codes[random.nextInt(codes.length)];
        };
    }

    /** Exactly one call fails: the index counts the calls that may fail, each as often as it has codes to fail with. */
    static Once nth(long index) {
        return new Once(index, -1);
    }

    /** Exactly one allocation fails. */
    static Once nthAllocation(long index) {
        return new Once(-1, index);
    }

    /** See {@link #nth} and {@link #nthAllocation}. */
    final class Once implements Faults {

        private final long call;
        private final long allocation;
        private long calls;
        private long allocations;
        private Call happenedTo;
        private String happened;

        private Once(long call, long allocation) {
            this.call = call;
            this.allocation = allocation;
        }

        @Override
        public int next(Call next) {
            int[] codes = PLAUSIBLE.get(next);
            long begin = calls;
            calls += codes.length;
            if (call < begin || call >= calls) {
                return 0;
            }
            happenedTo = next;
            int code = codes[(int) (call - begin)];
            happened = next + " with " + code;
            return code;
        }

        @Override
        public boolean failsAllocation() {
            if (allocations++ != allocation) {
                return false;
            }
            happened = "allocation";
            return true;
        }

        /** Whether there was such a call. */
        public boolean hasHappened() {
            return happened != null;
        }

        /** The call that failed; null if none did. */
        public Call happenedTo() {
            return happenedTo;
        }

        @Override
        public String toString() {
            return happened;
        }
    }
}
