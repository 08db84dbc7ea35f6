/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import io.npipe.channel.NamedPipe;
import io.npipe.channel.NamedPipeAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the example. */
@Command(
        name = "run-example echo",
        customSynopsis = "Usage: run-example echo [OPTIONS]",
        synopsisHeading = "",
        sortOptions = false,
        separator = " ",
        description = {
            "Sends bytes through a Windows named pipe to a server that sends them back, and compares.",
            "",
            "Without --server or --client it starts the server as a process of its own, and ends it afterwards."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all came back unchanged", "1:it did not, or something failed", "2:wrong options"})
public final class EchoExample implements Callable<Integer> {

    private static final int OK = 0;
    private static final int FAILED = 1;

    @Spec
    private CommandSpec spec;

    @Option(names = "--name", paramLabel = "NAME", description = "name or path of the pipe (default: a fresh name)")
    private String name;

    @Option(names = "--message", paramLabel = "TEXT", description = "text to send (default: ${DEFAULT-VALUE})")
    private String message = "Hello, named pipe!";

    @Option(names = "--file", paramLabel = "PATH", description = "file to stream instead, of any size")
    private String file;

    @Option(names = "--size", paramLabel = "N", description = "send N random bytes instead, --count times")
    private Integer size;

    @Option(names = "--count", paramLabel = "N", description = "how many messages, one after the other (default: 100)")
    private Integer count;

    @Option(
            names = "--clients",
            paramLabel = "N",
            description = "concurrent clients, each with bytes of its own (default: ${DEFAULT-VALUE})")
    private int clients = 1;

    @Option(names = "--server", description = "only serve, until Ctrl-C")
    private boolean serverOnly;

    @Option(names = "--client", description = "only connect to a server that is running; needs --name")
    private boolean clientOnly;

    @Option(names = "--server-of-parent", hidden = true, description = "serve until standard input ends")
    private boolean serverOfParent;

    @SuppressWarnings("UnusedVariable") // picocli acts on it
    @Option(names = "--help", usageHelp = true, description = "show this and exit")
    private boolean help;

    private EchoExample() {}

    /**
     * Runs it, and exits with its code.
     *
     * @param arguments command line
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        LogManager.getLogManager().getLogger("").setLevel(Level.SEVERE); // an error is told once, below
        return new CommandLine(new EchoExample())
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF)) // Wine passes for a terminal with colours
                .setParameterExceptionHandler((e, given) -> complain(e, " (--help shows the options)", 2))
                .setExecutionExceptionHandler((e, commandLine, result) -> complain(e, "", FAILED))
                .execute(arguments);
    }

    private static int complain(Exception failure, String hint, int exitCode) {
        String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        System.err.println("echo: " + text.replaceAll("\\s*\\R\\s*", " ") + hint);
        return exitCode;
    }

    @Override
    public Integer call() throws Exception {
        NamedPipeAddress address = address();
        Workload workload = workload();
        if (!NamedPipe.isAvailable()) {
            throw new IllegalStateException(NamedPipe.unavailabilityCause().getMessage());
        }
        if (serverOfParent || serverOnly) {
            serve(address);
            return OK;
        }
        if (clientOnly) {
            System.out.println("client: process " + ProcessHandle.current().pid());
            return runClient(address, workload);
        }
        try (ServerProcess server = ServerProcess.start(address)) {
            System.out.println("server: process " + server.pid() + ", pipe " + address);
            System.out.println("client: process " + ProcessHandle.current().pid());
            int exitCode = runClient(address, workload);
            server.end();
            return exitCode;
        }
    }

    private void serve(NamedPipeAddress address) throws Exception {
        try (EchoServer server = EchoServer.start(address)) {
            System.out.println(ServerProcess.READY);
            if (serverOfParent) {
                awaitEndOfInput();
                return;
            }
            System.out.println("server: process " + ProcessHandle.current().pid() + ", pipe " + address);
            System.out.println("Ctrl-C ends it.");
            server.awaitClose();
        }
    }

    /** Until the parent closes it, or is gone. */
    private static void awaitEndOfInput() throws IOException {
        while (System.in.read() >= 0) {
            // nobody writes
        }
    }

    private int runClient(NamedPipeAddress address, Workload workload) throws Exception {
        Report report = new EchoClient(address, workload, clients).run();
        report.print(System.out);
        return report.matches() ? OK : FAILED;
    }

    private NamedPipeAddress address() {
        if (serverOnly && clientOnly) {
            throw wrong("--server and --client exclude each other; without both, both are run");
        }
        if (clientOnly && name == null) {
            throw wrong("--client needs the --name of a running server");
        }
        if (clients < 1 || clients > 10_000) {
            throw wrong("--clients must be 1 to 10000");
        }
        try {
            return NamedPipeAddress.of(name == null ? "npipe-echo-" + UUID.randomUUID() : name);
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
    }

    private Workload workload() {
        if (file != null && (size != null || count != null)) {
            throw wrong("--file is sent once: it goes with neither --size nor --count");
        }
        if (size != null && (size < 1 || size > 1 << 30)) {
            throw wrong("--size must be 1 to 1073741824 bytes");
        }
        if (count != null && count < 1) {
            throw wrong("--count must be at least 1");
        }
        if (file == null && size == null && message.isEmpty()) {
            throw wrong("--message must not be empty");
        }
        int messages = count == null ? 100 : count;
        if (file != null) {
            Path path = Path.of(file);
            if (!Files.isReadable(path) || !Files.isRegularFile(path)) {
                throw new IllegalArgumentException("cannot read the file " + file);
            }
            return new FileWorkload(file, path);
        }
        return size != null ? new RandomWorkload(size, messages) : new TextWorkload(message, messages);
    }

    private ParameterException wrong(String text) {
        return new ParameterException(spec.commandLine(), text);
    }
}
