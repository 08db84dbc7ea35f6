/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.npipe.channel.NamedPipeAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The server in a process of its own, a child of this one. It serves until its standard input ends, so it also ends if
 * this process does, however that comes about.
 */
final class ServerProcess implements AutoCloseable {

    /** With this and its TCP port the child says that it listens. */
    static final String READY = "listening, TCP port ";

    private static final long END_SECONDS = 20;

    private final Process process;
    private int tcpPort;

    private ServerProcess(Process process) {
        this.process = process;
        // Never removed: it does nothing to a process that has ended, and cannot be removed once Ctrl-C has come.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "end-server"));
    }

    static ServerProcess start(NamedPipeAddress address) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java.exe").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments()); // the same limits
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), GrpcExample.class.getName()));
        command.addAll(List.of("--server-of-parent", "--name", address.path()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        ServerProcess server = new ServerProcess(process);
        try {
            server.awaitReady();
            return server;
        } catch (Exception e) {
            server.close();
            throw e;
        }
    }

    private void awaitReady() throws IOException, InterruptedException {
        // Not closed: the child must be able to write until it ends.
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), Charset.defaultCharset()));
        String line = output.readLine();
        if (line == null || !line.startsWith(READY)) {
            throw new IOException("the server process ended before it listened, with exit code " + process.waitFor()
                    + (line == null ? "" : ": " + line));
        }
        tcpPort = Integer.parseInt(line.substring(READY.length()));
    }

    int tcpPort() {
        return tcpPort;
    }

    long pid() {
        return process.pid();
    }

    /** Asks it to end, and insists on a clean end. */
    void end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("the server process " + pid() + " did not end within " + END_SECONDS + " s");
        }
        if (process.exitValue() != 0) {
            throw new IOException("the server process ended with exit code " + process.exitValue());
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
