/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.common;

import io.npipe.channel.NamedPipeAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A server in a process of its own, a child of this one. It serves until its standard input ends, so it also ends if this
 * process does, however that comes about.
 */
public final class ServerProcess implements AutoCloseable {

    private static final String LISTENING = "listening ";

    private final Process process;
    private String details;

    private ServerProcess(Process process) {
        this.process = process;
        // Never removed: it does nothing to a process that has ended, and cannot be removed once Ctrl-C has come.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "end-server"));
    }

    // ---- in the child ----------------------------------------------------------------------------------------------

    /**
     * The child's whole life: starts the server, says so, and ends it when standard input ends. A failure to start is told
     * to the parent, which tells it.
     *
     * @param <S> the server
     * @param start starts it
     * @param details what the parent must know of it, in one line; may be empty
     * @return exit code
     * @throws Exception of the server's end, or if standard input cannot be read
     */
    public static <S extends AutoCloseable> int serveParent(Callable<S> start, Function<S, String> details)
            throws Exception {
        S server;
        try {
            server = start.call();
        } catch (Exception e) {
            System.out.println(OneLine.of(e));
            return ExampleCommand.FAILED;
        }
        try {
            System.out.println(LISTENING + details.apply(server));
            while (System.in.read() >= 0) {
                // nobody writes
            }
            return ExampleCommand.OK;
        } finally {
            server.close();
        }
    }

    // ---- in the parent ---------------------------------------------------------------------------------------------

    /**
     * Starts it, and waits until it listens.
     *
     * @param main the class to run, with {@code --server-of-parent --name PIPE}
     * @param address of the pipe
     * @return the child
     * @throws IOException if it does not start, with the reason that it tells
     * @throws InterruptedException if this thread is interrupted while it waits
     */
    public static ServerProcess start(Class<?> main, NamedPipeAddress address)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java.exe").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-Xm") || argument.startsWith("-D")) // no agents, no logs
                .forEach(command::add);
        command.add("--enable-native-access=ALL-UNNAMED"); // of JNA; else newer Java warns
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of("--server-of-parent", "--name", address.path()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        ServerProcess server = new ServerProcess(process);
        try {
            server.awaitListening();
            return server;
        } catch (Exception e) {
            server.close();
            throw e;
        }
    }

    private void awaitListening() throws IOException, InterruptedException {
        CompletableFuture<Boolean> inTime =
                new CompletableFuture<Boolean>().completeOnTimeout(false, Patience.SECONDS, TimeUnit.SECONDS);
        inTime.thenAccept(isInTime -> {
            if (!isInTime) {
                process.destroyForcibly(); // so that its output ends
            }
        });
        BufferedReader output = process.inputReader(); // not closed: the child must be able to write until it ends
        String reason = "";
        String line = output.readLine();
        while (line != null && !line.startsWith(LISTENING)) {
            reason = ": " + line;
            line = output.readLine();
        }
        inTime.complete(true);
        if (!inTime.join()) {
            throw new IOException("the server process did not listen within " + Patience.SECONDS + " s" + reason);
        }
        if (line == null) {
            throw new IOException(
                    "the server process ended before it listened, with exit code " + process.waitFor() + reason);
        }
        details = line.substring(LISTENING.length());
    }

    /**
     * Tells what the child's server returned when it had started.
     *
     * @return a line
     */
    public String details() {
        return details;
    }

    /**
     * Tells its process id.
     *
     * @return Windows' process id
     */
    public long pid() {
        return process.pid();
    }

    /**
     * Asks it to end, and insists on a clean end.
     *
     * @throws IOException if it does not end within {@value Patience#SECONDS} s, or fails
     * @throws InterruptedException if this thread is interrupted while it waits
     */
    public void end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(Patience.SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("the server process " + pid() + " did not end within " + Patience.SECONDS + " s");
        }
        if (process.exitValue() != 0) {
            throw new IOException("the server process ended with exit code " + process.exitValue());
        }
    }

    /** Ends it, without asking, if it has not ended. */
    @Override
    public void close() {
        process.destroy();
    }
}
