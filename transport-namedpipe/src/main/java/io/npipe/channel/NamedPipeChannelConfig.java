/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DuplexChannelConfig;
import io.netty.util.internal.ObjectUtil;
import java.util.Map;
import java.util.Objects;

/**
 * The configuration of a {@link NamedPipeChannel}: Netty's own options, and those of {@link NamedPipeChannelOption} that are
 * for channels. What a connect uses is set before it; later it fails with {@link IllegalStateException}.
 *
 * <p>{@code ALLOW_HALF_CLOSURE} says what becomes of a channel whose input ends, where there is a half-close: {@link
 * NamedPipeChannelOption#HALF_CLOSE}. Without one, the channel closes after the last byte was read. {@code SO_KEEPALIVE},
 * {@code SO_REUSEADDR} and {@code TCP_NODELAY}, which frameworks set unasked, are accepted and mean nothing.
 *
 * <p>An option that {@link #setOption} refuses, because it is one of servers or its value is out of range, fails the connect
 * with the same exception, unless it is set to a valid value before: older versions of Netty only log what a bootstrap's
 * option was refused for. A child whose {@code childOption} was refused is closed when it is accepted, and Netty logs the
 * reason; the bind cannot fail, since Netty hands these options to the children alone. An option that no pipe has, which
 * {@code setOption} answers with false, is logged by Netty and ignored.
 */
public final class NamedPipeChannelConfig extends DefaultChannelConfig implements DuplexChannelConfig {

    /** Default of {@code MAX_MESSAGE_SIZE}, in bytes. */
    public static final int DEFAULT_MAX_MESSAGE_SIZE = 16 * 1024 * 1024;

    private static final OptionTable<NamedPipeChannelConfig> OPTIONS = new OptionTable<NamedPipeChannelConfig>()
            .with(
                    ChannelOption.ALLOW_HALF_CLOSURE,
                    NamedPipeChannelConfig::isAllowHalfClosure,
                    NamedPipeChannelConfig::setAllowHalfClosure)
            .with(
                    NamedPipeChannelOption.READ_MODE,
                    NamedPipeChannelConfig::getReadMode,
                    NamedPipeChannelConfig::setReadMode)
            .with(NamedPipeChannelOption.ACCESS, NamedPipeChannelConfig::getAccess, NamedPipeChannelConfig::setAccess)
            .with(
                    NamedPipeChannelOption.WRITE_THROUGH,
                    NamedPipeChannelConfig::isWriteThrough,
                    NamedPipeChannelConfig::setWriteThrough)
            .with(
                    NamedPipeChannelOption.WAIT_FOR_SERVER,
                    NamedPipeChannelConfig::isWaitForServer,
                    NamedPipeChannelConfig::setWaitForServer)
            .with(
                    NamedPipeChannelOption.MAX_MESSAGE_SIZE,
                    NamedPipeChannelConfig::getMaxMessageSize,
                    NamedPipeChannelConfig::setMaxMessageSize)
            .with(
                    NamedPipeChannelOption.HALF_CLOSE,
                    NamedPipeChannelConfig::isHalfClose,
                    NamedPipeChannelConfig::setHalfClose)
            .with(
                    NamedPipeChannelOption.COLLECT_BYTES,
                    NamedPipeChannelConfig::getCollectBytes,
                    NamedPipeChannelConfig::setCollectBytes)
            .with(
                    NamedPipeChannelOption.COLLECT_MILLIS,
                    NamedPipeChannelConfig::getCollectMillis,
                    NamedPipeChannelConfig::setCollectMillis)
            .with(
                    NamedPipeChannelOption.IMPERSONATION_LEVEL,
                    NamedPipeChannelConfig::getImpersonationLevel,
                    NamedPipeChannelConfig::setImpersonationLevel)
            .with(
                    NamedPipeChannelOption.REQUIRED_SERVER_OWNER,
                    NamedPipeChannelConfig::getRequiredServerOwner,
                    NamedPipeChannelConfig::setRequiredServerOwner);

    private final NamedPipeChannel pipe;
    private final OptionRefusals refusals = new OptionRefusals();
    private volatile boolean allowHalfClosure;
    private volatile PipeMode readMode;
    private volatile PipeAccess access = PipeAccess.READ_WRITE;
    private volatile boolean writeThrough;
    private volatile boolean waitForServer;
    private volatile int maxMessageSize = DEFAULT_MAX_MESSAGE_SIZE;
    private volatile boolean halfClose;
    private volatile Integer collectBytes;
    private volatile Integer collectMillis;
    private volatile ImpersonationLevel impersonationLevel = ImpersonationLevel.IDENTIFICATION;
    private volatile String requiredServerOwner;

