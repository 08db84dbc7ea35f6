/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.PipeConstants.FILE_FLAG_FIRST_PIPE_INSTANCE;
import static io.npipe.win32.PipeConstants.FILE_FLAG_WRITE_THROUGH;
import static io.npipe.win32.PipeConstants.FILE_READ_ATTRIBUTES;
import static io.npipe.win32.PipeConstants.FILE_WRITE_ATTRIBUTES;
import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_INBOUND;
import static io.npipe.win32.PipeConstants.PIPE_ACCESS_OUTBOUND;
import static io.npipe.win32.PipeConstants.PIPE_READMODE_MESSAGE;
import static io.npipe.win32.PipeConstants.PIPE_REJECT_REMOTE_CLIENTS;
import static io.npipe.win32.PipeConstants.PIPE_TYPE_MESSAGE;
import static io.npipe.win32.PipeConstants.SECURITY_ANONYMOUS;
import static io.npipe.win32.PipeConstants.SECURITY_DELEGATION;
import static io.npipe.win32.PipeConstants.SECURITY_IDENTIFICATION;
import static io.npipe.win32.PipeConstants.SECURITY_IMPERSONATION;
import static io.npipe.win32.PipeConstants.SECURITY_SQOS_PRESENT;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.NativeText;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.RecordingWin32;
import io.npipe.testkit.RecordingWin32.Created;
import io.npipe.testkit.RecordingWin32.StateSet;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Win32;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every option, and the argument at the seam that it changes. */
@Tag("any-jvm")
class OptionArgumentsTest {

    private static final NamedPipeAddress REMOTE = NamedPipeAddress.of("\\\\elsewhere\\pipe\\x");

    /** What a server with an option asks for, against one without. */
    private record ServerCase<T>(
            ChannelOption<T> option, T value, Function<Created, Object> argument, Object expected) {

        @Override
        public String toString() {
            return option + " = " + value;
        }
    }

    private static <T> ServerCase<T> server(
            ChannelOption<T> option, T value, Function<Created, Object> argument, Object expected) {
        return new ServerCase<>(option, value, argument, expected);
    }

    static Stream<ServerCase<?>> serverCases() {
        return Stream.of(
                server(
                        NamedPipeChannelOption.PIPE_TYPE,
                        PipeMode.MESSAGE,
                        created -> created.pipeMode() & (PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE),
                        PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE),
                server(
                        NamedPipeChannelOption.DIRECTION,
                        PipeDirection.CLIENT_TO_SERVER,
                        created -> created.openMode() & PIPE_ACCESS_DUPLEX,
                        PIPE_ACCESS_INBOUND),
                server(
                        NamedPipeChannelOption.DIRECTION,
                        PipeDirection.SERVER_TO_CLIENT,
                        created -> created.openMode() & PIPE_ACCESS_DUPLEX,
                        PIPE_ACCESS_OUTBOUND),
                server(NamedPipeChannelOption.MAX_INSTANCES, 7, Created::maxInstances, 7),
                server(NamedPipeChannelOption.DEFAULT_WAIT_MILLIS, 1234, Created::defaultTimeOut, 1234),
                server(
                        NamedPipeChannelOption.WRITE_THROUGH,
                        true,
                        created -> created.openMode() & FILE_FLAG_WRITE_THROUGH,
                        FILE_FLAG_WRITE_THROUGH),
                server(
                        NamedPipeChannelOption.ACCEPT_REMOTE_CLIENTS,
                        true,
                        created -> created.pipeMode() & PIPE_REJECT_REMOTE_CLIENTS,
                        0),
                server(ChannelOption.SO_RCVBUF, 4711, Created::inBufferSize, 4711),
                server(ChannelOption.SO_SNDBUF, 4712, Created::outBufferSize, 4712));
    }

