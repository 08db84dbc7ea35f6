/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.PipeConstants.GENERIC_READ;
import static io.npipe.win32.PipeConstants.GENERIC_WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.npipe.simulation.SimulatedKernel;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.Inbox;
import io.npipe.testkit.Kernels;
import io.npipe.testkit.ObservedWin32;
import io.npipe.testkit.PipeLab;
import io.npipe.testkit.RawClient;
import io.npipe.win32.Win32;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.ConnectException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who is at the other end: this process, by its user. Other users: {@link SimulatedSecurityTest}. */
@Tag("any-jvm")
class PeerCredentialsTest {

    private final Win32 win32 = Kernels.win32();

    private static long ownProcessId() {
        return Kernels.areSimulated()
                ? SimulatedKernel.DEFAULT_PROCESS_ID
                : com.sun.jna.platform.win32.Kernel32.INSTANCE.GetCurrentProcessId();
    }

    private void assertThisProcess(NamedPipePeerCredentials peer) {
        assertEquals(ownProcessId(), peer.processId());
        assertTrue(peer.sessionId() >= 0, peer::toString);
        assertEquals(win32.currentUserSid(), peer.userSid());
    }

    @Test
    void bothEndsKnowEachOther() throws Exception {
        Inbox accepted = new Inbox();
        try (PipeLab lab = new PipeLab()) {
            lab.bind(() -> accepted);
            NamedPipeChannel client = (NamedPipeChannel) lab.connect(new Inbox());
            NamedPipeChannel child = (NamedPipeChannel) accepted.awaitActive();

            assertThisProcess(child.peerCredentials());
            assertThisProcess(client.peerCredentials());
            assertEquals(
                    child.peerCredentials().sessionId(),
                    client.peerCredentials().sessionId());

            NamedPipePeerAddress peer = (NamedPipePeerAddress) child.remoteAddress();
            assertSame(child.peerCredentials(), peer.credentials());
            assertTrue(peer.toString().contains(win32.currentUserSid()), peer.toString());
            assertTrue(peer.toString().contains("pid " + ownProcessId()), peer.toString());
            assertTrue(child.toString().contains(peer.toString()), child.toString());
        }
    }

