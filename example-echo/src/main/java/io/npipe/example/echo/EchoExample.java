/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipePeerAddress;
import io.npipe.channel.PipeSecurity;
import io.npipe.example.common.ExampleCommand;
import io.npipe.example.common.ServerProcess;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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
        description = {
            "Sends bytes through a Windows named pipe to a server that sends them back, and compares.",
            "",
            "Without --server or --client it starts the server as a process of its own, and ends it afterwards."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all came back unchanged", "1:it did not, or something failed", "2:wrong options"})
public final class EchoExample implements Callable<Integer> {

    private static final String DEFAULT_MESSAGE = "Hello, named pipe!";

    @Spec
    private CommandSpec spec;

    @Option(names = "--name", paramLabel = "NAME", description = "name or path of the pipe (default: a fresh name)")
    private String name;

    @Option(names = "--message", paramLabel = "TEXT", description = "text to send (default: " + DEFAULT_MESSAGE + ")")
    private String message;

    @Option(names = "--file", paramLabel = "PATH", description = "file to stream instead, of any size")
    private String file;

    @Option(names = "--size", paramLabel = "N", description = "send N random bytes instead, --count times")
    private Integer size;

    @Option(names = "--count", paramLabel = "N", description = "how many messages, one after the other (default: 100)")
    private Integer count;

    @Option(
            names = "--clients",
            paramLabel = "N",
            description = "concurrent clients, each with bytes of its own unless --file (default: 1)")
    private Integer clients;

    @Option(names = "--server", description = "only serve, until Ctrl-C")
    private boolean serverOnly;

    @Option(names = "--client", description = "only connect to a server that is running; needs --name")
    private boolean clientOnly;

    @Option(
            names = "--allow",
            paramLabel = "ACCOUNT",
            description = "with --server: a user or group that may connect beside your own user, by name or SID;"
                    + " may be repeated")
    private List<String> allowed = List.of();

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
        return ExampleCommand.run("echo", new EchoExample(), arguments);
    }

    @Override
    public Integer call() throws Exception {
        NamedPipeAddress address = address();
        Workload workload = workload();
        ExampleCommand.requireNamedPipes();
        if (serverOnly) {
            serve(address);
            return ExampleCommand.OK;
        }
        ExampleCommand.logOnlySevere();
        if (serverOfParent) {
            return ServerProcess.serveParent(
                    () -> EchoServer.start(address, PipeSecurity.currentUser(), client -> {}), server -> "");
        }
        if (clientOnly) {
            System.out.println("client: process " + ProcessHandle.current().pid());
            return runClient(address, workload);
        }
        try (ServerProcess server = ServerProcess.start(EchoExample.class, address)) {
            System.out.println("server: process " + server.pid() + ", pipe " + address);
            System.out.println("client: process " + ProcessHandle.current().pid());
            int exitCode = runClient(address, workload);
            server.end();
            return exitCode;
        }
    }

    private void serve(NamedPipeAddress address) throws Exception {
        PipeSecurity.Builder security = PipeSecurity.builder();
        allowed.forEach(security::allow);
        try (EchoServer server = EchoServer.start(address, security.build(), EchoExample::tell)) {
            System.out.println("server: process " + ProcessHandle.current().pid() + ", pipe " + address);
            System.out.println("Ctrl-C ends it.");
            server.awaitClose();
        }
    }

    private static void tell(NamedPipePeerAddress client) {
        System.out.println("connected: " + client);
    }

    private int runClient(NamedPipeAddress address, Workload workload) throws Exception {
        Report report = new EchoClient(address, workload, clients == null ? 1 : clients).run();
        report.print(System.out);
        return report.matches() ? ExampleCommand.OK : ExampleCommand.FAILED;
    }

    private NamedPipeAddress address() {
        if (serverOnly && clientOnly) {
            throw wrong("--server and --client exclude each other; without both, both are run");
        }
        if (clientOnly && name == null) {
            throw wrong("--client needs the --name of a running server");
        }
        if (!serverOnly && !allowed.isEmpty()) {
            throw wrong("--allow goes with --server: without it, the server serves your own user only");
        }
        if (serverOnly && (message != null || file != null || size != null || count != null || clients != null)) {
            throw wrong("--server only serves: of the other options it takes --name and --allow");
        }
        if (clients != null && (clients < 1 || clients > 10_000)) {
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
        if (message != null && (file != null || size != null)) {
            throw wrong("--message, --file and --size exclude each other");
        }
        if (size != null && (size < 1 || size > 1 << 30)) {
            throw wrong("--size must be 1 to 1073741824 bytes");
        }
        if (count != null && count < 1) {
            throw wrong("--count must be at least 1");
        }
        if (message != null && message.isEmpty()) {
            throw wrong("--message must not be empty");
        }
        int messages = count == null ? 100 : count;
        if (file != null) {
            return new FileWorkload(file, readable(file));
        }
        return size != null
                ? new RandomWorkload(size, messages)
                : new TextWorkload(message == null ? DEFAULT_MESSAGE : message, messages);
    }

    private static Path readable(String file) {
        try {
            Path path = Path.of(file);
            if (Files.isReadable(path) && Files.isRegularFile(path)) {
                return path;
            }
            throw new IllegalArgumentException("cannot read the file \"" + file + "\"");
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("cannot read the file \"" + file + "\": " + e.getReason(), e);
        }
    }

    private ParameterException wrong(String text) {
        return new ParameterException(spec.commandLine(), text);
    }
}
