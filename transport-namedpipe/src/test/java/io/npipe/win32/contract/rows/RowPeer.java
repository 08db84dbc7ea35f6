/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.npipe.testkit.MoreWin32;
import io.npipe.testkit.Program;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.NativeWin32;
import io.npipe.win32.Overlapped;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;

/** Another process, which is given handles, writes with them, and is ended by force. */
final class RowPeer implements AutoCloseable {

    private static final String WRITE = "write ";
    private static final String CODE = "code ";

    private final Process process;
    private final BufferedReader answers;
    private final PrintStream orders;

    RowPeer() {
        try {
            process = new Program(RowPeer.class).start();
            answers = new BufferedReader(new InputStreamReader(process.getInputStream(), US_ASCII));
            orders = new PrintStream(process.getOutputStream(), true, US_ASCII);
            code(); // it runs: under Wine, the console of one that is ended while it begins stays for ever
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives it a handle of its own for what one of ours stands for; returns its value there. */
    long give(long handle) {
        long opened = MoreWin32.OpenProcess(MoreWin32.PROCESS_DUP_HANDLE, 0, (int) process.pid());
        Stage.require(opened != 0, "OpenProcess");
        try {
            return duplicate(handle, opened);
        } finally {
            NativeWin32.get().CloseHandle(opened);
        }
    }

    /** A second handle in a process. */
    static long duplicate(long handle, long targetProcess) {
        NativeMemory result = NativeMemory.allocate(Long.BYTES);
        try {
            int code = MoreWin32.error(MoreWin32.DuplicateHandle(
                    MoreWin32.GetCurrentProcess(),
                    handle,
                    targetProcess,
                    result.address(),
                    0,
                    0,
                    MoreWin32.DUPLICATE_SAME_ACCESS));
            Stage.require(code == 0, "DuplicateHandle answered " + code);
            return result.buffer().getLong(0);
        } finally {
            result.free();
        }
    }

    /** It begins to write; returns the code. */
    int write(long itsHandle, int length) {
        orders.println(WRITE + itsHandle + " " + length);
        try {
            return code();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int code() throws IOException {
        String line = answers.readLine();
        while (line != null && !line.startsWith(CODE)) {
            line = answers.readLine(); // logged, perhaps
        }
        Stage.require(line != null, "another process has ended");
        return Integer.parseInt(line.substring(CODE.length()));
    }

    /** Ends it by force, and waits until it is gone. */
    void terminate() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        terminate();
    }

    /** What the other process does: a line for each order, until it is ended. */
    public static void main(String[] arguments) throws IOException {
        // System.in asks for the length of its pipe, which Wine cannot tell.
        BufferedReader orders =
                new BufferedReader(new InputStreamReader(new FileInputStream(FileDescriptor.in), US_ASCII));
        System.out.println(CODE + 0);
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] words = order.substring(WRITE.length()).split(" ", -1);
            int length = Integer.parseInt(words[1]);
            // Never freed: the write may be under way until this process is ended.
            NativeMemory data = NativeMemory.allocate(length);
            NativeMemory overlapped = NativeMemory.allocate(Overlapped.SIZE);
            System.out.println(CODE
                    + NativeWin32.get()
                            .WriteFile(Long.parseLong(words[0]), data.address(), length, 0, overlapped.address()));
        }
    }
}
