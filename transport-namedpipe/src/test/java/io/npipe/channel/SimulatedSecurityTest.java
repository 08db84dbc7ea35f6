/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.PipeConstants.FILE_READ_ATTRIBUTES;
import static io.npipe.win32.PipeConstants.FILE_WRITE_ATTRIBUTES;
import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static io.npipe.win32.PipeConstants.SECURITY_IDENTIFICATION;
import static io.npipe.win32.PipeConstants.SECURITY_IMPERSONATION;
import static io.npipe.win32.PipeConstants.SECURITY_SQOS_PRESENT;
import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
import static io.npipe.win32.Win32Error.ERROR_BAD_IMPERSONATION_LEVEL;
import static io.npipe.win32.Win32Error.ERROR_CANNOT_IMPERSONATE;
import static io.npipe.win32.Win32Error.ERROR_NOT_ENOUGH_MEMORY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.npipe.simulation.Chances;
import io.npipe.simulation.Faults;
import io.npipe.simulation.SimulatedKernel;
import io.npipe.simulation.SimulatedProcess;
import io.npipe.testkit.CallLog;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.ObservedWin32.Call;
import io.npipe.testkit.SimulatedPipeLab;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import io.npipe.win32.PipeConstants;
import io.npipe.win32.SecurityDescriptor;
import io.npipe.win32.Sid;
import java.net.BindException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Several users, on the kernel that enforces what Windows enforces: each test fails if the protection that it is about is
 * taken away.
 */
@Tag("any-jvm")
class SimulatedSecurityTest {

    private static final String ME = SimulatedKernel.DEFAULT_USER;
    private static final String OTHER_SID = "S-1-5-21-1-2-3-2002";
    private static final String STAFF = "S-1-5-21-1-2-3-5000";
    private static final int IMPERSONATES = SECURITY_SQOS_PRESENT | SECURITY_IMPERSONATION;
    private static final int BOTH = GENERIC_READ | GENERIC_WRITE;
    private static final Chances KNOWN_LATE = new Chances(0, 0, 0, 0, 0, 0, 0, 100, 0).withEmptyMessagesOfNobody();

    private static final SimulatedProcess SAME_USER = new SimulatedProcess(ME, 77, 1);
    private static final SimulatedProcess OTHER =
            new SimulatedProcess(OTHER_SID, Set.of(STAFF, "S-1-5-32-545"), 88, 2, false);
    private static final SimulatedProcess OVER_NETWORK =
            new SimulatedProcess(ME, Set.of(Sid.NETWORK), 0xFEFF, 0, false);

