/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.simulation.SimulatedKernel;
import io.npipe.testkit.LogWatch;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.testkit.SimulatedPipeLab;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Everything that a program can ask of this transport, from the bind to the end of the loops: each call into the kernel
 * fails once with each code that is plausible. Whatever is then refused is refused in time, and nothing is left.
 */
@Tag("any-jvm")
class EveryCallFailsTest {

    /** What the transport does not call here: other processes do, the contract, and who tells of another failure. */
    private static final Set<Call> NOT_CALLED = EnumSet.of(
            Call.DisconnectNamedPipe,
            Call.FlushFileBuffers,
            Call.GetNamedPipeHandleStateW,
            Call.PeekNamedPipe,
            Call.errorText);

    private static final Chances KNOWN_LATE = new Chances(0, 0, 0, 0, 0, 0, 0, 100, 0);
    private static final int TIMEOUT_MILLIS = 400;

    private final Set<String> failed = new TreeSet<>();

    @Test
    void nothingIsLeftAndEveryPromiseIsDone() {
        failEach(PipeMode.MESSAGE, Chances.NONE);
        failEach(PipeMode.BYTE, Chances.NONE);
        assertEquals(expected(), failed);
    }

    @Test
    void norWhereClientsAreKnownLate() {
        failEach(PipeMode.BYTE, KNOWN_LATE);
        assertTrue(failed.contains("ImpersonateNamedPipeClient with 1450"), () -> "only " + failed);
    }

    private void failEach(PipeMode type, Chances chances) {
        long index = 0;
        while (run(type, chances, Faults.nth(index))) {
            index++;
        }
    }

    private static Set<String> expected() {
        Set<String> expected = new TreeSet<>();
        Faults.PLAUSIBLE.forEach((call, codes) -> {
            for (int code : codes) {
                if (!NOT_CALLED.contains(call)) {
                    expected.add(call + " with " + code);
                }
            }
        });
        return expected;
    }

    /** Returns false if there was no call with that index. */
    private boolean run(PipeMode type, Chances chances, Faults.Once faults) {
        try (LogWatch log = LogWatch.begin()) {
            Program program = new Program(type, new SimulatedPipeLab(1, chances, faults));
            program.run();
            if (faults.hasHappened()) {
                failed.add(faults.toString());
            }
            assertTrue(
                    log.problems().stream().noneMatch(problem -> problem.startsWith("error io.npipe")),
                    () -> "" + log.problems());
            return faults.hasHappened();
        } catch (Throwable t) {
            throw new AssertionError(type + ", " + faults + ": " + t.getMessage(), t);
        }
    }

    /** A server of one instance that another one may share, and two clients, one of which waits for the other. */
    private static final class Program {

        private final PipeMode type;
        private final SimulatedPipeLab lab;
        private final List<Future<?>> futures = new ArrayList<>();
        private final List<Channel> channels = new ArrayList<>();

        Program(PipeMode type, SimulatedPipeLab lab) {
            this.type = type;
            this.lab = lab;
        }

        void run() {
            lab.world().kernel().beginFailing();
            bind();
            connect(client -> client.option(NamedPipeChannelOption.REQUIRED_SERVER_OWNER, "NPIPE\\user"));
            connect(client -> client.option(NamedPipeChannelOption.WAIT_FOR_SERVER, true));
            nameOfUser();
            lab.settleFor(TIMEOUT_MILLIS / 2, TimeUnit.MILLISECONDS);
            closeClient(1);
            lab.settleFor(2L * TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
            closeClient(2);
            lab.settleFor(2L * TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
            channels.forEach(Channel::close);
            end();
        }

        private void end() {
            if (lab.world().hasEndedThread()) { // it has left everything as it was
                lab.world().close();
                return;
            }
            lab.close();
            for (Future<?> future : futures) {
                assertTrue(future.isDone(), "a future is not done");
            }
        }

        private void bind() {
            ChannelFuture[] bound = new ChannelFuture[1];
            lab.on(
                    lab.serverGroup(),
                    () -> bound[0] = lab.server(Child::new)
                            .option(NamedPipeChannelOption.PIPE_TYPE, type)
                            .option(NamedPipeChannelOption.FIRST_INSTANCE, false)
                            .option(NamedPipeChannelOption.ACCEPT_REMOTE_CLIENTS, true)
                            .option(NamedPipeChannelOption.MAX_INSTANCES, 1)
                            .bind(lab.address()));
            lab.settle();
            keep(bound[0]);
        }

        private void connect(Consumer<Bootstrap> options) {
            lab.on(lab.clientGroup(), () -> {
                Bootstrap client = lab.client(new Client())
                        .option(NamedPipeChannelOption.IMPERSONATION_LEVEL, ImpersonationLevel.IMPERSONATION)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, TIMEOUT_MILLIS);
                options.accept(client);
                keep(client.connect(lab.address()));
            });
            lab.settleFor(TIMEOUT_MILLIS / 4, TimeUnit.MILLISECONDS);
        }

        private void keep(ChannelFuture future) {
            futures.add(future);
            channels.add(future.channel());
            futures.add(future.channel().closeFuture());
        }

        private void closeClient(int index) {
            if (channels.size() > index) {
                futures.add(channels.get(index).close());
            }
        }

        private void nameOfUser() {
            futures.add(Accounts.nameOf(
                    () -> lab.world().kernel(),
                    task -> lab.world().startThread("accounts", task),
                    SimulatedKernel.DEFAULT_USER));
        }

        /** Does something as its client, and answers. */
        private final class Child extends ChannelInboundHandlerAdapter {

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ((ByteBuf) message).release();
                NamedPipeChannel channel = (NamedPipeChannel) ctx.channel();
                Callable<String> task = () -> "hello";
                Future<String> greeting =
                        channel.impersonate(task, run -> lab.world().startThread("application", run));
                futures.add(greeting);
                greeting.addListener(done -> futures.add(ctx.writeAndFlush(text(ctx, "answer"))));
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                ctx.close();
            }
        }

        private final class Client extends ChannelInboundHandlerAdapter {

            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                futures.add(ctx.writeAndFlush(text(ctx, "question")));
            }

            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ((ByteBuf) message).release();
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                ctx.close();
            }
        }

        private ByteBuf text(ChannelHandlerContext ctx, String text) {
            return lab.world()
                    .kernel()
                    .sparing(() -> ctx.alloc().directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
        }
    }
}