    @Test
    void theyAreThereBeforeTheChildIsAndAfterItIsGone() throws Exception {
        CompletableFuture<NamedPipePeerCredentials> published = new CompletableFuture<>();
        Inbox accepted = new Inbox();
        try (PipeLab lab = new PipeLab()) {
            lab.server(() -> accepted)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelRead(ChannelHandlerContext ctx, Object child) {
                            published.complete(((NamedPipeChannel) child).peerCredentials());
                            ctx.fireChannelRead(child);
                        }
                    })
                    .bind(lab.address())
                    .syncUninterruptibly();
            Channel client = lab.connect(new Inbox());
            assertThisProcess(published.get(HangLimit.SECONDS, TimeUnit.SECONDS));
            NamedPipeChannel child = (NamedPipeChannel) accepted.awaitActive();
            client.close();
            accepted.awaitInactive();
            assertThisProcess(child.peerCredentials());
        }
    }

    @Test
    void aClientHasNoneBeforeTheConnection() {
        try (PipeLab lab = new PipeLab()) {
            NamedPipeChannel client = (NamedPipeChannel)
                    lab.client(new Inbox()).register().syncUninterruptibly().channel();
            assertNull(client.peerCredentials());
        }
    }

    @Test
    void theAccountOfASidIsLookedUp() {
        for (String sid : new String[] {"S-1-5-18", win32.currentUserSid()}) {
            Future<String> name = Accounts.nameOf(Kernels::win32, Accounts.THREADS, sid);
            assertEquals(win32.accountOfSid(sid), name.syncUninterruptibly().getNow());
        }
        assertNull(Accounts.nameOf(Kernels::win32, Accounts.THREADS, "S-1-5-21-1-2-3-4711")
                .syncUninterruptibly()
                .getNow());
        assertNull(NamedPipePeerCredentials.UNKNOWN
                .accountName()
                .syncUninterruptibly()
                .getNow());
    }

    @Test
    void aLookUpThatFailsFailsTheFuture() {
        RuntimeException failure = new IllegalStateException("no answer");
        Future<String> name = Accounts.nameOf(
                () -> {
                    throw failure;
                },
                Accounts.THREADS,
                "S-1-5-18");
        assertSame(failure, name.awaitUninterruptibly().cause());
    }

    @Test
    void theAddressWithItsCredentialsIsSerializable() throws Exception {
        NamedPipePeerAddress peer = new NamedPipePeerAddress(NamedPipeAddress.of("x"), 7);
        peer.identified(new NamedPipePeerCredentials(1, 2, "S-1-5-18"));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(peer);
        NamedPipePeerAddress copy = (NamedPipePeerAddress)
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        assertEquals(peer, copy);
        assertEquals(peer.credentials(), copy.credentials());
    }

    // ---- the owner that a client requires --------------------------------------------------------------------------

    private Future<Void> connect(PipeLab lab, String owner) {
        return lab.client(new Inbox())
                .option(NamedPipeChannelOption.REQUIRED_SERVER_OWNER, owner)
                .connect(lab.address())
                .awaitUninterruptibly();
    }

    @Test
    void aServerOfTheRequiredOwnerIsConnected() {
        try (PipeLab lab = new PipeLab()) {
            lab.bind(Inbox::new);
            assertTrue(connect(lab, win32.currentUserSid()).isSuccess());
            assertTrue(connect(lab, win32.currentUserSid().toLowerCase(java.util.Locale.ROOT))
                    .isSuccess());
            assertTrue(connect(lab, win32.accountOfSid(win32.currentUserSid())).isSuccess());
        }
    }

    @Test
    void aServerOfAnotherOwnerIsRefusedAndNothingIsSaidToIt() throws Exception {
        Inbox accepted = new Inbox();
        try (PipeLab lab = new PipeLab()) {
            lab.bind(() -> accepted);
            String other = "S-1-5-21-1-2-3-4711";
            ConnectException refusal =
                    assertInstanceOf(ConnectException.class, connect(lab, other).cause());
            assertTrue(refusal.getMessage().contains(other), refusal.getMessage());
            assertTrue(refusal.getMessage().contains(win32.currentUserSid()), refusal.getMessage());
            assertTrue(refusal.getMessage().contains(lab.address().path()), refusal.getMessage());
            accepted.awaitInactive();
            assertEquals(0, accepted.received().length);
        }
    }

    @Test
    void anAccountThatDoesNotExistOwnsNothing() {
        try (PipeLab lab = new PipeLab()) {
            lab.bind(Inbox::new);
            Throwable refusal = connect(lab, "npipe-nobody").cause();
            assertInstanceOf(IllegalArgumentException.class, refusal);
            assertTrue(refusal.getMessage().contains("npipe-nobody"), refusal.getMessage());
        }
    }

    // ---- errors ----------------------------------------------------------------------------------------------------

    /** Such as a class that cannot be loaded: the thread acts as itself again, and the server goes on. */
    @Test
    void anErrorWhileItIsAskedCostsThatClientOnly() throws Exception {
        AtomicBoolean fails = new AtomicBoolean(true);
        AtomicInteger impersonating = new AtomicInteger();
        Win32 kernel = new ObservedWin32(win32) {
            @Override
            public int ImpersonateNamedPipeClient(long pipe) {
                impersonating.incrementAndGet();
                return super.ImpersonateNamedPipeClient(pipe);
            }

            @Override
            public int OpenThreadToken(long thread, int access, int asSelf, long token) {
                if (fails.getAndSet(false)) {
                    throw new NoClassDefFoundError("of the test");
                }
                return super.OpenThreadToken(thread, access, asSelf, token);
            }

            @Override
            public int RevertToSelf() {
                impersonating.decrementAndGet();
                return super.RevertToSelf();
            }
        };
        Inbox accepted = new Inbox();
        BlockingQueue<Throwable> atServer = new LinkedBlockingQueue<>();
        Inbox lost = new Inbox();
        try (PipeLab lab = new PipeLab(1, kernel, 1, win32)) {
            lab.server(() -> accepted)
                    .handler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                            atServer.add(cause);
                        }
                    })
                    .bind(lab.address())
                    .syncUninterruptibly();
            lab.connect(lost);
            lost.awaitInactive();
            assertEquals(0, impersonating.get());
            assertInstanceOf(NoClassDefFoundError.class, atServer.poll(HangLimit.SECONDS, TimeUnit.SECONDS));

            lab.connect(new Inbox());
            assertThisProcess(((NamedPipeChannel) accepted.awaitActive()).peerCredentials());
        }
    }

    // ---- handles ---------------------------------------------------------------------------------------------------

    @Test
    void askingLeavesNoHandleOpen() throws Exception {
        Inbox accepted = new Inbox();
        try (PipeLab lab = new PipeLab()) { // its ledger fails the test
            lab.bind(() -> accepted);
            try (RawClient client = new RawClient(lab.address(), GENERIC_READ | GENERIC_WRITE)) {
                accepted.awaitActive();
                assertTrue(client.handle() > 0);
            }
            accepted.awaitInactive();
        }
    }
}
