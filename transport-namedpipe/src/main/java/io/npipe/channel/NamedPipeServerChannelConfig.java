/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import static io.npipe.channel.NamedPipeChannelOption.LISTENING_INSTANCES;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.NettyRuntime;
import io.netty.util.internal.ObjectUtil;
import io.npipe.win32.PipeConstants;
import java.util.Map;
import java.util.Objects;

/**
 * The configuration of a {@link NamedPipeServerChannel}. What is set after the bind fails with {@link
 * IllegalStateException}, except for Netty's own options.
 *
 * <p>An option that {@link #setOption} refuses, because it is none of servers or its value is out of range, fails the bind
 * with the same exception, unless it is set to a valid value before: older versions of Netty only log what a bootstrap's
 * option was refused for. An option that no pipe has, which {@code setOption} answers with false, is logged by Netty and
 * ignored.
 */
public final class NamedPipeServerChannelConfig extends DefaultChannelConfig {

    /** Most instances that may listen ahead. */
    public static final int MAX_LISTENING_INSTANCES = 1024;

    /** Default of {@code SO_RCVBUF} and {@code SO_SNDBUF}, in bytes. */
    public static final int DEFAULT_QUOTA = 64 * 1024;

    /** Value of {@code MAX_INSTANCES} for no limit but the system's resources: {@code PIPE_UNLIMITED_INSTANCES}. */
    public static final int UNLIMITED_INSTANCES = PipeConstants.PIPE_UNLIMITED_INSTANCES;

    private static final OptionTable<NamedPipeServerChannelConfig> OPTIONS = new OptionTable<
                    NamedPipeServerChannelConfig>()
            .with(
                    NamedPipeChannelOption.LISTENING_INSTANCES,
                    NamedPipeServerChannelConfig::getListeningInstances,
                    NamedPipeServerChannelConfig::setListeningInstances)
            .with(
                    ChannelOption.SO_BACKLOG,
                    NamedPipeServerChannelConfig::getBacklog,
                    NamedPipeServerChannelConfig::setBacklog)
            .with(
                    ChannelOption.SO_RCVBUF,
                    NamedPipeServerChannelConfig::getReceiveBufferSize,
                    NamedPipeServerChannelConfig::setReceiveBufferSize)
            .with(
                    ChannelOption.SO_SNDBUF,
                    NamedPipeServerChannelConfig::getSendBufferSize,
                    NamedPipeServerChannelConfig::setSendBufferSize)
            .with(
                    NamedPipeChannelOption.PIPE_TYPE,
                    NamedPipeServerChannelConfig::getPipeType,
                    NamedPipeServerChannelConfig::setPipeType)
            .with(
                    NamedPipeChannelOption.DIRECTION,
                    NamedPipeServerChannelConfig::getDirection,
                    NamedPipeServerChannelConfig::setDirection)
            .with(
                    NamedPipeChannelOption.MAX_INSTANCES,
                    NamedPipeServerChannelConfig::getMaxInstances,
                    NamedPipeServerChannelConfig::setMaxInstances)
            .with(
                    NamedPipeChannelOption.DEFAULT_WAIT_MILLIS,
                    NamedPipeServerChannelConfig::getDefaultWaitMillis,
                    NamedPipeServerChannelConfig::setDefaultWaitMillis)
            .with(
                    NamedPipeChannelOption.WRITE_THROUGH,
                    NamedPipeServerChannelConfig::isWriteThrough,
                    NamedPipeServerChannelConfig::setWriteThrough)
            .with(
                    NamedPipeChannelOption.SECURITY,
                    NamedPipeServerChannelConfig::getSecurity,
                    NamedPipeServerChannelConfig::setSecurity)
            .with(
                    NamedPipeChannelOption.FIRST_INSTANCE,
                    NamedPipeServerChannelConfig::isFirstInstance,
                    NamedPipeServerChannelConfig::setFirstInstance)
            .with(
                    NamedPipeChannelOption.ACCEPT_REMOTE_CLIENTS,
                    NamedPipeServerChannelConfig::isAcceptRemoteClients,
                    NamedPipeServerChannelConfig::setAcceptRemoteClients);

