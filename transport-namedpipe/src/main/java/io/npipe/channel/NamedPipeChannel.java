/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import io.netty.util.internal.StringUtil;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.npipe.iocp.IocpIoEvent;
import io.npipe.iocp.IocpIoOps;
import io.npipe.iocp.IocpIoRegistration;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * One end of a connected named pipe: a client's, or the one that a {@link NamedPipeServerChannel} accepted.
 *
 * <p>On a pipe of bytes it writes {@link ByteBuf}s and {@link FileRegion}s and reads {@link ByteBuf}s. On a pipe of
 * messages each {@link ByteBuf} that is written is a message, and each that is read is one, unless {@link
 * NamedPipeChannelOption#READ_MODE} says otherwise. A write promise succeeds when the bytes are in the pipe: the peer can
 * read them even if this end closes next. Buffers given to write are released by the channel; buffers that it fires belong
 * to the handlers.
 *
 * <p>When the peer is gone, writes fail at once, and the channel closes after the rest of what the peer wrote was read. A
 * pipe of bytes has no half-close: {@link #shutdownOutput()} fails; for messages see {@link
 * NamedPipeChannelConfig#setHalfClose}. A channel stays with its first event loop: its handle cannot move to another
 * completion port.
 */
public final class NamedPipeChannel extends AbstractNamedPipeChannel implements DuplexChannel {

    private static final InternalLogger logger = InternalLoggerFactory.getInstance(NamedPipeChannel.class);

    /** How long a channel whose output has failed goes on to read what its peer has written. */
    private static final long LAST_READS_MILLIS = 500;

    private final Surroundings surroundings;
    private final NamedPipeChannelConfig config;
    private final PipeReader reader = new PipeReader(this);
    private final PipeWriter writer;
    private final NamedPipePeerAddress acceptedFrom;
    private final boolean peerMayBeRemote;
    private volatile PipeConnector connector;
    private PipeHandle handle;
    private volatile PipeForm form;
    private volatile NamedPipeAddress pipeAddress;
    private volatile NamedPipePeerCredentials serverCredentials;
    private volatile boolean connected;
    private volatile boolean inputShutdown;
    private volatile boolean outputBroken;
    private volatile boolean outputShutdown;

    /**
     * Makes an unconnected client's end.
     *
     * @throws UnsatisfiedLinkError on a JVM that is not 64-bit Windows
     */
    public NamedPipeChannel() {
        this(ensured());
    }

    /** A client's end, without the check for availability. */
    NamedPipeChannel(Surroundings surroundings) {
        this(null, surroundings, null, false);
    }

    /** An accepted end, connected already. */
    NamedPipeChannel(
            NamedPipeServerChannel parent, PipeHandle accepted, PipeInstances instances, NamedPipePeerAddress peer) {
        this(parent, parent.surroundings(), peer, instances.mayHaveRemoteClients());
        handle = accepted;
        form = instances.form();
        pipeAddress = accepted.address();
        connected = true;
    }

    private NamedPipeChannel(
            NamedPipeServerChannel parent,
            Surroundings surroundings,
            NamedPipePeerAddress peer,
            boolean peerMayBeRemote) {
        super(parent);
        this.surroundings = surroundings;
        config = new NamedPipeChannelConfig(this);
        writer = new PipeWriter(this);
        acceptedFrom = peer;
        this.peerMayBeRemote = peerMayBeRemote;
    }

    private static Surroundings ensured() {
        NamedPipe.ensureAvailability();
        return Surroundings.DEFAULT;
    }

    // ---- what its reader, writer and connector need ----------------------------------------------------------------

    Surroundings surroundings() {
        return surroundings;
    }

    PipeHandle handle() {
        return handle;
    }

    PipeForm form() {
        return form;
    }

    NamedPipeException failure(int code, String call) {
        return new NamedPipeException(registration().win32(), code, call, pipeAddress);
    }

    void flushNow() {
        ((NamedPipeUnsafe) unsafe()).flush0();
    }

    void writeFailed(IOException cause) {
        ((NamedPipeUnsafe) unsafe()).writeFailed(cause);
    }

    /** The peer is gone as writing sees it: tells whether it has left anything to be read. */
    boolean mayStillRead() {
        outputBroken = true;
        return !hasNothingToRead() && !reader.hasNothingLeft();
    }

    /** The peer is gone as writing sees it. The channel closes when the reading side has seen it too. */
    void outputBroken() {
        outputBroken = true;
        closeIfBothWaysEnded();
        if (!isClosing()) {
            reader.watchForEnd();
        }
    }

    /**
     * A flush has failed for a reason of this side's, and Netty has shut the output down. Nothing but a close tells the peer;
     * what it has written by now is read before.
     */
    private void outputFailed() {
        outputBroken = true;
        if (hasNothingToRead()) {
            unsafe().close(unsafe().voidPromise());
        } else if (config.isAutoClose()) {
            eventLoop()
                    .schedule(() -> unsafe().close(unsafe().voidPromise()), LAST_READS_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private boolean hasNothingToRead() {
        return inputShutdown || reader.hasEnded() || !form.reads();
    }

    void closeOnEndOfInput() {
        unsafe().close(unsafe().voidPromise());
    }

    /** The peer has ended its output, and can still read. */
    void inputEnded() {
        if (!config.isAllowHalfClosure() || !form.writes()) { // where nothing can be written, nothing is left to do
            unsafe().close(unsafe().voidPromise());
        } else if (!inputShutdown) {
            endInput();
            pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
            closeIfBothWaysEnded();
            reader.watchForEnd();
        }
    }

    private void endInput() {
        inputShutdown = true;
        reader.unask();
        pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }

    /** Nothing is read any more that would show the end, if writing has found the peer gone. */
    private void closeIfBothWaysEnded() {
        if (outputBroken && hasNothingToRead()) {
            unsafe().close(unsafe().voidPromise());
        }
    }

    /** A read has ended, and what it has brought is not fired yet: by then, who sent it is known. */
    void readEnded(boolean hasRead) {
        if (acceptedFrom != null && acceptedFrom.credentials() == null) {
            acceptedFrom.identified(
                    new PeerIdentity(registration().win32(), handle).ofClient(peerMayBeRemote, hasRead, surroundings));
        }
    }

    void autoReadCleared() {
        if (!isRegistered() || !isOpen()) { // once closed, its loop may have ended, too
            return;
        }
        if (eventLoop().inEventLoop()) {
            reader.unask();
        } else {
            eventLoop().execute(reader::unask);
        }
    }

    /** Whether the channel connects or has connected. Any thread. */
    boolean hasBegunToConnect() {
        return connector != null;
    }

    /** The connector has opened the pipe. */
    void connected(ChannelPromise promise, PipeOpener.Opened pipe) {
        PipeHandle opened = pipe.handle();
        handle = opened;
        form = pipe.form();
        serverCredentials = pipe.server();
        pipeAddress = opened.address();
        try {
            if (!canBegin()) {
                throw notRegistered(); // any more
            }
            opened.join(registration(), form.skipsPackets());
        } catch (NamedPipeException | IllegalStateException e) {
            promise.tryFailure(e);
            unsafe().close(unsafe().voidPromise());
            return;
        }
        connected = true;
        if (!form.reads()) {
            reader.unask(); // a read() that came before anybody knew
        }
        logger.debug("{}: connected to a server with {}", this, serverCredentials);
        boolean promiseSet = promise.trySuccess();
        pipeline().fireChannelActive(); // also if a listener of the promise has closed it: inactive comes after this
        if (!promiseSet) { // cancelled meanwhile
            unsafe().close(unsafe().voidPromise());
            return;
        }
        reader.connected();
    }

    // ---- AbstractChannel -------------------------------------------------------------------------------------------

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new NamedPipeUnsafe();
    }

    @Override
    public NamedPipeServerChannel parent() {
        return (NamedPipeServerChannel) super.parent();
    }

    @Override
    public NamedPipeChannelConfig config() {
        return config;
    }

    @Override
    public boolean isActive() {
        return connected && isOpen();
    }

    @Override
    public NamedPipeAddress localAddress() {
        return (NamedPipeAddress) super.localAddress();
    }

    @Override
    public NamedPipeAddress remoteAddress() {
        return (NamedPipeAddress) super.remoteAddress();
    }

    @Override
    NamedPipeAddress pipeAddress() {
        return connected ? pipeAddress : null;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return acceptedFrom != null ? acceptedFrom : pipeAddress();
    }

    @Override
    void joinLoop(IocpIoRegistration registration) throws NamedPipeException {
        if (handle == null) {
            return;
        }
        stayWithLoop();
        config.requireNoRefusedOption(); // a child's
        PipeMode readMode = PipeState.readMode(config.getReadMode(), form.type(), pipeAddress);
        if (readMode != form.readMode()) {
            if (form.writes()) { // else Windows gives no right to: messages are read, and their bytes passed on
                new PipeState(registration.win32(), handle).set(readMode, null, null);
            }
            form = new PipeForm(form.type(), readMode, form.reads(), form.writes());
        }
        handle.join(registration, form.skipsPackets());
    }

    @Override
    protected void doBind(SocketAddress localAddress) {
        throw new UnsupportedOperationException(
                "a client of a named pipe has no address of its own to bind; connect() is all it needs");
    }

    @Override
    protected void doBeginRead() {
        if (!inputShutdown && (form == null || form.reads())) {
            reader.read();
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) throws IOException {
        writer.write(out);
    }

    /** After a failed write: with {@code AUTO_CLOSE} off, or for any reason that is no {@link IOException}. */
    @Override
    protected void doShutdownOutput() {
        if (writer.isBroken()) {
            outputBroken();
        } else {
            outputFailed();
        }
    }

    @Override
    protected Object filterOutboundMessage(Object message) throws ChannelOutputShutdownException {
        if (message == OutputEnd.INSTANCE) {
            return message;
        }
        if (outputShutdown) {
            throw new ChannelOutputShutdownException("the output of " + this + " was shut down");
        }
        if (message instanceof ByteBuf buffer) {
            return buffer.isDirect() ? buffer : replacedByDirectCopy(buffer);
        }
        if (message instanceof FileRegion) {
            return message;
        }
        throw new UnsupportedOperationException("unsupported message type: " + StringUtil.simpleClassName(message)
                + " (expected: ByteBuf, FileRegion)");
    }

    private ByteBuf replacedByDirectCopy(ByteBuf buffer) {
        ByteBuf direct = directCopy(buffer);
        ReferenceCountUtil.safeRelease(buffer);
        return direct;
    }

    /** A copy of what is readable, to be released by the caller. */
    ByteBuf directCopy(ByteBuf buffer) {
        int length = buffer.readableBytes();
        ByteBuf copy = alloc().directBuffer(Math.max(1, length));
        try {
            return copy.writeBytes(buffer, buffer.readerIndex(), length);
        } catch (Throwable t) { // the buffer was released too early, most likely
            copy.release();
            throw t;
        }
    }

    // ---- AbstractNamedPipeChannel ----------------------------------------------------------------------------------

    @Override
    void operationEnded(IocpIoEvent event) {
        switch (event.opcode()) {
            case IocpIoOps.READ -> reader.completed(event.code(), event.bytesTransferred());
            case IocpIoOps.WRITE -> writer.completed(event.code(), event.bytesTransferred());
            default -> throw new IllegalStateException("unexpected " + event);
        }
    }

    @Override
    boolean isSettling() {
        return writer.isSettling();
    }

    @Override
    void cancelOperations() {
        if (handle != null) {
            handle.cancel(0);
        }
    }

    @Override
    void releaseHandles() {
        if (connector != null) {
            connector.close();
        }
        reader.end();
        writer.end();
        if (handle != null) {
            handle.close();
        }
    }

    // ---- who is there ----------------------------------------------------------------------------------------------

    /**
     * Tells who is at the other end: on an accepted channel the client, on a client's the server. Any thread.
     *
     * @return credentials; null before the connection, and on an accepted channel before the first read if Windows cannot
     *     tell before. When the first bytes are fired, they are there.
     */
    public NamedPipePeerCredentials peerCredentials() {
        return acceptedFrom != null ? acceptedFrom.credentials() : serverCredentials;
    }

    /**
     * Runs a task as the client of this pipe: what it opens, it opens with the client's rights. Server end only; any
     * thread. Follows <a
     * href="https://learn.microsoft.com/windows/win32/api/namedpipeapi/nf-namedpipeapi-impersonatenamedpipeclient">
     * ImpersonateNamedPipeClient</a>.
     *
     * <p>The task runs on one platform thread, and only what it does there is done as the client: a thread or an event loop
     * that it hands work to acts as the server. The JVM, too, loads a class that the task is the first to use with the
     * client's rights. When the task has ended, the thread acts as the process again, always: if Windows refuses that, the
     * future fails, and the thread logs an error, stays where it is, and never runs anything again.
     *
     * @param task what to run; not run unless the client allows {@link ImpersonationLevel#IMPERSONATION} and Windows this
     *     process
     * @param executor where to run it: platform threads that are no event loops, such as those of a {@link
     *     io.netty.util.concurrent.DefaultEventExecutorGroup}
     * @param <T> its result
     * @return the task's result or failure, told on the event loop. Fails with {@link UnsupportedOperationException} on a
     *     client's end; with {@link NotYetConnectedException} or {@link ClosedChannelException}; with {@link
     *     IllegalStateException} on an event loop, on a virtual thread, or on a thread that impersonates already; with
     *     {@link NamedPipeException} ({@code ERROR_BAD_IMPERSONATION_LEVEL}) if less is allowed; with {@link
     *     SecurityException} if what was read last came from another user than {@link #peerCredentials()}. Cancelling it
     *     before the task begins keeps it from beginning.
     */
    public <T> Future<T> impersonate(Callable<T> task, Executor executor) {
        Objects.requireNonNull(task, "task");
        return impersonate(ImpersonationLevel.IMPERSONATION, granted -> task.call(), executor);
    }

    /**
     * As {@link #impersonate(Callable, Executor)}, at whatever level there is, which the task is told: {@link
     * ImpersonationLevel#IDENTIFICATION} is enough to ask the thread's token for groups, say.
     *
     * @param task what to run
     * @param executor where to run it
     * @param <T> its result
     * @return the task's result or failure
     */
    public <T> Future<T> impersonate(ImpersonatedTask<T> task, Executor executor) {
        Objects.requireNonNull(task, "task");
        return impersonate(ImpersonationLevel.ANONYMOUS, task, executor);
    }

    private <T> Future<T> impersonate(ImpersonationLevel required, ImpersonatedTask<T> task, Executor executor) {
        Objects.requireNonNull(executor, "executor");
        if (acceptedFrom == null) {
            return refused(
                    new UnsupportedOperationException("only a server can act as its client; this is the client's end"));
        }
        if (!isActive() || registration() == null) {
            return refused(notConnected());
        }
        Promise<T> promise = eventLoop().newPromise();
        try {
            NamedPipePeerCredentials client = acceptedFrom.credentials();
            String user = client == null ? null : client.userSid();
            executor.execute(new ClientImpersonation<>(
                    registration().win32(), handle, surroundings, user, required, task, promise));
        } catch (Throwable t) { // rejected
            promise.tryFailure(t);
        }
        return promise;
    }

    /** A channel that was never registered has no event loop to be notified on. */
    private <T> Future<T> refused(Exception cause) {
        EventExecutor executor = registration() == null ? ImmediateEventExecutor.INSTANCE : eventLoop();
        return executor.newFailedFuture(cause);
    }

    // ---- DuplexChannel ---------------------------------------------------------------------------------------------

    @Override
    public boolean isInputShutdown() {
        return inputShutdown || !isOpen();
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    /**
     * Stops reading: what the peer writes from now on is not fired, and a {@link ChannelInputShutdownEvent} is.
     *
     * @param promise notified when it is done; fails with {@link NotYetConnectedException} before the connection, with
     *     {@link ClosedChannelException} after the close
     */
    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        if (eventLoop().inEventLoop()) {
            shutdownInput0(promise);
        } else {
            eventLoop().execute(() -> shutdownInput0(promise));
        }
        return promise;
    }

    private void shutdownInput0(ChannelPromise promise) {
        if (!isActive()) {
            promise.tryFailure(notConnected());
            return;
        }
        if (!inputShutdown) {
            endInput();
        }
        promise.trySuccess();
        closeIfBothWaysEnded();
    }

    private Exception notConnected() {
        return isOpen() ? new NotYetConnectedException() : new ClosedChannelException();
    }

    /** True once a write has failed because the peer is gone, or for any reason with {@code AUTO_CLOSE} off. */
    @Override
    public boolean isOutputShutdown() {
        return outputShutdown || outputBroken || !isOpen();
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    /**
     * Ends the output of a pipe of messages with {@link NamedPipeChannelOption#HALF_CLOSE}: behind all that was written, a
     * message of length 0 is sent. What is written from now on fails with {@link ChannelOutputShutdownException}; a {@link
     * ChannelOutputShutdownEvent} is fired.
     *
     * @param promise notified when it is sent; fails with {@link UnsupportedOperationException} on a pipe of bytes or
     *     without the option, with {@link NotYetConnectedException} before the connection, with {@link
     *     ClosedChannelException} after the close
     */
    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        if (eventLoop().inEventLoop()) {
            shutdownOutput0(promise);
        } else {
            eventLoop().execute(() -> shutdownOutput0(promise));
        }
        return promise;
    }

    private void shutdownOutput0(ChannelPromise promise) {
        if (!isActive()) {
            promise.tryFailure(notConnected());
        } else if (!form.writes()) {
            promise.tryFailure(new UnsupportedOperationException("this end of a one-way pipe only reads"));
        } else if (!form.writesMessages()) {
            promise.tryFailure(new UnsupportedOperationException(
                    "a byte pipe has no half-close: nothing tells the peer that the output has ended but close()"));
        } else if (!config.isHalfClose()) {
            promise.tryFailure(new UnsupportedOperationException(
                    "without HALF_CLOSE nothing tells the peer that the output has ended but close()"));
        } else if (outputShutdown) {
            promise.trySuccess();
        } else {
            outputShutdown = true;
            ChannelPromise sent = newPromise();
            sent.addListener(new PromiseNotifier<>(false, promise));
            sent.addListener(done -> pipeline().fireUserEventTriggered(ChannelOutputShutdownEvent.INSTANCE));
            unsafe().write(OutputEnd.INSTANCE, sent);
            unsafe().flush();
        }
    }

    @Override
    public boolean isShutdown() {
        return isInputShutdown() && isOutputShutdown();
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    /**
     * Does {@link #shutdownOutput(ChannelPromise)}, and if that succeeds {@link #shutdownInput()}.
     *
     * @param promise notified when both are done; fails as the first does
     */
    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        shutdownOutput(newPromise()).addListener(output -> {
            if (output.isSuccess()) {
                shutdownInput(promise);
            } else {
                promise.tryFailure(output.cause());
            }
        });
        return promise;
    }

    // ---- what is known once it is connected ------------------------------------------------------------------------

    /**
     * The pipe's type, which decides how this end writes: with {@link PipeMode#MESSAGE} each buffer is a message. From any
     * thread.
     *
     * @return the type, also after the close; null if the channel has never been connected
     */
    public PipeMode pipeType() {
        PipeForm known = form;
        return known == null ? null : known.type();
    }

    /**
     * How this end reads: as {@link NamedPipeChannelOption#READ_MODE} says, by default as the pipe's type. The other end may
     * read differently. From any thread.
     *
     * @return the mode, for an accepted channel once it is registered, also after the close; null if the channel has never
     *     been connected
     */
    public PipeMode readMode() {
        PipeForm known = form;
        return known == null ? null : known.readMode();
    }

    private final class NamedPipeUnsafe extends AbstractNamedPipeUnsafe {

        @Override
        public void connect(SocketAddress remoteAddress, SocketAddress localAddress, ChannelPromise promise) {
            // Not uncancellable: cancelling the promise ends the attempt.
            if (promise.isDone() || !ensureOpen(promise)) {
                return;
            }
            RuntimeException refusal = refusal(remoteAddress, localAddress);
            if (refusal != null) {
                promise.tryFailure(refusal);
                return;
            }
            stayWithLoop();
            connector = new PipeConnector(NamedPipeChannel.this, (NamedPipeAddress) remoteAddress, promise);
            // Not at once: a listener of the registration may be calling, before the handlers have heard of that.
            eventLoop().execute(connector::start);
        }

        private RuntimeException refusal(SocketAddress remoteAddress, SocketAddress localAddress) {
            if (isActive()) {
                return new AlreadyConnectedException();
            }
            if (connector != null) {
                return new ConnectionPendingException();
            }
            if (!canBegin()) {
                return notRegistered();
            }
            if (!(remoteAddress instanceof NamedPipeAddress)) {
                return PipeFailures.addressType(remoteAddress);
            }
            if (localAddress != null) {
                return new UnsupportedOperationException("a client of a named pipe has no local address to bind");
            }
            return config.refusedOption();
        }

        @Override
        protected void flush0() {
            if (!writer.isInFlight() && !writer.isSettling()) { // else it goes on with what was flushed meanwhile
                super.flush0();
                settled();
            }
        }

        private void writeFailed(IOException cause) {
            handleWriteError(cause);
        }

        @Override
        public void unregistered() {
            // memory of operations was released with their events
        }
    }
}