    @ParameterizedTest
    @MethodSource("serverCases")
    <T> void anOptionOfTheServerReachesCreateNamedPipe(ServerCase<T> one) {
        RecordingWin32 kernel = new RecordingWin32(Kernels.win32());
        try (PipeLab lab = new PipeLab(1, kernel, 1, Kernels.win32())) {
            lab.bind(Inbox::new);
            lab.server(Inbox::new)
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 2)
                    .option(one.option, one.value)
                    .bind(PipeLab.freshAddress())
                    .syncUninterruptibly();
            Created plain = kernel.created().get(0);
            List<Created> created = kernel.created();
            assertTrue(!one.expected.equals(one.argument.apply(plain)), "that is the default");
            for (Created instance : created.subList(created.size() - 2, created.size())) {
                assertEquals(one.expected, one.argument.apply(instance));
            }
        }
    }

    @Test
    void onlyTheFirstInstanceTakesTheName() {
        assertEquals(List.of(FILE_FLAG_FIRST_PIPE_INSTANCE, 0), firstInstanceFlags(true));
        assertEquals(List.of(0, 0), firstInstanceFlags(false));
    }

    /** Of the first two instances of the server's name. */
    private static List<Integer> firstInstanceFlags(boolean firstInstance) {
        RecordingWin32 kernel = new RecordingWin32(Kernels.win32());
        try (PipeLab lab = new PipeLab(1, kernel, 1, Kernels.win32())) {
            lab.server(Inbox::new)
                    .option(NamedPipeChannelOption.FIRST_INSTANCE, firstInstance)
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, 2)
                    .bind(lab.address())
                    .syncUninterruptibly();
            return kernel.created().stream()
                    .filter(created -> created.name().equals(lab.address().path()))
                    .map(created -> created.openMode() & FILE_FLAG_FIRST_PIPE_INSTANCE)
                    .toList();
        }
    }

    @Test
    void howManyInstancesListen() {
        RecordingWin32 kernel = new RecordingWin32(Kernels.win32());
        try (PipeLab lab = new PipeLab(1, kernel, 1, Kernels.win32())) {
            ServerBootstrap server = lab.server(Inbox::new).option(NamedPipeChannelOption.LISTENING_INSTANCES, 5);
            server.bind(lab.address()).syncUninterruptibly();
            assertEquals(5, kernel.created().size());
            server.clone()
                    .option(ChannelOption.SO_BACKLOG, 3)
                    .bind(PipeLab.freshAddress())
                    .syncUninterruptibly();
            assertEquals(5 + 3, kernel.created().size());
            server.clone()
                    .option(NamedPipeChannelOption.MAX_INSTANCES, 4)
                    .bind(PipeLab.freshAddress())
                    .syncUninterruptibly();
            assertEquals(5 + 3 + 4, kernel.created().size());
        }
    }

    // ---- clients ---------------------------------------------------------------------------------------------------

    /** Connects a client to a pipe of messages, with an option; tells what it asked the kernel for. */
    private static <T> ClientKernel connect(ChannelOption<T> option, T value) {
        ClientKernel kernel = new ClientKernel(Kernels.win32());
        try (PipeLab lab = new PipeLab(1, Kernels.win32(), 1, kernel)) {
            kernel.remoteIs = lab.address();
            lab.server(Inbox::new)
                    .option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE)
                    .bind(lab.address())
                    .syncUninterruptibly();
            Bootstrap client =
                    lab.client(new Inbox()).option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(100));
            if (option != null) {
                client.option(option, value);
            }
            boolean remote =
                    option == NamedPipeChannelOption.COLLECT_BYTES || option == NamedPipeChannelOption.COLLECT_MILLIS;
            Channel channel = client.connect(remote ? REMOTE : lab.address())
                    .syncUninterruptibly()
                    .channel();
            channel.eventLoop().submit(() -> {}).syncUninterruptibly(); // its first read has begun
            ((NamedPipeChannel) channel).shutdownOutput().awaitUninterruptibly();
        }
        return kernel;
    }

    /** Records more, and stands in for another machine. */
    private static final class ClientKernel extends RecordingWin32 {

        private final List<Integer> reads = new CopyOnWriteArrayList<>();
        private final List<Integer> writes = new CopyOnWriteArrayList<>();
        private volatile NamedPipeAddress remoteIs;

        ClientKernel(Win32 delegate) {
            super(delegate);
        }

        @Override
        public long CreateFileW(
                long name, int access, int share, long security, int disposition, int flags, long template) {
            if (!NativeText.wide(name).equals(REMOTE.path())) {
                return super.CreateFileW(name, access, share, security, disposition, flags, template);
            }
            NativeMemory local = NativeMemory.ofWideString(remoteIs.path());
            long handle = super.CreateFileW(local.address(), access, share, security, disposition, flags, template);
            local.free();
            return handle;
        }

        @Override
        public int SetNamedPipeHandleState(long pipe, long mode, long count, long timeout) {
            super.SetNamedPipeHandleState(pipe, mode, count, timeout); // a pipe of this machine may refuse it
            return ERROR_SUCCESS;
        }

        @Override
        public int ReadFile(long file, long buffer, int length, long read, long overlapped) {
            reads.add(length);
            return super.ReadFile(file, buffer, length, read, overlapped);
        }

        @Override
        public int WriteFile(long file, long buffer, int length, long written, long overlapped) {
            writes.add(length);
            return super.WriteFile(file, buffer, length, written, overlapped);
        }
    }

    private static int desiredAccess(PipeAccess access) {
        return connect(NamedPipeChannelOption.ACCESS, access).opened().get(0).desiredAccess();
    }

    @Test
    void accessIsWhatThePipeIsOpenedFor() {
        assertEquals(GENERIC_READ | GENERIC_WRITE, desiredAccess(PipeAccess.READ_WRITE));
        assertEquals(GENERIC_READ | FILE_WRITE_ATTRIBUTES, desiredAccess(PipeAccess.READ));
        assertEquals(GENERIC_WRITE | FILE_READ_ATTRIBUTES, desiredAccess(PipeAccess.WRITE));
    }

    @Test
    void writeThroughIsAFlagOfTheOpening() {
        assertEquals(
                FILE_FLAG_WRITE_THROUGH,
                connect(NamedPipeChannelOption.WRITE_THROUGH, true)
                                .opened()
                                .get(0)
                                .flagsAndAttributes()
                        & FILE_FLAG_WRITE_THROUGH);
        assertEquals(0, connect(null, null).opened().get(0).flagsAndAttributes() & FILE_FLAG_WRITE_THROUGH);
    }

    @Test
    void theImpersonationLevelGoesWithTheOpening() {
        assertEquals(SECURITY_IDENTIFICATION, impersonationFlags(null));
        assertEquals(SECURITY_ANONYMOUS, impersonationFlags(ImpersonationLevel.ANONYMOUS));
        assertEquals(SECURITY_IDENTIFICATION, impersonationFlags(ImpersonationLevel.IDENTIFICATION));
        assertEquals(SECURITY_IMPERSONATION, impersonationFlags(ImpersonationLevel.IMPERSONATION));
        assertEquals(SECURITY_DELEGATION, impersonationFlags(ImpersonationLevel.DELEGATION));
    }

    private static int impersonationFlags(ImpersonationLevel level) {
        int flags = connect(level == null ? null : NamedPipeChannelOption.IMPERSONATION_LEVEL, level)
                .opened()
                .get(0)
                .flagsAndAttributes();
        assertEquals(SECURITY_SQOS_PRESENT, flags & SECURITY_SQOS_PRESENT, "else the level does not count");
        return flags & SECURITY_DELEGATION;
    }

    @Test
    void theReadModeIsSetUnlessItIsTheDefaultOfTheKernel() {
        assertEquals(
                List.of(new StateSet(PIPE_READMODE_MESSAGE, null, null)),
                connect(null, null).statesSet());
        assertEquals(
                List.of(),
                connect(NamedPipeChannelOption.READ_MODE, PipeMode.BYTE).statesSet());
    }

    @Test
    void whatIsCollectedIsSetOnAPipeOfAnotherMachine() {
        assertEquals(
                List.of(new StateSet(PIPE_READMODE_MESSAGE, 500, null)),
                connect(NamedPipeChannelOption.COLLECT_BYTES, 500).statesSet());
        assertEquals(
                List.of(new StateSet(PIPE_READMODE_MESSAGE, null, 20)),
                connect(NamedPipeChannelOption.COLLECT_MILLIS, 20).statesSet());
    }

    @Test
    void whatIsCollectedIsRefusedOnAPipeOfThisMachine() {
        for (ChannelOption<Integer> option :
                List.of(NamedPipeChannelOption.COLLECT_BYTES, NamedPipeChannelOption.COLLECT_MILLIS)) {
            try (PipeLab lab = new PipeLab()) {
                lab.bind(Inbox::new);
                Throwable refusal = lab.client(new Inbox())
                        .option(option, 1)
                        .connect(lab.address())
                        .awaitUninterruptibly()
                        .cause();
                assertInstanceOf(IllegalArgumentException.class, refusal);
                assertTrue(refusal.getMessage().contains("local"), refusal.getMessage());
            }
        }
    }

    @Test
    void aReadIsNoLongerThanTheLongestMessage() {
        assertEquals(100, connect(null, null).reads.get(0));
        assertEquals(
                50, connect(NamedPipeChannelOption.MAX_MESSAGE_SIZE, 50).reads.get(0));
    }

    @Test
    void halfCloseWritesNothing() {
        assertEquals(List.of(), connect(null, null).writes);
        assertEquals(List.of(0), connect(NamedPipeChannelOption.HALF_CLOSE, true).writes);
    }

    @Test
    void waitingForTheServerIsOpeningAgain() {
        RecordingWin32 kernel = new RecordingWin32(Kernels.win32());
        try (PipeLab lab = new PipeLab(1, Kernels.win32(), 1, kernel)) {
            var connect = lab.client(new Inbox())
                    .option(NamedPipeChannelOption.WAIT_FOR_SERVER, true)
                    .connect(lab.address());
            assertTrue(!connect.awaitUninterruptibly(100));
            assertTrue(kernel.opened().size() >= 2, () -> "" + kernel.opened());
            lab.bind(Inbox::new);
            connect.syncUninterruptibly();
        }
    }

    /** An option that is added without a case here. */
    @Test
    void noOptionIsForgotten() {
        Set<String> declared = Arrays.stream(NamedPipeChannelOption.class.getFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()))
                .map(Field::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(
                new TreeSet<>(Set.of(
                        "ACCEPT_REMOTE_CLIENTS",
                        "ACCESS",
                        "COLLECT_BYTES",
                        "COLLECT_MILLIS",
                        "DEFAULT_WAIT_MILLIS",
                        "DIRECTION",
                        "FIRST_INSTANCE",
                        "HALF_CLOSE",
                        "IMPERSONATION_LEVEL",
                        "LISTENING_INSTANCES",
                        "MAX_INSTANCES",
                        "MAX_MESSAGE_SIZE",
                        "PIPE_TYPE",
                        "READ_MODE",
                        "REQUIRED_SERVER_OWNER",
                        "SECURITY",
                        "WAIT_FOR_SERVER",
                        "WRITE_THROUGH")),
                declared);
    }
}
