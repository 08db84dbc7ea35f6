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
import java.util.Map;

/**
 * The configuration of a {@link NamedPipeServerChannel}. What is set after the bind fails with {@link
 * IllegalStateException}, except for Netty's own options.
 */
public final class NamedPipeServerChannelConfig extends DefaultChannelConfig {

    /** Most instances that may listen ahead. */
    public static final int MAX_LISTENING_INSTANCES = 1024;

    /** Default of {@code SO_RCVBUF} and {@code SO_SNDBUF}, in bytes. */
    public static final int DEFAULT_QUOTA = 64 * 1024;

    private static final int DEFAULT_LISTENING_INSTANCES = Math.min(NettyRuntime.availableProcessors(), 16);

    private final NamedPipeServerChannel server;
    private volatile int listeningInstances = DEFAULT_LISTENING_INSTANCES;
    private volatile int backlog = Integer.MAX_VALUE;
    private volatile int receiveBufferSize = DEFAULT_QUOTA;
    private volatile int sendBufferSize = DEFAULT_QUOTA;

    NamedPipeServerChannelConfig(NamedPipeServerChannel channel) {
        super(channel, new ServerChannelRecvByteBufAllocator());
        server = channel;
    }

    @Override
    public Map<ChannelOption<?>, Object> getOptions() {
        return getOptions(
                super.getOptions(),
                LISTENING_INSTANCES,
                ChannelOption.SO_BACKLOG,
                ChannelOption.SO_RCVBUF,
                ChannelOption.SO_SNDBUF);
    }

    @SuppressWarnings("unchecked") // the option carries the type
    @Override
    public <T> T getOption(ChannelOption<T> option) {
        if (option == LISTENING_INSTANCES) {
            return (T) Integer.valueOf(getListeningInstances());
        }
        if (option == ChannelOption.SO_BACKLOG) {
            return (T) Integer.valueOf(getBacklog());
        }
        if (option == ChannelOption.SO_RCVBUF) {
            return (T) Integer.valueOf(getReceiveBufferSize());
        }
        if (option == ChannelOption.SO_SNDBUF) {
            return (T) Integer.valueOf(getSendBufferSize());
        }
        return super.getOption(option);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
        validate(option, value);
        if (option == LISTENING_INSTANCES) {
            setListeningInstances((Integer) value);
        } else if (option == ChannelOption.SO_BACKLOG) {
            setBacklog((Integer) value);
        } else if (option == ChannelOption.SO_RCVBUF) {
            setReceiveBufferSize((Integer) value);
        } else if (option == ChannelOption.SO_SNDBUF) {
            setSendBufferSize((Integer) value);
        } else {
            return NamedPipeChannelOption.isMeaninglessForPipes(option) || super.setOption(option, value);
        }
        return true;
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

    /** How many instances are to listen: what both options allow. */
    int effectiveListeningInstances() {
        return Math.min(listeningInstances, backlog);
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