    private static final int DEFAULT_LISTENING_INSTANCES = Math.min(NettyRuntime.availableProcessors(), 16);

    private final NamedPipeServerChannel server;
    private final OptionRefusals refusals = new OptionRefusals();
    private volatile int listeningInstances = DEFAULT_LISTENING_INSTANCES;
    private volatile int backlog = Integer.MAX_VALUE;
    private volatile int receiveBufferSize = DEFAULT_QUOTA;
    private volatile int sendBufferSize = DEFAULT_QUOTA;
    private volatile PipeMode pipeType = PipeMode.BYTE;
    private volatile PipeDirection direction = PipeDirection.DUPLEX;
    private volatile int maxInstances = UNLIMITED_INSTANCES;
    private volatile int defaultWaitMillis;
    private volatile boolean writeThrough;
    private volatile PipeSecurity security = PipeSecurity.currentUser();
    private volatile boolean firstInstance = true;
    private volatile boolean acceptRemoteClients;

    NamedPipeServerChannelConfig(NamedPipeServerChannel channel) {
        super(channel, new ServerChannelRecvByteBufAllocator());
        server = channel;
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(super.getOptions(), OPTIONS.options());
    }

    @Override
    public <T> T getOption(ChannelOption<T> option) {
        return OPTIONS.has(option) ? OPTIONS.get(this, option) : super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        try {
            boolean known = setOptionOrThrow(option, value);
            refusals.remove(option);
            return known;
        } catch (RuntimeException e) {
            if (!server.isActive()) {
                refusals.add(option, e);
            }
            throw e;
        }
    }

    private <T> boolean setOptionOrThrow(ChannelOption<T> option, T value) {
        validate(option, value);
        NamedPipeChannelOption.requireServerSide(option);
        if (OPTIONS.has(option)) {
            OPTIONS.set(this, option, value);
            return true;
        }
        return NamedPipeChannelOption.isMeaninglessForPipes(option) || super.setOption(option, value);
    }

    /** Throws why {@link #setOption} has refused an option, if it has, whether its caller took notice or not. */
    void requireNoRefusedOption() {
        refusals.requireNone();
    }

    /**
     * Gets {@link NamedPipeChannelOption#LISTENING_INSTANCES}.
     *
     * @return instances
     */
    public int getListeningInstances() {
        return listeningInstances;
    }

    /**
     * Sets {@link NamedPipeChannelOption#LISTENING_INSTANCES}.
     *
     * @param instances 1 to {@value #MAX_LISTENING_INSTANCES}
     * @return this
     */
    public NamedPipeServerChannelConfig setListeningInstances(int instances) {
        requireUnbound(LISTENING_INSTANCES);
        listeningInstances = ObjectUtil.checkInRange(instances, 1, MAX_LISTENING_INSTANCES, "listeningInstances");
        return this;
    }

    /**
     * Gets {@code SO_BACKLOG}.
     *
     * @return upper bound of the listening instances; {@link Integer#MAX_VALUE} by default
     */
    public int getBacklog() {
        return backlog;
    }

    /**
     * Sets {@code SO_BACKLOG}, which may only lower {@link NamedPipeChannelOption#LISTENING_INSTANCES}.
     *
     * @param instances more than 0
     * @return this
     */
    public NamedPipeServerChannelConfig setBacklog(int instances) {
        requireUnbound(ChannelOption.SO_BACKLOG);
        backlog = ObjectUtil.checkPositive(instances, "backlog");
        return this;
    }

    /**
     * Gets {@code SO_RCVBUF}: {@code nInBufferSize} of {@code CreateNamedPipeW}.
     *
     * @return quota of what clients have written and the server has not read, in bytes
     */
    public int getReceiveBufferSize() {
        return receiveBufferSize;
    }

