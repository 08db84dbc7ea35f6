/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.win32.Win32Error.ERROR_ACCESS_DENIED;
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
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The listening side of a server: keeps its {@link ListenSlot}s listening and hands connected instances to the handlers.
 * Event loop only.
 *
 * <p>A slot whose client is accepted listens again with a fresh instance before the client is published. Where as many as
 * {@code MAX_INSTANCES} are open, that has to wait until a child closes. A slot that cannot listen for another reason is
 * tried again then, too, and after a delay that doubles up to {@value #MAX_RETRY_MILLIS} ms; the handlers are told once,
 * not at each try.
 */
final class PipeListener {

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(PipeListener.class);

    private static final long MIN_RETRY_MILLIS = 10;
    private static final long MAX_RETRY_MILLIS = 1000;

    /** The security descriptor does not let this user create further instances: that does not end. */
    private static final String FORBIDDEN = "further instances";

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

    /** What the handlers were told of, and has not ended since. */
    private final Set<String> reported = new HashSet<>();

    /** Whether the last listening that has ended failed: that the next one could begin does not mean that it was all. */
    private boolean listeningFails;

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
        instances.keepName(this::tellOfRoom);
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
            addConnected(slot);
            scheduleAccept();
        } else {
            reportOnce(instances.failure(code, "ConnectNamedPipe"));
        }
    }

    private void fillFreeSlots() {
        for (ListenSlot slot : slots) {
            if (slot.isFree() && !listenWithNewInstance(slot)) {
                return;
            }
        }
        endConditionIfAllListen();
    }

    /** Returns false if there is no instance to be had now. */
    private boolean listenWithNewInstance(ListenSlot slot) {
        Throwable failure;
        do {
            failure = null;
            try {
                PipeHandle instance = instances.create();
                if (instance == null) {
                    return false; // a child that closes tells
                }
                listen(slot, instance);
            } catch (Throwable t) { // memory ran out, or other processes have a share of the limit
                failure = t;
            }
        } while (instances.closeKept() && failure != null); // without the one that was kept it may be possible
        if (failure != null) {
            if (isLimit(failure) || slots.stream().anyMatch(ListenSlot::isListening)) {
                logger.debug("{}: cannot listen with a further instance for now", server, failure);
            } else {
                reportOnce(failure);
            }
        }
        if (slot.isFree()) {
            scheduleRetry();
            return false;
        }
        return true;
    }

    /** What was asked for is no failure; and Netty's bootstrap accepts nobody for a second after one that it is told of. */
    private boolean isLimit(Throwable failure) {
        return server.config().getMaxInstances() != NamedPipeServerChannelConfig.UNLIMITED_INSTANCES
                && refusal(failure) instanceof NamedPipeException busy
                && busy.code() == ERROR_PIPE_BUSY;
    }

    /** What Windows has said. */
    private static Throwable refusal(Throwable failure) {
        return failure instanceof BindException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** As long as a condition lasts, each try fails with the same. */
    private void reportOnce(Throwable failure) {
        if (reported.add(condition(failure))) {
            report(failure);
        } else {
            logger.debug("{}: cannot listen, still", server, failure);
        }
    }

    private String condition(Throwable failure) {
        if (!(refusal(failure) instanceof NamedPipeException refused)) {
            return failure.getClass().getName();
        }
        boolean isForbidden = failure instanceof BindException
                && refused.code() == ERROR_ACCESS_DENIED
                && instances.areOpen(); // else somebody else has the name
        return isForbidden ? FORBIDDEN : refused.call() + " " + refused.code();
    }

    private void endConditionIfAllListen() {
        if (!listeningFails && slots.stream().noneMatch(ListenSlot::isFree)) {
            reported.removeIf(condition -> !condition.equals(FORBIDDEN));
            retryMillis = MIN_RETRY_MILLIS;
        }
    }

    private void addConnected(ListenSlot slot) {
        connected.add(slot);
        if (listeningFails) {
            listeningFails = false;
            endConditionIfAllListen();
        }
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
            addConnected(slot);
            acceptNow();
        } else if (isEnding()) {
            logger.debug("{}: a listening ended with {}", server, code);
        } else if (code == ERROR_OPERATION_ABORTED) { // a thread that had listened for us has ended
            fillFreeSlots();
        } else {
            listeningFails = true;
            scheduleRetry(); // not at once: the next one may fail, too
            reportOnce(instances.failure(code, "ConnectNamedPipe"));
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
        return new NamedPipeChannel(server, instance, instances, peer);
    }

    /** On the loop of a child that closes; false if there will be no further instance. */
    private boolean tellOfRoom() {
        try {
            server.eventLoop().execute(() -> {
                fillUnlessEnding();
                instances.closeKept(); // also if the server closes, and creates no more
            });
            return true;
        } catch (RejectedExecutionException loopHasEnded) { // and has closed the server
            return false;
        }
    }

    // ---- closing ---------------------------------------------------------------------------------------------------

    void cancel() {
        instances.end();
        slots.forEach(ListenSlot::cancel);
    }

    /** No slot listens any more. */
    void release() {
        instances.end();
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