    /** Takes children in, and tells what they know of their peers when. */
    private final class Server extends ChannelInboundHandlerAdapter {

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            child = (NamedPipeChannel) ctx.channel();
            whenActive.add(child.peerCredentials());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            whenRead.add(((NamedPipeChannel) ctx.channel()).peerCredentials());
            ReferenceCountUtil.release(msg);
        }
    }

    private final List<NamedPipePeerCredentials> whenActive = new ArrayList<>();
    private final List<NamedPipePeerCredentials> whenRead = new ArrayList<>();
    private final List<Long> raw = new ArrayList<>();
    private final CallLog calls = new CallLog();
    private SimulatedPipeLab lab = new SimulatedPipeLab();
    private NamedPipeChannel child;

    @AfterEach
    void close() {
        raw.forEach(lab.world().kernel()::vanish);
        lab.settle();
        lab.close();
    }

    private void newLab(Chances chances, Faults faults) {
        lab.close();
        lab = new SimulatedPipeLab(1, chances, faults);
    }

    private ChannelFuture bind(Consumer<ServerBootstrap> options) {
        ChannelFuture[] bound = new ChannelFuture[1];
        lab.on(lab.serverGroup(), () -> {
            ServerBootstrap server = lab.server(Server::new).option(NamedPipeChannelOption.LISTENING_INSTANCES, 2);
            options.accept(server);
            bound[0] = server.bind(lab.address());
        });
        lab.settle();
        return bound[0];
    }

    private ChannelFuture bind(PipeSecurity security) {
        return bind(server -> server.option(NamedPipeChannelOption.SECURITY, security));
    }

    /** Error code of opening the server's pipe; it stays open. */
    private int open(SimulatedProcess process, int access) {
        long handle = lab.openRaw(process, access, IMPERSONATES);
        lab.settleFor(2, TimeUnit.SECONDS); // at its limit a server tries again for ever
        if (handle > 0) {
            raw.add(handle);
            return 0;
        }
        return (int) -handle;
    }

    /** Error code of creating a further instance of the server's pipe; it stays open. */
    private int create(SimulatedProcess process) {
        long handle = lab.createRaw(process, 0, 255, null);
        if (handle > 0) {
            raw.add(handle);
            return 0;
        }
        return (int) -handle;
    }

    private ChannelFuture connect(NamedPipeAddress address, Consumer<Bootstrap> options) {
        ChannelFuture[] connected = new ChannelFuture[1];
        lab.on(lab.clientGroup(), () -> {
            Bootstrap client = lab.client(new Inbox());
            options.accept(client);
            connected[0] = client.connect(address);
        });
        lab.settle();
        return connected[0];
    }

    // ---- who may open ----------------------------------------------------------------------------------------------

    @Test
    void byDefaultTheUserConnectsAndNobodyElse() {
        bind(server -> {});
        assertEquals(0, open(SAME_USER, BOTH));
        assertEquals(ERROR_ACCESS_DENIED, open(OTHER, BOTH));
        assertEquals(ERROR_ACCESS_DENIED, open(OTHER, GENERIC_READ));
        assertEquals(ERROR_ACCESS_DENIED, create(OTHER));
        assertEquals(0, create(SAME_USER));
    }

    @Test
    void whoIsAllowedConnectsAndCreatesNoInstance() {
        bind(PipeSecurity.builder().allow(OTHER_SID).build());
        assertEquals(0, open(OTHER, BOTH));
        assertEquals(ERROR_ACCESS_DENIED, create(OTHER));
        assertEquals(ERROR_ACCESS_DENIED, open(new SimulatedProcess("S-1-5-21-1-2-3-3003", 1, 1), GENERIC_READ));
    }

    @Test
    void aGroupIsAllowed() {
        bind(PipeSecurity.builder().allow(STAFF).build());
        assertEquals(0, open(OTHER, BOTH));
        assertEquals(ERROR_ACCESS_DENIED, create(OTHER));
    }

    @Test
    void whoMayReadMayNotWrite() {
        bind(PipeSecurity.builder().allow(OTHER_SID, PipeRights.READ).build());
        assertEquals(0, open(OTHER, GENERIC_READ | FILE_WRITE_ATTRIBUTES), "what PipeAccess.READ asks for");
        assertEquals(ERROR_ACCESS_DENIED, open(OTHER, GENERIC_WRITE));
        assertEquals(ERROR_ACCESS_DENIED, open(OTHER, BOTH));
    }

    @Test
    void whoMayWriteMayNotRead() {
        bind(PipeSecurity.builder().allow(OTHER_SID, PipeRights.WRITE).build());
        assertEquals(0, open(OTHER, GENERIC_WRITE | FILE_READ_ATTRIBUTES), "what PipeAccess.WRITE asks for");
        assertEquals(ERROR_ACCESS_DENIED, open(OTHER, GENERIC_READ));
        assertEquals(ERROR_ACCESS_DENIED, open(OTHER, BOTH));
    }

    @Test
    void unrestrictedIsForEverybodyAndNobodyCreatesInstances() {
        bind(PipeSecurity.unrestricted());
        assertEquals(0, open(OTHER, BOTH));
        assertEquals(ERROR_ACCESS_DENIED, create(OTHER));
    }

    @Test
    void aServerThatIsNotAllowedToGoOnSaysSoWhenItIsBound() {
        PipeSecurity withoutUs = PipeSecurity.sddl(lab.world().kernel(), "D:P(A;;0x12019b;;;" + ME + ")");
        Throwable refusal = bind(withoutUs).cause();
        assertInstanceOf(BindException.class, refusal);
        assertTrue(refusal.getMessage().contains("0x1F01FF"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("D:P(A;;0x12019b;;;" + ME + ")"), refusal.getMessage());
        assertInstanceOf(NamedPipeException.class, refusal.getCause());

        // The name is free again; and one instance needs no further one.
        assertTrue(bind(server -> server.option(NamedPipeChannelOption.SECURITY, withoutUs)
                        .option(NamedPipeChannelOption.MAX_INSTANCES, 1))
                .isSuccess());
    }

    /** With the last handle the name goes, and what was said about it. */
    @Test
    void whenAllInstancesHaveGoneTheNextOneHasTheSecurityAgain() {
        for (int instances = 1; instances <= 2; instances++) {
            int max = instances;
            newLab(Chances.NONE, Faults.NONE);
            bind(server -> server.option(NamedPipeChannelOption.MAX_INSTANCES, max)
                    .option(NamedPipeChannelOption.LISTENING_INSTANCES, max));
            for (int i = 0; i < max; i++) {
                assertEquals(0, open(SAME_USER, BOTH));
            }
            raw.forEach(lab.world().kernel()::vanish);
            raw.clear();
            lab.settleFor(2, TimeUnit.SECONDS);

            assertEquals(ERROR_ACCESS_DENIED, open(OTHER, GENERIC_READ));
            assertNotEquals(0, create(OTHER));
            assertEquals(0, open(SAME_USER, BOTH));
            raw.forEach(lab.world().kernel()::vanish);
            raw.clear();
            lab.settle();
        }
    }

    // ---- squatters -------------------------------------------------------------------------------------------------

    @Test
    void aNameThatSomebodyHasTakenIsNotJoined() {
        assertEquals(0, create(SAME_USER));
        Throwable refusal = bind(server -> {}).cause();
        assertInstanceOf(BindException.class, refusal);
    }

    @Test
    void aServerMayJoinItsOwnUsersPipe() {
        ChannelFuture first = bind(server -> {});
        assertTrue(bind(server -> server.option(NamedPipeChannelOption.FIRST_INSTANCE, false))
                .isSuccess());
        assertTrue(first.channel().isActive());
    }

    @Test
    void aServerDoesNotJoinAPipeWithAnotherSecurity() throws Exception {
        SecurityDescriptor open =
                SecurityDescriptor.ofSddl(lab.world().kernel(), "O:" + OTHER_SID + "D:P(A;;0x1f01ff;;;S-1-1-0)");
        raw.add(lab.createRaw(OTHER, 0, 255, open));
        open.free();

        Throwable refusal = bind(server -> server.option(NamedPipeChannelOption.FIRST_INSTANCE, false))
                .cause();
        assertInstanceOf(BindException.class, refusal);
        assertTrue(refusal.getMessage().contains(OTHER_SID), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(ME), refusal.getMessage());
    }

    @Test
    void aServerDoesNotJoinWhoTakesItsNameWhenItsLastInstanceHasGone() throws Exception {
        newLab(Chances.NONE, calls);
        calls.watch(lab.world());
        bind(server -> server.option(NamedPipeChannelOption.MAX_INSTANCES, 1));
        assertEquals(0, open(SAME_USER, BOTH));
        assertEquals(1, whenActive.size());
        SecurityDescriptor open =
                SecurityDescriptor.ofSddl(lab.world().kernel(), "O:" + OTHER_SID + "D:P(A;;0x1f01ff;;;S-1-1-0)");
        calls.begin();
        List<Long> squatter = new ArrayList<>();
        calls.before(Call.CreateNamedPipeW, () -> squatter.add(lab.createRaw(OTHER, 0, 1, open)));
        lab.world().kernel().vanish(raw.remove(0));
        lab.settleFor(3, TimeUnit.SECONDS);
        open.free();
        raw.add(lab.openRaw(OTHER, BOTH, IMPERSONATES)); // the squatter's own
        lab.settleFor(3, TimeUnit.SECONDS);
        assertEquals(1, whenActive.size(), "the server has got a client of the squatter's");

        raw.forEach(lab.world().kernel()::vanish);
        raw.clear();
        lab.world().kernel().vanish(squatter.get(0));
        lab.settleFor(3, TimeUnit.SECONDS);
        assertEquals(ERROR_ACCESS_DENIED, open(OTHER, BOTH));
        assertEquals(0, open(SAME_USER, BOTH), "it has its name again");
        assertEquals(2, whenActive.size());
    }

    @Test
    void aServerThatCannotSeeTheSecurityDoesNotJoin() {
        newLab(Chances.NONE, calls);
        calls.watch(lab.world());
        calls.begin();
        calls.fail(Call.GetSecurityInfo, 2, ERROR_NOT_ENOUGH_MEMORY);
        NamedPipeException refusal = assertInstanceOf(
                NamedPipeException.class,
                bind(server -> server.option(NamedPipeChannelOption.FIRST_INSTANCE, false))
                        .cause());
        assertEquals("GetSecurityInfo", refusal.call());
    }

    /** Windows' own default lets others read, and not set the read mode. */
    @ParameterizedTest
    @CsvSource({"0, , ''", "4, BYTE, ''", "4, , SetNamedPipeHandleState"})
    void whoMayOnlyReadReadsBytes(int pipeType, PipeMode readMode, String refusedCall) throws Exception {
        SecurityDescriptor readers = SecurityDescriptor.ofSddl(
                lab.world().kernel(), "O:" + OTHER_SID + "D:P(A;;0x120089;;;S-1-1-0)(A;;0x1f01ff;;;" + OTHER_SID + ")");
        raw.add(lab.createRaw(OTHER, pipeType, 1, readers));
        readers.free();

        ChannelFuture connect =
                connect(lab.address(), client -> client.option(NamedPipeChannelOption.ACCESS, PipeAccess.READ)
                        .option(NamedPipeChannelOption.READ_MODE, readMode));

        if (refusedCall.isEmpty()) {
            assertTrue(connect.isSuccess(), () -> "" + connect.cause());
        } else {
            assertEquals(
                    refusedCall,
                    assertInstanceOf(NamedPipeException.class, connect.cause()).call());
        }
        assertInstanceOf(
                ConnectException.class, connect(lab.address(), client -> {}).cause()); // reading and writing
    }

    @Test
    void aClientRefusesAServerOfAnotherUser() {
        raw.add(lab.createRaw(OTHER, 0, 1, null));
        SimulatedProcess other = lab.world().kernel().process();
        lab.world().kernel().setProcess(OTHER); // who may open it
        Throwable refusal = connect(
                        lab.address(), client -> client.option(NamedPipeChannelOption.REQUIRED_SERVER_OWNER, ME))
                .cause();
        lab.world().kernel().setProcess(other);
        assertInstanceOf(ConnectException.class, refusal);
        assertTrue(refusal.getMessage().contains(OTHER_SID), refusal.getMessage());
    }

    @Test
    void aClientThatCannotSeeTheRequiredOwnerDoesNotConnect() {
        newLab(Chances.NONE, calls);
        calls.watch(lab.world());
        bind(server -> {});
        calls.begin();
        calls.fail(Call.GetSecurityInfo, 1, ERROR_NOT_ENOUGH_MEMORY);
        NamedPipeException refusal = assertInstanceOf(
                NamedPipeException.class,
                connect(lab.address(), client -> client.option(NamedPipeChannelOption.REQUIRED_SERVER_OWNER, ME))
                        .cause());
        assertEquals("GetSecurityInfo", refusal.call());
    }

    @Test
    void withoutARequirementAnUnknownOwnerIsNull() {
        newLab(Chances.NONE, calls);
        calls.watch(lab.world());
        bind(server -> {});
        calls.begin();
        calls.fail(Call.GetSecurityInfo, 1, ERROR_NOT_ENOUGH_MEMORY);
        NamedPipeChannel client =
                (NamedPipeChannel) connect(lab.address(), options -> {}).channel();
        assertTrue(client.isActive());
        assertEquals(
                new NamedPipePeerCredentials(
                        SimulatedKernel.DEFAULT_PROCESS_ID, SimulatedKernel.DEFAULT_SESSION_ID, null),
                client.peerCredentials());
    }

    // ---- whose the pipe is ----------------------------------------------------------------------------------------

    /**
     * The table of docs/security.md: all are of one user. A .NET client with {@code CurrentUserOnly} compares the pipe's
     * owner with its own {@code TokenOwner}, ours with the user.
     */
    @ParameterizedTest
    @CsvSource({
        "false, user,       false, true,  true",
        "false, user,       true,  true,  false",
        "true,  user,       false, true,  true",
        "true,  user,       true,  true,  false",
        "false, TokenOwner, false, true,  true",
        "false, TokenOwner, true,  true,  false",
        "true,  TokenOwner, false, false, false",
        "true,  TokenOwner, true,  false, true"
    })
    void whoAcceptsWhoseServer(
            boolean serverElevated, String owner, boolean clientElevated, boolean oursDoes, boolean dotNetDoes) {
        lab.world().kernel().setProcess(serverElevated ? SAME_USER.elevated() : SAME_USER);
        PipeSecurity security = owner.equals("user")
                ? PipeSecurity.currentUser()
                : PipeSecurity.builder().ownedByTokenOwner().build();
        assertTrue(bind(security).isSuccess());

        SimulatedProcess client = clientElevated ? SAME_USER.elevated() : SAME_USER;
        lab.world().kernel().setProcess(client);
        ChannelFuture ours =
                connect(lab.address(), options -> options.option(NamedPipeChannelOption.REQUIRED_SERVER_OWNER, ME));
        assertEquals(oursDoes, ours.isSuccess(), () -> "" + ours.cause());

        NamedPipeChannel any =
                (NamedPipeChannel) connect(lab.address(), options -> {}).channel();
        assertEquals(dotNetDoes, any.peerCredentials().userSid().equals(client.tokenOwner()));
        lab.on(lab.clientGroup(), any::close);
        lab.settle();
    }

    /** What is not told stays as safe as it was: others may not open it, whoever owns it. */
    @Test
    void anotherOwnerLetsNobodyElseIn() {
        lab.world().kernel().setProcess(SAME_USER.elevated());
        bind(PipeSecurity.builder().ownedByTokenOwner().build());
        assertEquals(0, open(SAME_USER, BOTH));
        assertEquals(ERROR_ACCESS_DENIED, open(OTHER, GENERIC_READ));
        assertEquals(ERROR_ACCESS_DENIED, open(OTHER.elevated(), GENERIC_READ), "who could change that, but has not");
        assertEquals(ERROR_ACCESS_DENIED, create(OTHER.elevated()));
    }

    @Test
    void anOwnerThatWindowsDoesNotTakeFailsTheBind() {
        Throwable refusal =
                bind(PipeSecurity.builder().ownedBy(OTHER_SID).build()).cause();
        assertInstanceOf(BindException.class, refusal);
        assertTrue(refusal.getMessage().contains("ERROR_INVALID_OWNER"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("SeRestorePrivilege"), refusal.getMessage());
        assertInstanceOf(
                BindException.class,
                bind(PipeSecurity.builder().ownedBy("S-1-5-32-544").build()).cause(),
                "it is not elevated");
    }

    @Test
    void aServerJoinsItsOwnUsersPipeOfTheSameOwner() {
        lab.world().kernel().setProcess(SAME_USER.elevated());
        PipeSecurity security = PipeSecurity.builder().ownedByTokenOwner().build();
        assertTrue(bind(security).isSuccess());
        assertTrue(bind(server -> server.option(NamedPipeChannelOption.SECURITY, security)
                        .option(NamedPipeChannelOption.FIRST_INSTANCE, false))
                .isSuccess());
        Throwable refusal = bind(server -> server.option(NamedPipeChannelOption.FIRST_INSTANCE, false))
                .cause();
        assertInstanceOf(BindException.class, refusal, "of the user where the administrators' is");
    }

    // ---- other machines --------------------------------------------------------------------------------------------

    private static final NamedPipeAddress OVER_SMB = NamedPipeAddress.of("\\\\this-machine\\pipe\\lab");

    private ChannelFuture connectOverNetwork(SimulatedProcess as) {
        lab.world().kernel().setReachableHost(OVER_SMB.host());
        SimulatedProcess before = lab.world().kernel().process();
        lab.world().kernel().setProcess(as);
        ChannelFuture connected = connect(OVER_SMB, client -> {});
        lab.world().kernel().setProcess(before);
        return connected;
    }

    @Test
    void clientsOfOtherMachinesAreRefused() {
        bind(server -> {});
        assertInstanceOf(
                ConnectException.class, connectOverNetwork(OVER_NETWORK).cause());
        assertEquals(List.of(), whenActive);
    }

    @Test
    void clientsOfOtherMachinesAreLetInOnRequestAndOnlyTheirUserIsBelieved() {
        bind(server -> server.option(NamedPipeChannelOption.ACCEPT_REMOTE_CLIENTS, true));
        assertTrue(connectOverNetwork(OVER_NETWORK).isSuccess());
        assertEquals(List.of(new NamedPipePeerCredentials(0, -1, ME)), whenActive);

        assertEquals(0, open(SAME_USER, BOTH));
        assertEquals(new NamedPipePeerCredentials(77, 1, ME), whenActive.get(1), "of this machine");
    }

    /** Whoever created it decided whether clients of other machines are let in. */
    @Test
    void onAPipeThatMayBeJoinedClientsMayBeRemote() {
        bind(server -> server.option(NamedPipeChannelOption.FIRST_INSTANCE, false));
        assertEquals(0, open(OVER_NETWORK, BOTH));
        assertEquals(List.of(new NamedPipePeerCredentials(0, -1, ME)), whenActive);
    }

    @Test
    void whereItIsNotToldWhetherAClientIsRemoteItMayBe() {
        for (Call unanswered : List.of(
                Call.CheckTokenMembership,
                Call.GetTokenInformation,
                Call.OpenThreadToken,
                Call.ImpersonateNamedPipeClient)) {
            newLab(Chances.NONE, calls);
            calls.watch(lab.world());
            whenActive.clear();
            bind(server -> server.option(NamedPipeChannelOption.ACCEPT_REMOTE_CLIENTS, true));
            calls.begin();
            calls.fail(unanswered, 1, ERROR_NOT_ENOUGH_MEMORY);
            assertEquals(0, open(SAME_USER, BOTH));
            String user = unanswered == Call.CheckTokenMembership ? ME : null;
            assertEquals(List.of(new NamedPipePeerCredentials(0, -1, user)), whenActive, unanswered::toString);
            raw.forEach(lab.world().kernel()::vanish);
            raw.clear();
            lab.settle();
        }
    }

    // ---- who is there ----------------------------------------------------------------------------------------------

    @Test
    void eachClientIsKnownByItsToken() {
        bind(PipeSecurity.unrestricted());
        open(SAME_USER, BOTH);
        open(OTHER, BOTH);
        assertEquals(
                List.of(new NamedPipePeerCredentials(77, 1, ME), new NamedPipePeerCredentials(88, 2, OTHER_SID)),
                whenActive);
    }

    @Test
    void whoHasGoneIsKnownAllTheSame() {
        bind(PipeSecurity.unrestricted());
        lab.on(lab.serverGroup(), () -> {
            // Before the loop has seen that it came.
            lab.world().kernel().vanish(lab.openRaw(OTHER, BOTH, IMPERSONATES));
        });
        lab.settle();
        assertEquals(List.of(new NamedPipePeerCredentials(88, 2, OTHER_SID)), whenActive);
    }

    @Test
    void whatIsNotToldIsUnknownAndTheConnectionLives() {
        record Case(Call unanswered, NamedPipePeerCredentials known) {}
        for (Case one : List.of(
                new Case(Call.ImpersonateNamedPipeClient, new NamedPipePeerCredentials(77, 1, null)),
                new Case(Call.OpenThreadToken, new NamedPipePeerCredentials(77, 1, null)),
                new Case(Call.GetTokenInformation, new NamedPipePeerCredentials(77, 1, null)),
                new Case(Call.GetNamedPipeClientProcessId, new NamedPipePeerCredentials(0, 1, ME)),
                new Case(Call.GetNamedPipeClientSessionId, new NamedPipePeerCredentials(77, -1, ME)))) {
            newLab(Chances.NONE, calls);
            calls.watch(lab.world());
            whenActive.clear();
            bind(server -> {});
            calls.begin();
            calls.fail(one.unanswered, 1, ERROR_NOT_ENOUGH_MEMORY);
            assertEquals(0, open(SAME_USER, BOTH));
            assertEquals(List.of(one.known), whenActive, one::toString);
            assertTrue(child.isActive());
            raw.forEach(lab.world().kernel()::vanish);
            raw.clear();
            lab.settle();
        }
    }

    @Test
    void whoIsKnownLateIsKnownWithTheFirstBytes() {
        newLab(KNOWN_LATE, Faults.NONE);
        bind(server -> server.option(NamedPipeChannelOption.PIPE_TYPE, PipeMode.MESSAGE));
        Channel client = connect(lab.address(), options -> {}).channel();
        assertNull(whenActive.get(0));
        assertNull(child.peerCredentials());
        assertTrue(child.toString().contains("not identified yet"), child.toString());

        lab.on(lab.clientGroup(), () -> client.writeAndFlush(client.alloc().directBuffer(1)));
        lab.settle();
        assertEquals(1, whenRead.size());
        assertNull(whenRead.get(0), "a message of no bytes tells nothing");
        for (int i = 1; i <= 2; i++) {
            lab.on(
                    lab.clientGroup(),
                    () -> client.writeAndFlush(client.alloc().directBuffer(1).writeByte(1)));
            lab.settle();
            assertEquals(ME, whenRead.get(i).userSid());
        }
        assertEquals(whenRead.get(1), child.peerCredentials());
    }

    @Test
    void itIsAskedOnceHoweverOftenItIsRead() {
        newLab(Chances.NONE, calls);
        calls.watch(lab.world());
        bind(server -> {});
        calls.begin();
        Channel client = connect(lab.address(), options -> {}).channel();
        for (int i = 0; i < 3; i++) {
            lab.on(
                    lab.clientGroup(),
                    () -> client.writeAndFlush(client.alloc().directBuffer(1).writeByte(1)));
            lab.settle();
        }
        assertEquals(3, whenRead.size());
        assertEquals(
                1,
                calls.calls().stream()
                        .filter(call -> call == Call.ImpersonateNamedPipeClient)
                        .count());
    }

    /**
     * A kernel on which {@code ConnectNamedPipe} drops who the client is that came before it, and nothing brings that back.
     */
    private static final class Forgetful implements Faults {

        @Override
        public int next(Call call) {
            return call == Call.ImpersonateNamedPipeClient ? ERROR_CANNOT_IMPERSONATE : 0;
        }
    }

    private Channel forgottenClient(Consumer<ServerBootstrap> options) {
        newLab(Chances.NONE, new Forgetful());
        lab.world().kernel().beginFailing();
        bind(options);
        return connect(lab.address(), client -> {}).channel();
    }

    private void write(Channel client, int value) {
        lab.on(
                lab.clientGroup(),
                () -> client.writeAndFlush(client.alloc().directBuffer(1).writeByte(value)));
        lab.settle();
    }

    /** Its process is known, but a process is no identity: it may have opened the pipe in another user's name. */
    @Test
    void whoIsForgottenStaysWithoutAUserAndTheConnectionLives() {
        Channel client = forgottenClient(server -> {});
        assertNull(whenActive.get(0), "it may be known after a read");
        write(client, 1);
        write(client, 2);
        NamedPipePeerCredentials known = new NamedPipePeerCredentials(
                SimulatedKernel.DEFAULT_PROCESS_ID, SimulatedKernel.DEFAULT_SESSION_ID, null);
        assertEquals(List.of(known, known), whenRead);
        assertTrue(client.isActive());
    }

    @Test
    void whoIsForgottenIsNotLetInByItsUser() {
        List<Object> heard = new ArrayList<>();
        newLab(Chances.NONE, new Forgetful());
        lab.world().kernel().beginFailing();
        lab.on(lab.serverGroup(), () -> lab.server(() -> new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        accepted.pipeline()
                                .addLast(
                                        new PeerAuthorizationHandler(PeerAuthorizationHandler.users(ME)),
                                        new ChannelInboundHandlerAdapter() {
                                            @Override
                                            public void channelRead(ChannelHandlerContext ctx, Object msg) {
                                                heard.add(msg);
                                            }
                                        });
                    }
                })
                .bind(lab.address()));
        lab.settle();
        Channel client = connect(lab.address(), options -> {}).channel();
        write(client, 1);
        assertEquals(List.of(), heard);
        assertFalse(client.isActive());
    }

    @Test
    void nobodyActsAsWhoIsForgotten() {
        Channel client = forgottenClient(server -> {});
        write(client, 1);
        boolean[] run = new boolean[1];
        NamedPipeException refusal = assertInstanceOf(
                NamedPipeException.class, impersonate(granted -> run[0] = true).cause());
        assertEquals(ERROR_CANNOT_IMPERSONATE, refusal.code());
        assertFalse(run[0]);
    }

    /** There is no safer place for it than where it is. */
    @Test
    void aLoopThatCannotActAsItselfAgainDoesNothingAnyMore() {
        newLab(Chances.NONE, calls);
        calls.watch(lab.world());
        bind(server -> {});
        calls.begin();
        calls.fail(Call.RevertToSelf, 1, ERROR_ACCESS_DENIED);
        assertEquals(0, open(SAME_USER, BOTH));
        boolean[] run = new boolean[1];
        lab.on(lab.serverGroup(), () -> run[0] = true);
        lab.settle();
        assertFalse(run[0]);
        assertEquals(List.of(), whenActive);

        raw.clear();
        assertThrows(AssertionError.class, lab::close, "it has left everything as it was");
        lab = new SimulatedPipeLab();
    }

    // ---- acting as the client --------------------------------------------------------------------------------------

    private <T> Future<T> impersonate(ImpersonatedTask<T> task) {
        Future<T> done = child.impersonate(task, run -> lab.world().startThread("application", run));
        lab.settle();
        return done;
    }

    private long openAs(NamedPipeAddress pipe) {
        NativeMemory path = NativeMemory.ofWideString(pipe.path());
        long handle = lab.world()
                .kernel()
                .CreateFileW(
                        path.address(),
                        BOTH,
                        0,
                        0,
                        PipeConstants.OPEN_EXISTING,
                        PipeConstants.FILE_FLAG_OVERLAPPED | IMPERSONATES,
                        0);
        path.free();
        if (handle > 0) {
            raw.add(handle);
        }
        return handle;
    }

    @Test
    void withoutThePrivilegeAnotherUserIsIdentifiedAndNoMore() {
        bind(PipeSecurity.unrestricted());
        open(OTHER, BOTH);
        assertEquals(
                ImpersonationLevel.IDENTIFICATION,
                impersonate(granted -> {
                            assertEquals(-ERROR_BAD_IMPERSONATION_LEVEL, openAs(lab.address()));
                            return granted;
                        })
                        .getNow());
    }

    @Test
    void withThePrivilegeTheTaskHasTheClientsRightsAndOnlyThose() {
        lab.world().kernel().setProcess(new SimulatedProcess(ME, Set.of(), 1, 1, true));
        bind(PipeSecurity.builder().allow(OTHER_SID).build());
        open(OTHER, BOTH);
        assertEquals(
                ImpersonationLevel.IMPERSONATION,
                impersonate(granted -> {
                            assertTrue(openAs(lab.address()) > 0);
                            return granted;
                        })
                        .getNow());
        assertEquals(OTHER_SID, whenActive.get(1).userSid(), "it was opened as the client");
    }

    /** As a process that has the handle. */
    private void write(SimulatedProcess process, long handle, byte[] bytes) {
        SimulatedProcess before = lab.world().kernel().process();
        NativeMemory data = NativeMemory.allocate(bytes.length);
        NativeMemory overlapped = NativeMemory.allocate(Overlapped.SIZE);
        data.buffer().put(0, bytes);
        lab.world().kernel().setProcess(process);
        assertEquals(0, lab.world().kernel().WriteFile(handle, data.address(), bytes.length, 0, overlapped.address()));
        lab.world().kernel().setProcess(before);
        lab.settle();
        data.free();
        overlapped.free();
    }

    @Test
    void whoSharesAHandleDoesNotMakeTheServerActAsSomebodyElse() {
        bind(PipeSecurity.unrestricted());
        raw.add(lab.openRaw(SAME_USER, BOTH, 0));
        lab.settle();
        byte[] word = {1};
        write(SAME_USER, raw.get(0), word);
        assertEquals(ME, child.peerCredentials().userSid());
        assertEquals(
                ImpersonationLevel.IMPERSONATION,
                impersonate(granted -> granted).getNow());

        write(OTHER, raw.get(0), word);
        assertEquals(ME, child.peerCredentials().userSid());
        boolean[] run = new boolean[1];
        SecurityException refusal = assertInstanceOf(
                SecurityException.class, impersonate(granted -> run[0] = true).cause());
        assertTrue(refusal.getMessage().contains(OTHER_SID), refusal.getMessage());
        assertFalse(run[0]);
    }

    @Test
    void whoTakesOverBetweenTheLookAndTheTaskIsNotActedFor() {
        newLab(Chances.NONE, calls);
        calls.watch(lab.world());
        bind(PipeSecurity.unrestricted());
        raw.add(lab.openRaw(SAME_USER, BOTH, 0));
        lab.settle();
        byte[] word = {1};
        write(SAME_USER, raw.get(0), word);
        calls.begin();
        calls.before(
                Call.ImpersonateNamedPipeClient,
                () -> calls.before(Call.ImpersonateNamedPipeClient, () -> write(OTHER, raw.get(0), word)));
        boolean[] run = new boolean[1];
        assertInstanceOf(
                SecurityException.class, impersonate(granted -> run[0] = true).cause());
        assertFalse(run[0]);
    }

    @Test
    void theLevelIsNoMoreThanTheClientAllows() {
        lab.world().kernel().setProcess(new SimulatedProcess(ME, Set.of(), 1, 1, true));
        bind(PipeSecurity.unrestricted());
        raw.add(lab.openRaw(OTHER, BOTH, SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION));
        lab.settle();
        assertEquals(
                ImpersonationLevel.IDENTIFICATION,
                impersonate(granted -> granted).getNow());
    }

    @Test
    void aLevelThatIsNotToldIsNotGuessed() {
        for (Call unanswered : List.of(Call.GetTokenInformation, Call.OpenThreadToken)) {
            newLab(Chances.NONE, calls);
            calls.watch(lab.world());
            bind(server -> {});
            open(SAME_USER, BOTH);
            calls.begin();
            // The first OpenThreadToken finds out whether the thread impersonates already.
            calls.fail(unanswered, unanswered == Call.OpenThreadToken ? 2 : 1, ERROR_NOT_ENOUGH_MEMORY);
            boolean[] run = new boolean[1];
            Future<Object> done = impersonate(granted -> run[0] = true);
            assertEquals(
                    unanswered.name(),
                    assertInstanceOf(NamedPipeException.class, done.cause()).call());
            assertFalse(run[0]);
            raw.forEach(lab.world().kernel()::vanish);
            raw.clear();
            lab.settle();
        }
    }

    @Test
    void aThreadWhoseTokenIsNotToldIsNotUsed() {
        newLab(Chances.NONE, calls);
        calls.watch(lab.world());
        bind(server -> {});
        open(SAME_USER, BOTH);
        calls.begin();
        calls.fail(Call.OpenThreadToken, 1, ERROR_NOT_ENOUGH_MEMORY);
        boolean[] run = new boolean[1];
        assertNotNull(impersonate(granted -> run[0] = true).cause());
        assertFalse(run[0]);
        assertFalse(calls.calls().contains(Call.ImpersonateNamedPipeClient));
    }

    @Test
    void aCallThatFailsRunsNothing() {
        newLab(Chances.NONE, calls);
        calls.watch(lab.world());
        bind(server -> {});
        open(SAME_USER, BOTH);
        calls.begin();
        calls.fail(Call.ImpersonateNamedPipeClient, 1, ERROR_NOT_ENOUGH_MEMORY);
        boolean[] run = new boolean[1];
        Future<Object> done = impersonate(granted -> run[0] = true);
        assertEquals(
                "ImpersonateNamedPipeClient",
                assertInstanceOf(NamedPipeException.class, done.cause()).call());
        assertFalse(run[0]);
    }

    /** Its handle's number may be another pipe's by then. */
    @Test
    void aPipeThatClosesDuringTheCallKeepsItsHandleForIt() {
        newLab(Chances.NONE, calls);
        calls.watch(lab.world());
        bind(server -> server.option(ChannelOption.AUTO_READ, true));
        open(SAME_USER, BOTH);
        calls.begin();
        NamedPipeChannel closing = child;
        calls.before(Call.ImpersonateNamedPipeClient, () -> {
            lab.on(lab.serverGroup(), () -> closing.unsafe().closeForcibly());
            lab.settleUntil(() -> !closing.isOpen());
        });
        Future<ImpersonationLevel> done = impersonate(granted -> granted);
        assertEquals(ImpersonationLevel.IMPERSONATION, done.getNow());
        assertFalse(closing.isOpen());
    } // the lab fails if the handle is left open, or is used after its close
}
