/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_IO_PENDING;
import static io.npipe.win32.Win32Error.ERROR_OPERATION_ABORTED;
import static io.npipe.win32.Win32Error.ERROR_PIPE_BUSY;
import static io.npipe.win32.Win32Error.ERROR_SUCCESS;

import io.netty.channel.ChannelPipeline;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.util.concurrent.Future;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.npipe.win32.Win32;
import java.io.IOException;
import java.net.BindException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The listening side of a server: keeps its {@link ListenSlot}s listening and hands connected instances to the handlers.
 * Event loop only.
 *
 * <p>A slot whose client is accepted listens again with a fresh instance before the client is published. A slot whose
 * instance cannot be created (the limit is reached, or memory ran out) is tried again when a child closes, and after a
 * delay that doubles up to {@value #MAX_RETRY_MILLIS} ms.
 */
final class PipeListener {

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(PipeListener.class);

    private static final long MIN_RETRY_MILLIS = 10;
    private static final long MAX_RETRY_MILLIS = 1000;
    private static final AtomicLong CONNECTION_IDS = new AtomicLong();

    private final NamedPipeServerChannel server;
    private final PipeInstances instances;
    private final List<ListenSlot> slots = new ArrayList<>();
    private final List<ListenWaiter> waiters = new ArrayList<>();
    private final Queue<ListenSlot> connected = new ArrayDeque<>();
    private long retryMillis = MIN_RETRY_MILLIS;
    private Future<?> retry;
    private Future<?> acceptTask;
    private boolean accepting;

    /** What {@link #start} begins with: created by {@link #bind}, so that it fails if they cannot be. */
    private PipeHandle first;

    private PipeHandle second;

    /** Whether slots wait for an instance to be had; the children's loops ask, too. */
    private volatile boolean shortOfInstances;

    private PipeListener(NamedPipeServerChannel server, PipeInstances instances) {
        this.server = server;
        this.instances = instances;
    }

    /** Creates the first instance, which takes the name, and all that is needed to listen. */
    static PipeListener bind(NamedPipeServerChannel server, NamedPipeAddress address) throws IOException {
        Win32 win32 = server.registration().win32();
        PipeInstances instances = new PipeInstances(win32, address, server.config());
        PipeHandle first = instances.create();
        PipeListener listener = new PipeListener(server, instances);
        try {
            listener.createSlots(win32, address);
            listener.first = first;
            listener.second = listener.slots.size() > 1 ? listener.createSecond() : null;
        } catch (Throwable t) { // also if memory or threads run out: the name must be free again
            first.close();
            listener.slots.forEach(ListenSlot::free);
            listener.waiters.forEach(ListenWaiter::stop);
            throw t;
        }
        return listener;
    }

    /** A server that may not create further instances is not bound; where there is none to be had now, it waits. */
    private PipeHandle createSecond() throws BindException {
        try {
            return instances.create();
        } catch (BindException e) {
            throw e;
        } catch (Exception e) {
            logger.debug("{}: cannot listen with a second instance for now", server, e);
            return null;
        }
    }

    private void createSlots(Win32 win32, NamedPipeAddress address) throws IOException {
        int count = server.config().effectiveListeningInstances();
        for (int begin = 0; begin < count; begin += ListenWaiter.MAX_SLOTS) {
            int own = Math.min(ListenWaiter.MAX_SLOTS, count - begin);
            ListenWaiter waiter = new ListenWaiter(server.registration(), address, begin, own);
            waiters.add(waiter);
            for (int i = 0; i < own; i++) {
                slots.add(new ListenSlot(win32, waiter.event(i)));
            }
        }
        waiters.forEach(waiter -> waiter.start(server.surroundings().blockingCalls()));
    }

    /** Begins to listen; the server has this listener already. */
    void start() {
        listen(slots.get(0), first);
        if (second != null) {
            listen(slots.get(1), second);
        }
        fillFreeSlots();
    }

    // ---- listening -------------------------------------------------------------------------------------------------

    private void listen(ListenSlot slot, PipeHandle instance) {
        int code = slot.listen(instance);
        if (code == ERROR_IO_PENDING) {
            server.registration().expectPost();
        } else if (code == ERROR_SUCCESS) {
            connected.add(slot);
            scheduleAccept();
        } else {
            report(instances.failure(code, "ConnectNamedPipe"));
        }
    }

    private void fillFreeSlots() {
        for (ListenSlot slot : slots) {
            if (slot.isFree() && !listenWithNewInstance(slot)) {
                return;
            }
        }
        shortOfInstances = false;
        retryMillis = MIN_RETRY_MILLIS;
    }

    /** Returns false if there is no instance to be had now. */
    private boolean listenWithNewInstance(ListenSlot slot) {
        try {
            listen(slot, instances.create());
        } catch (Throwable t) { // the limit is reached, or memory ran out
            if (isOwnLimit(t) || slots.stream().anyMatch(ListenSlot::isListening)) {
                logger.debug("{}: cannot listen with a further instance for now", server, t);
            } else {
                report(t);
            }
        }
        if (slot.isFree()) {
            scheduleRetry();
            return false;
        }
        return true;
    }

    /** What was asked for is no failure; and Netty's bootstrap accepts nobody for a second after one that it is told of. */
    private boolean isOwnLimit(Throwable failure) {
        Throwable refusal = failure instanceof BindException ? failure.getCause() : failure;
        return server.config().getMaxInstances() != NamedPipeServerChannelConfig.UNLIMITED_INSTANCES
                && refusal instanceof NamedPipeException busy
                && busy.code() == ERROR_PIPE_BUSY;
    }

    /** Not at once: a handler that closes the server must not find slots that are being filled. */
    private void report(Throwable failure) {
        try {
            server.eventLoop().execute(() -> server.pipeline().fireExceptionCaught(failure));
        } catch (RejectedExecutionException loopHasEnded) {
            logger.debug("{}: nobody is left to be told", server, failure);
        }
    }

    private void scheduleRetry() {
        shortOfInstances = true;
        if (retry == null) {
            retry = server.eventLoop().schedule(this::retry, retryMillis, TimeUnit.MILLISECONDS);
            retryMillis = Math.min(2 * retryMillis, MAX_RETRY_MILLIS);
        }
    }

    private void retry() {
        retry = null;
        fillUnlessEnding();
    }

    private void fillUnlessEnding() {
        if (!isEnding()) {
            fillFreeSlots();
        }
    }

    /** A server that was deregistered would not learn of a client: who has connected already waits, as in a backlog. */
    private boolean isEnding() {
        return server.isClosing() || !server.canBegin();
    }

    /** The event of a slot was set. */
    void listenEnded(int slotIndex) {
        ListenSlot slot = slots.get(slotIndex);
        int code = slot.listenEnded();
        if (server.isClosing()) {
            return;
        }
        if (code == ERROR_SUCCESS) {
            connected.add(slot);
            acceptNow();
        } else if (!isEnding()) {
            if (code != ERROR_OPERATION_ABORTED) { // that is a thread that had listened for us and has ended
                report(instances.failure(code, "ConnectNamedPipe"));
            }
            fillFreeSlots();
        }
    }

    // ---- accepting -------------------------------------------------------------------------------------------------

    /** A handler asks for clients. */
    void acceptIfReady() {
        if (!connected.isEmpty()) {
            scheduleAccept();
        }
    }

    /** Not at once: a read() must not call handlers. */
    private void scheduleAccept() {
        if (acceptTask == null && !accepting) {
            acceptTask = server.eventLoop().submit(() -> {
                acceptTask = null;
                acceptNow();
            });
        }
    }

    private void acceptNow() {
        if (accepting || connected.isEmpty() || isEnding() || !server.takeReadRequest()) {
            return;
        }
        ChannelPipeline pipeline = server.pipeline();
        ExtendedHandle allocHandle = (ExtendedHandle) server.unsafe().recvBufAllocHandle();
        allocHandle.reset(server.config());
        accepting = true;
        do {
            publish(connected.remove());
            allocHandle.incMessagesRead(1);
        } while (!connected.isEmpty() && !isEnding() && allocHandle.continueReading());
        allocHandle.readComplete();
        pipeline.fireChannelReadComplete();
        accepting = false;
        acceptIfReady();
    }

    private void publish(ListenSlot slot) {
        PipeHandle instance = slot.takeConnected();
        NamedPipeChannel child;
        try {
            child = publishable(slot, instance);
        } catch (Throwable t) { // most likely no memory: this client is lost, the server is not
            instance.close();
            report(t);
            return;
        }
        server.pipeline().fireChannelRead(child);
    }

    /** Turns a connected instance into a child, after the next instance listens in its place. */
    private NamedPipeChannel publishable(ListenSlot slot, PipeHandle instance) {
        listenWithNewInstance(slot);
        NamedPipePeerAddress peer = new NamedPipePeerAddress(instance.address(), CONNECTION_IDS.incrementAndGet());
        peer.identified(new PeerIdentity(instances.win32(), instance)
                .ofClient(instances.mayHaveRemoteClients(), false, server.surroundings()));
        logger.debug("{}: accepted {}", server, peer);
        NamedPipeChannel child = new NamedPipeChannel(server, instance, instances, peer);
        child.closeFuture().addListener(closed -> childClosed());
        return child;
    }

    /** On the child's loop. */
    private void childClosed() {
        if (shortOfInstances && !server.isClosing()) {
            server.eventLoop().execute(this::fillUnlessEnding);
        }
    }

    // ---- closing ---------------------------------------------------------------------------------------------------

    void cancel() {
        slots.forEach(ListenSlot::cancel);
    }

    /** No slot listens any more. */
    void release() {
        if (retry != null) {
            retry.cancel(false);
        }
        for (ListenSlot slot : slots) {
            slot.closeInstance();
            slot.free();
        }
        waiters.forEach(ListenWaiter::stop);
    }
}