    /**
     * Sets {@code SO_RCVBUF}. A client's write completes once the unread rest fits in it.
     *
     * @param bytes 0 or more; {@value #DEFAULT_QUOTA} by default
     * @return this
     */
    public NamedPipeServerChannelConfig setReceiveBufferSize(int bytes) {
        requireUnbound(ChannelOption.SO_RCVBUF);
        receiveBufferSize = ObjectUtil.checkPositiveOrZero(bytes, "receiveBufferSize");
        return this;
    }

    /**
     * Gets {@code SO_SNDBUF}: {@code nOutBufferSize} of {@code CreateNamedPipeW}.
     *
     * @return quota of what the server has written and clients have not read, in bytes
     */
    public int getSendBufferSize() {
        return sendBufferSize;
    }

    /**
     * Sets {@code SO_SNDBUF}. The server's write completes once the unread rest fits in it.
     *
     * @param bytes 0 or more; {@value #DEFAULT_QUOTA} by default
     * @return this
     */
    public NamedPipeServerChannelConfig setSendBufferSize(int bytes) {
        requireUnbound(ChannelOption.SO_SNDBUF);
        sendBufferSize = ObjectUtil.checkPositiveOrZero(bytes, "sendBufferSize");
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#PIPE_TYPE}.
     *
     * @return type
     */
    public PipeMode getPipeType() {
        return pipeType;
    }

    /**
     * Sets {@link NamedPipeChannelOption#PIPE_TYPE}.
     *
     * @param value type
     * @return this
     */
    public NamedPipeServerChannelConfig setPipeType(PipeMode value) {
        requireUnbound(NamedPipeChannelOption.PIPE_TYPE);
        pipeType = Objects.requireNonNull(value, "pipeType");
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#DIRECTION}.
     *
     * @return direction
     */
    public PipeDirection getDirection() {
        return direction;
    }

    /**
     * Sets {@link NamedPipeChannelOption#DIRECTION}.
     *
     * @param value direction
     * @return this
     */
    public NamedPipeServerChannelConfig setDirection(PipeDirection value) {
        requireUnbound(NamedPipeChannelOption.DIRECTION);
        direction = Objects.requireNonNull(value, "direction");
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#MAX_INSTANCES}.
     *
     * @return instances, or {@link #UNLIMITED_INSTANCES}
     */
    public int getMaxInstances() {
        return maxInstances;
    }

    /**
     * Sets {@link NamedPipeChannelOption#MAX_INSTANCES}.
     *
     * @param value 1 to 254, or {@link #UNLIMITED_INSTANCES}
     * @return this
     */
    public NamedPipeServerChannelConfig setMaxInstances(int value) {
        requireUnbound(NamedPipeChannelOption.MAX_INSTANCES);
        maxInstances = ObjectUtil.checkInRange(value, 1, UNLIMITED_INSTANCES, "maxInstances");
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#DEFAULT_WAIT_MILLIS}.
     *
     * @return milliseconds; 0 for the system's
     */
    public int getDefaultWaitMillis() {
        return defaultWaitMillis;
    }

    /**
     * Sets {@link NamedPipeChannelOption#DEFAULT_WAIT_MILLIS}.
     *
     * @param value milliseconds, 0 or more
     * @return this
     */
    public NamedPipeServerChannelConfig setDefaultWaitMillis(int value) {
        requireUnbound(NamedPipeChannelOption.DEFAULT_WAIT_MILLIS);
        defaultWaitMillis = ObjectUtil.checkPositiveOrZero(value, "defaultWaitMillis");
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#WRITE_THROUGH}.
     *
     * @return whether writes go through
     */
    public boolean isWriteThrough() {
        return writeThrough;
    }

    /**
     * Sets {@link NamedPipeChannelOption#WRITE_THROUGH}.
     *
     * @param value whether writes go through
     * @return this
     */
    public NamedPipeServerChannelConfig setWriteThrough(boolean value) {
        requireUnbound(NamedPipeChannelOption.WRITE_THROUGH);
        writeThrough = value;
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#SECURITY}.
     *
     * @return who may open the pipe
     */
    public PipeSecurity getSecurity() {
        return security;
    }

    /**
     * Sets {@link NamedPipeChannelOption#SECURITY}.
     *
     * @param value who may open the pipe
     * @return this
     */
    public NamedPipeServerChannelConfig setSecurity(PipeSecurity value) {
        requireUnbound(NamedPipeChannelOption.SECURITY);
        security = Objects.requireNonNull(value, "security");
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#FIRST_INSTANCE}.
     *
     * @return whether the bind fails if the name exists already
     */
    public boolean isFirstInstance() {
        return firstInstance;
    }

    /**
     * Sets {@link NamedPipeChannelOption#FIRST_INSTANCE}.
     *
     * @param value whether the bind fails if the name exists already
     * @return this
     */
    public NamedPipeServerChannelConfig setFirstInstance(boolean value) {
        requireUnbound(NamedPipeChannelOption.FIRST_INSTANCE);
        firstInstance = value;
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#ACCEPT_REMOTE_CLIENTS}.
     *
     * @return whether clients of other machines may connect
     */
    public boolean isAcceptRemoteClients() {
        return acceptRemoteClients;
    }

    /**
     * Sets {@link NamedPipeChannelOption#ACCEPT_REMOTE_CLIENTS}.
     *
     * @param value whether clients of other machines may connect
     * @return this
     */
    public NamedPipeServerChannelConfig setAcceptRemoteClients(boolean value) {
        requireUnbound(NamedPipeChannelOption.ACCEPT_REMOTE_CLIENTS);
        acceptRemoteClients = value;
        return this;
    }

    /** How many instances are to listen: what the options allow. */
    int effectiveListeningInstances() {
        return Math.min(Math.min(listeningInstances, backlog), maxInstances);
    }

    private void requireUnbound(ChannelOption<?> option) {
        if (server.isActive()) {
            throw new IllegalStateException(option + " must be set before the bind of " + server);
        }
    }

    @Override
    protected void autoReadCleared() {
        server.autoReadCleared();
    }

    @Override
    public NamedPipeServerChannelConfig setConnectTimeoutMillis(int connectTimeoutMillis) {
        super.setConnectTimeoutMillis(connectTimeoutMillis);
        return this;
    }

    @Deprecated
    @Override
    public NamedPipeServerChannelConfig setMaxMessagesPerRead(int maxMessagesPerRead) {
        super.setMaxMessagesPerRead(maxMessagesPerRead);
        return this;
    }

    @Override
    public NamedPipeServerChannelConfig setWriteSpinCount(int writeSpinCount) {
        super.setWriteSpinCount(writeSpinCount);
        return this;
    }

    @Override
    public NamedPipeServerChannelConfig setAllocator(ByteBufAllocator allocator) {
        super.setAllocator(allocator);
        return this;
    }

    @Override
    public NamedPipeServerChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator allocator) {
        super.setRecvByteBufAllocator(allocator);
        return this;
    }

    @Override
    public NamedPipeServerChannelConfig setAutoRead(boolean autoRead) {
        super.setAutoRead(autoRead);
        return this;
    }

    @Override
    public NamedPipeServerChannelConfig setAutoClose(boolean autoClose) {
        super.setAutoClose(autoClose);
        return this;
    }

    @Override
    public NamedPipeServerChannelConfig setWriteBufferWaterMark(WriteBufferWaterMark writeBufferWaterMark) {
        super.setWriteBufferWaterMark(writeBufferWaterMark);
        return this;
    }

    @Override
    public NamedPipeServerChannelConfig setMessageSizeEstimator(MessageSizeEstimator estimator) {
        super.setMessageSizeEstimator(estimator);
        return this;
    }
}