    NamedPipeChannelConfig(NamedPipeChannel channel) {
        super(channel);
        pipe = channel;
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
            if (!isInUse()) {
                refusals.add(option, e);
            }
            throw e;
        }
    }

    private <T> boolean setOptionOrThrow(ChannelOption<T> option, T value) {
        validate(option, value);
        NamedPipeChannelOption.requireConnectionSide(option);
        if (OPTIONS.has(option)) {
            OPTIONS.set(this, option, value);
            return true;
        }
        return NamedPipeChannelOption.isMeaninglessForPipes(option) || super.setOption(option, value);
    }

    /** Why {@link #setOption} has refused an option, or null. */
    RuntimeException refusedOption() {
        return refusals.first();
    }

    /** Throws why {@link #setOption} has refused an option, if it has, whether its caller took notice or not. */
    void requireNoRefusedOption() {
        refusals.requireNone();
    }

    @Override
    public boolean isAllowHalfClosure() {
        return allowHalfClosure;
    }

    @Override
    public NamedPipeChannelConfig setAllowHalfClosure(boolean allow) {
        allowHalfClosure = allow;
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#READ_MODE}.
     *
     * @return mode, or null for the pipe's type
     */
    public PipeMode getReadMode() {
        return readMode;
    }

    /**
     * Sets {@link NamedPipeChannelOption#READ_MODE}.
     *
     * @param value mode
     * @return this
     */
    public NamedPipeChannelConfig setReadMode(PipeMode value) {
        requireUnconnected(NamedPipeChannelOption.READ_MODE);
        readMode = Objects.requireNonNull(value, "readMode");
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#ACCESS}.
     *
     * @return access
     */
    public PipeAccess getAccess() {
        return access;
    }

    /**
     * Sets {@link NamedPipeChannelOption#ACCESS}.
     *
     * @param value access
     * @return this
     */
    public NamedPipeChannelConfig setAccess(PipeAccess value) {
        requireClient(NamedPipeChannelOption.ACCESS);
        access = Objects.requireNonNull(value, "access");
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
    public NamedPipeChannelConfig setWriteThrough(boolean value) {
        requireClient(NamedPipeChannelOption.WRITE_THROUGH);
        writeThrough = value;
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#WAIT_FOR_SERVER}.
     *
     * @return whether to wait
     */
    public boolean isWaitForServer() {
        return waitForServer;
    }

    /**
     * Sets {@link NamedPipeChannelOption#WAIT_FOR_SERVER}.
     *
     * @param value whether to wait
     * @return this
     */
    public NamedPipeChannelConfig setWaitForServer(boolean value) {
        requireClient(NamedPipeChannelOption.WAIT_FOR_SERVER);
        waitForServer = value;
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#MAX_MESSAGE_SIZE}.
     *
     * @return bytes
     */
    public int getMaxMessageSize() {
        return maxMessageSize;
    }

    /**
     * Sets {@link NamedPipeChannelOption#MAX_MESSAGE_SIZE}.
     *
     * @param value bytes, 1 or more
     * @return this
     */
    public NamedPipeChannelConfig setMaxMessageSize(int value) {
        maxMessageSize = ObjectUtil.checkPositive(value, "maxMessageSize");
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#HALF_CLOSE}.
     *
     * @return whether a message of length 0 is an end
     */
    public boolean isHalfClose() {
        return halfClose;
    }

    /**
     * Sets {@link NamedPipeChannelOption#HALF_CLOSE}, on a pipe of messages. The convention is that of go-winio and Docker:
     * a message of length 0 ends the output of its sender, who can still read.
     *
     * <table>
     * <caption>What a message of length 0 does</caption>
     * <tr><th>{@code HALF_CLOSE}</th><th>{@code ALLOW_HALF_CLOSURE}</th><th>received</th></tr>
     * <tr><td>off</td><td>any</td><td>an empty {@code ByteBuf} is read</td></tr>
     * <tr><td>on</td><td>off</td><td>the channel closes</td></tr>
     * <tr><td>on</td><td>on</td><td>{@code ChannelInputShutdownEvent} and {@code ChannelInputShutdownReadComplete} are
     * fired, and the channel can still write</td></tr>
     * </table>
     *
     * <p>With it on, {@code shutdownOutput()} sends one behind all that was written, and an empty {@code ByteBuf} is not
     * written, since it would be an end. With it off {@code shutdownOutput()} fails, as it always does on a pipe of bytes.
     *
     * <p>An end that reads bytes from a pipe of messages ({@code READ_MODE}) sees the end only when it had read everything
     * before: else Windows joins the empty message to what is read. Such a peer must be known to have read, as from its
     * answer, before {@code shutdownOutput()}.
     *
     * @param value whether a message of length 0 is an end
     * @return this
     */
    public NamedPipeChannelConfig setHalfClose(boolean value) {
        halfClose = value;
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#COLLECT_BYTES}.
     *
     * @return bytes, or null
     */
    public Integer getCollectBytes() {
        return collectBytes;
    }

    /**
     * Sets {@link NamedPipeChannelOption#COLLECT_BYTES}.
     *
     * @param value bytes, 0 or more
     * @return this
     */
    public NamedPipeChannelConfig setCollectBytes(int value) {
        requireClient(NamedPipeChannelOption.COLLECT_BYTES);
        collectBytes = ObjectUtil.checkPositiveOrZero(value, "collectBytes");
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#COLLECT_MILLIS}.
     *
     * @return milliseconds, or null
     */
    public Integer getCollectMillis() {
        return collectMillis;
    }

    /**
     * Sets {@link NamedPipeChannelOption#COLLECT_MILLIS}.
     *
     * @param value milliseconds, 0 or more
     * @return this
     */
    public NamedPipeChannelConfig setCollectMillis(int value) {
        requireClient(NamedPipeChannelOption.COLLECT_MILLIS);
        collectMillis = ObjectUtil.checkPositiveOrZero(value, "collectMillis");
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#IMPERSONATION_LEVEL}.
     *
     * @return how far the server may go in this process' name
     */
    public ImpersonationLevel getImpersonationLevel() {
        return impersonationLevel;
    }

    /**
     * Sets {@link NamedPipeChannelOption#IMPERSONATION_LEVEL}.
     *
     * @param value how far the server may go in this process' name
     * @return this
     */
    public NamedPipeChannelConfig setImpersonationLevel(ImpersonationLevel value) {
        requireClient(NamedPipeChannelOption.IMPERSONATION_LEVEL);
        impersonationLevel = Objects.requireNonNull(value, "impersonationLevel");
        return this;
    }

    /**
     * Gets {@link NamedPipeChannelOption#REQUIRED_SERVER_OWNER}.
     *
     * @return SID or account, or null for none
     */
    public String getRequiredServerOwner() {
        return requiredServerOwner;
    }

    /**
     * Sets {@link NamedPipeChannelOption#REQUIRED_SERVER_OWNER}.
     *
     * @param sidOrAccount SID or account; null for none
     * @return this
     */
    public NamedPipeChannelConfig setRequiredServerOwner(String sidOrAccount) {
        requireClient(NamedPipeChannelOption.REQUIRED_SERVER_OWNER);
        requiredServerOwner = sidOrAccount;
        return this;
    }

    private boolean isInUse() {
        return pipe.hasBegunToConnect() || (pipe.isRegistered() && pipe.isActive());
    }

    private void requireUnconnected(ChannelOption<?> option) {
        if (isInUse()) {
            throw new IllegalStateException(option + " must be set before the connect of " + pipe);
        }
    }

    private void requireClient(ChannelOption<?> option) {
        if (pipe.parent() != null) {
            throw new IllegalArgumentException(
                    option + " is an option of clients: a server's child is connected already");
        }
        requireUnconnected(option);
    }

    @Override
    protected void autoReadCleared() {
        pipe.autoReadCleared();
    }

    @Override
    public NamedPipeChannelConfig setConnectTimeoutMillis(int connectTimeoutMillis) {
        super.setConnectTimeoutMillis(connectTimeoutMillis);
        return this;
    }

    @Deprecated
    @Override
    public NamedPipeChannelConfig setMaxMessagesPerRead(int maxMessagesPerRead) {
        super.setMaxMessagesPerRead(maxMessagesPerRead);
        return this;
    }

    @Override
    public NamedPipeChannelConfig setWriteSpinCount(int writeSpinCount) {
        super.setWriteSpinCount(writeSpinCount);
        return this;
    }

    @Override
    public NamedPipeChannelConfig setAllocator(ByteBufAllocator allocator) {
        super.setAllocator(allocator);
        return this;
    }

    @Override
    public NamedPipeChannelConfig setRecvByteBufAllocator(RecvByteBufAllocator allocator) {
        super.setRecvByteBufAllocator(allocator);
        return this;
    }

    @Override
    public NamedPipeChannelConfig setAutoRead(boolean autoRead) {
        super.setAutoRead(autoRead);
        return this;
    }

    @Override
    public NamedPipeChannelConfig setAutoClose(boolean autoClose) {
        super.setAutoClose(autoClose);
        return this;
    }

    @Override
    public NamedPipeChannelConfig setWriteBufferWaterMark(WriteBufferWaterMark writeBufferWaterMark) {
        super.setWriteBufferWaterMark(writeBufferWaterMark);
        return this;
    }

    @Override
    public NamedPipeChannelConfig setMessageSizeEstimator(MessageSizeEstimator estimator) {
        super.setMessageSizeEstimator(estimator);
        return this;
    }
}
