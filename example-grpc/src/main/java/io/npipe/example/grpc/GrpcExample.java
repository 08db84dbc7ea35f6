/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.channel.NamedPipeChannel;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.PipeSecurity;
import io.npipe.example.common.ExampleCommand;
import io.npipe.example.common.Patience;
import io.npipe.example.common.ServerProcess;
import io.npipe.iocp.IocpEventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the example. */
@Command(
        name = "run-example grpc",
        customSynopsis = "Usage: run-example grpc [OPTIONS]",
        synopsisHeading = "",
        sortOptions = false,
        description = {
            "Calls a gRPC greeter through a Windows named pipe: unary, and the three kinds of streaming.",
            "",
            "Without --server or --client it starts the server as a process of its own, ends it",
            "afterwards, and times the same calls over TCP's loopback, too."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all answers were right", "1:one was not, or something failed", "2:wrong options"})
public final class GrpcExample implements Callable<Integer> {

    private static final int MAX_WARM_UP = 500;

    @Spec
    private CommandSpec spec;

    @Option(names = "--name", paramLabel = "NAME", description = "name or path of the pipe (default: a fresh name)")
    private String name;

    @Option(names = "--greet", paramLabel = "NAME", description = "whom to greet (default: pipe)")
    private String greeted;

    @Option(names = "--calls", paramLabel = "N", description = "how many calls to time, 0 for none (default: 1000)")
    private Integer calls;

    @Option(names = "--server", description = "only serve, until Ctrl-C")
    private boolean serverOnly;

    @Option(names = "--client", description = "only call a running server of your own user; needs --name")
    private boolean clientOnly;

    @Option(names = "--server-of-parent", hidden = true, description = "serve until standard input ends")
    private boolean serverOfParent;

    @SuppressWarnings("UnusedVariable") // picocli acts on it
    @Option(names = "--help", usageHelp = true, description = "show this and exit")
    private boolean help;

    private boolean right = true;

    private GrpcExample() {}

    /**
     * Runs it, and exits with its code.
     *
     * @param arguments command line
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        return ExampleCommand.run("grpc", new GrpcExample(), arguments);
    }

    @Override
    public Integer call() throws Exception {
        NamedPipeAddress address = address();
        ExampleCommand.requireNamedPipes();
        if (serverOnly) {
            serve(address);
            return ExampleCommand.OK;
        }
        ExampleCommand.logOnlySevere();
        if (serverOfParent) {
            return ServerProcess.serveParent(
                    () -> GreeterServer.start(address, true), server -> Integer.toString(server.tcpPort()));
        }
        if (clientOnly) {
            System.out.println("client: process " + ProcessHandle.current().pid());
            return callGreeter(address, null);
        }
        try (ServerProcess server = ServerProcess.start(GrpcExample.class, address)) {
            int tcpPort = Integer.parseInt(server.details());
            System.out.println("server: process " + server.pid() + ", pipe " + address + ", TCP port " + tcpPort);
            System.out.println("client: process " + ProcessHandle.current().pid());
            int exitCode = callGreeter(address, new InetSocketAddress(InetAddress.getLoopbackAddress(), tcpPort));
            server.end();
            return exitCode;
        }
    }

    private static void serve(NamedPipeAddress address) throws Exception {
        try (GreeterServer server = GreeterServer.start(address, false)) {
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "drain"));
            System.out.println("server: process " + ProcessHandle.current().pid() + ", pipe " + address);
            System.out.println("Ctrl-C ends it.");
            server.awaitEnd();
        }
    }

    private int callGreeter(NamedPipeAddress address, InetSocketAddress tcp) throws Exception {
        EventLoopGroup loops = new IocpEventLoopGroup(1);
        ManagedChannel channel = NettyChannelBuilder.forAddress(address)
                .channelType(NamedPipeChannel.class, NamedPipeAddress.class)
                .eventLoopGroup(loops)
                // Nobody else who took the name first is told anything.
                .withOption(NamedPipeChannelOption.REQUIRED_SERVER_OWNER, PipeSecurity.currentUserSid())
                .overrideAuthority("localhost")
                .usePlaintext()
                .build();
        try {
            GreeterClient greeter = new GreeterClient(channel);
            callOfEachKind(greeter);
            System.out.println("the server knows its caller: " + greeter.whoAmI());
            time(greeter, tcp);
        } catch (ExecutionException | StatusRuntimeException e) {
            throw Explained.of(e);
        } finally {
            end(channel);
            loops.shutdownGracefully(0, Patience.SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
        }
        System.out.println(right ? "all answers were right" : "NOT all answers were right");
        return right ? ExampleCommand.OK : ExampleCommand.FAILED;
    }

    private void callOfEachKind(GreeterClient greeter) throws Exception {
        String who = greeted == null ? "pipe" : greeted;
        List<String> names = List.of(who, "client", "server");
        String hello = Greeter.LANGUAGES.get(0);
        show("unary", greeter.greet(who), Greeter.greeting(hello, who));
        show(
                "server streaming",
                greeter.greetInEachLanguage(who),
                Greeter.LANGUAGES.stream()
                        .map(language -> Greeter.greeting(language, who))
                        .toList());
        show("client streaming", greeter.greetTogether(names), Greeter.greeting(hello, String.join(" and ", names)));
        show(
                "bidirectional",
                greeter.greetEach(names),
                names.stream().map(each -> Greeter.greeting(hello, each)).toList());
    }

    private void show(String kind, Object answer, Object expected) {
        right &= expected.equals(answer);
        System.out.println(kind + ": " + answer + (expected.equals(answer) ? "" : ", NOT " + expected));
    }

    private void time(GreeterClient pipe, InetSocketAddress tcp) throws InterruptedException {
        int count = calls == null ? 1000 : calls;
        if (count == 0) {
            return;
        }
        int warmUp = Math.min(count, MAX_WARM_UP);
        Timing ofPipe = new Timing();
        if (tcp == null) {
            Timing.alone(warmUp, () -> pipe.greet(""), new Timing());
            Timing.alone(count, () -> pipe.greet(""), ofPipe);
            System.out.println("pipe: " + ofPipe);
            return;
        }
        ManagedChannel tcpChannel =
                NettyChannelBuilder.forAddress(tcp).usePlaintext().build();
        try {
            GreeterClient overTcp = new GreeterClient(tcpChannel);
            Timing ofTcp = new Timing();
            Timing.inTurn(warmUp, () -> pipe.greet(""), new Timing(), () -> overTcp.greet(""), new Timing());
            Timing.inTurn(count, () -> pipe.greet(""), ofPipe, () -> overTcp.greet(""), ofTcp);
            System.out.println("pipe:         " + ofPipe);
            System.out.println("TCP loopback: " + ofTcp);
        } finally {
            end(tcpChannel);
        }
    }

    private static void end(ManagedChannel channel) throws InterruptedException {
        if (!channel.shutdownNow().awaitTermination(Patience.SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("calls did not end, though they were cancelled");
        }
    }

    private NamedPipeAddress address() {
        if (serverOnly && clientOnly) {
            throw wrong("--server and --client exclude each other; without both, both are run");
        }
        if (clientOnly && name == null) {
            throw wrong("--client needs the --name of a running server");
        }
        if (serverOnly && (greeted != null || calls != null)) {
            throw wrong("--server only serves: of the other options it takes --name");
        }
        if (calls != null && (calls < 0 || calls > 1_000_000)) {
            throw wrong("--calls must be 0 to 1000000");
        }
        try {
            return NamedPipeAddress.of(name == null ? "npipe-grpc-" + UUID.randomUUID() : name);
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
    }

    private ParameterException wrong(String text) {
        return new ParameterException(spec.commandLine(), text);
    }
}
