/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.multithreaded;

import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.WinNT.HANDLE;
import com.sun.jna.platform.win32.Wincon;
import com.sun.jna.ptr.IntByReference;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.npipe.channel.NamedPipeAddress;
import io.npipe.example.common.ExampleCommand;
import io.npipe.example.common.Patience;
import io.npipe.iocp.IocpEventLoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the example. */
@Command(
        name = "run-example multithreaded-server",
        customSynopsis = "Usage: run-example multithreaded-server [OPTIONS]",
        synopsisHeading = "",
        sortOptions = false,
        description = {
            "Microsoft's multithreaded pipe server sample, with event loops for threads.",
            "",
            "Starts the server, and clients some of which find its pipe busy; tells who was",
            "given what. The sample's client works with --serve, its server with --client."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every request was answered", "1:one was not, or something failed", "2:wrong options"})
public final class MultithreadedServerExample implements Callable<Integer> {

    private static final String SAMPLES_NAME = "mynamedpipe";
    private static final String SAMPLES_MESSAGE = "Default message from client.";

    /** The sample's clients wait for 20 s. */
    private static final int WAIT_MILLIS = Patience.SECONDS * 1000;

    private static final int LOOPS = 2;

    /** Longer than any client's text behind its message. */
    private static final int ROOM_FOR_CLIENT = 64;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "name or path of the pipe (default: " + SAMPLES_NAME + ")")
    private String name = SAMPLES_NAME;

    @Option(names = "--serve", description = "only serve, until Ctrl-C, and show how much")
    private boolean serveOnly;

    @Option(names = "--client", description = "only run the clients: against a server that is running")
    private boolean clientOnly;

    @Option(names = "--clients", paramLabel = "N", description = "clients at the same time (default: 10)")
    private Integer clients;

    @Option(names = "--requests", paramLabel = "N", description = "requests of each client (default: 3)")
    private Integer requests;

    @Option(
            names = "--message",
            paramLabel = "TEXT",
            description = "what clients say; who says it is added (default: " + SAMPLES_MESSAGE + ")")
    private String message;

    @Option(
            names = "--charset",
            paramLabel = "unicode|ansi",
            description = "what the clients are compiled for; the server takes both (default: unicode)")
    private String charset;

    @Option(
            names = "--instances",
            paramLabel = "N",
            description = "instances of the pipe, 0 for no limit (default: 3, so that clients wait; with --serve 0)")
    private Integer instances;

    @Option(names = "--echo", description = "the server answers with the request itself, and the clients compare")
    private boolean echo;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "make the answers on N threads, shared by the clients, beside the event loops")
    private Integer threads;

    @Option(names = "--work", paramLabel = "MILLIS", description = "how long each answer blocks; needs --threads")
    private Integer work;

    @SuppressWarnings("UnusedVariable") // picocli acts on it
    @Option(names = "--help", usageHelp = true, description = "show this and exit")
    private boolean help;

    private MultithreadedServerExample() {}

    /**
     * Runs it, and exits with its code.
     *
     * @param arguments command line
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        return ExampleCommand.run("multithreaded-server", new MultithreadedServerExample(), arguments);
    }

    @Override
    public Integer call() throws Exception {
        NamedPipeAddress address = address();
        Tchar tchar = checkOptions();
        ExampleCommand.requireNamedPipes();
        if (!serveOnly) {
            ExampleCommand.logOnlySevere();
        }
        EventLoopGroup loops = new IocpEventLoopGroup(LOOPS);
        EventExecutorGroup blocking = threads == null ? null : new DefaultEventExecutorGroup(threads);
        try {
            if (clientOnly) {
                return runClients(loops, address, tchar);
            }
            Traffic traffic = new Traffic();
            Channel server = new PipeServer(answer(), blocking, traffic).bind(address, maxInstances(), loops, loops);
            System.out.println("server: " + address + ", "
                    + (maxInstances() == PipeServer.UNLIMITED ? "any number of" : "at most " + maxInstances())
                    + " instances");
            return serveOnly ? serve(server, traffic) : runClients(loops, address, tchar);
        } finally {
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
            if (blocking != null) {
                blocking.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
            }
        }
    }

    private static int serve(Channel server, Traffic traffic) throws InterruptedException {
        System.out.println("Ctrl-C ends it.");
        LiveLine line = new LiveLine(traffic, isTerminal(), System.out, System.nanoTime());
        while (!server.closeFuture().await(1, TimeUnit.SECONDS)) {
            line.update(System.nanoTime());
        }
        return ExampleCommand.OK;
    }

    /** Whether standard output is one; System.console() says the same of standard input, or of nothing. */
    private static boolean isTerminal() {
        HANDLE output = Kernel32.INSTANCE.GetStdHandle(Wincon.STD_OUTPUT_HANDLE);
        return Kernel32.INSTANCE.GetConsoleMode(output, new IntByReference());
    }

    private int runClients(EventLoopGroup loops, NamedPipeAddress address, Tchar tchar) throws Exception {
        int count = clients == null ? 10 : clients;
        List<ClientHandler> handlers = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            handlers.add(new ClientHandler(i, text(), requests == null ? 3 : requests, rightAnswers()));
        }
        long start = System.nanoTime();
        boolean together = !clientOnly && maxInstances() == PipeServer.UNLIMITED;
        List<Outcome> outcomes = new PipeClients(loops, address, tchar, WAIT_MILLIS, together).run(handlers);
        double seconds = (System.nanoTime() - start) / 1e9;

        outcomes.forEach(System.out::println);
        int answers = outcomes.stream().mapToInt(Outcome::answers).sum();
        System.out.printf(
                Locale.ROOT,
                "in all: %d clients, %d of which found the pipe busy; %d answers, %.0f/s%n",
                count,
                outcomes.stream().filter(Outcome::waited).count(),
                answers,
                answers / seconds);
        long bad = outcomes.stream().filter(outcome -> !outcome.isGood()).count();
        System.out.println(
                bad == 0
                        ? "every request was answered"
                        : "NOT every request was answered: " + bad + " of " + count + " clients");
        return bad == 0 ? ExampleCommand.OK : ExampleCommand.FAILED;
    }

    private String text() {
        return message == null ? SAMPLES_MESSAGE : message;
    }

    private Answer answer() {
        Answer answer = echo ? Answer.ECHO : Answer.DEFAULT;
        return work == null ? answer : answer.after(work);
    }

    /** Another server's answers are what they are. */
    private BiPredicate<String, String> rightAnswers() {
        if (echo) {
            return String::equals;
        }
        return clientOnly ? (request, answer) -> true : (request, answer) -> answer.equals(Answer.SAMPLES);
    }

    private int maxInstances() {
        return instances != null ? instances : serveOnly ? PipeServer.UNLIMITED : 3;
    }

    private NamedPipeAddress address() {
        try {
            return NamedPipeAddress.of(name);
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
    }

    private Tchar checkOptions() {
        if (serveOnly && clientOnly) {
            throw wrong("--serve and --client exclude each other; without both, both are run");
        }
        if (serveOnly && (clients != null || requests != null || message != null || charset != null)) {
            throw wrong("--serve runs no clients: it goes without --clients, --requests, --message and --charset");
        }
        if (clientOnly && (instances != null || threads != null || work != null)) {
            throw wrong("--client runs no server: it goes without --instances, --threads and --work");
        }
        requireRange("--clients", clients, 1, 10_000);
        requireRange("--requests", requests, 1, Integer.MAX_VALUE);
        requireRange("--instances", instances, 0, 254);
        requireRange("--threads", threads, 1, 1000);
        requireRange("--work", work, 0, 60_000);
        if (work != null && threads == null) {
            throw wrong("--work would block the event loops: it needs --threads");
        }
        if (charset != null && !charset.equals("unicode") && !charset.equals("ansi")) {
            throw wrong("--charset is unicode or ansi, not " + charset);
        }
        Tchar tchar = "ansi".equals(charset) ? Tchar.ANSI : Tchar.UNICODE;
        if (text().length() > Tchar.MAX_CHARACTERS - ROOM_FOR_CLIENT) {
            throw wrong("--message may have " + (Tchar.MAX_CHARACTERS - ROOM_FOR_CLIENT) + " characters");
        }
        if (!tchar.charset().newEncoder().canEncode(text())) {
            throw wrong("--message has a character that " + tchar.charset() + " does not have");
        }
        return tchar;
    }

    private void requireRange(String option, Integer value, int min, int max) {
        if (value != null && (value < min || value > max)) {
            throw wrong(option + " must be " + min + " to " + max);
        }
    }

    private ParameterException wrong(String text) {
        return new ParameterException(spec.commandLine(), text);
    }
}
