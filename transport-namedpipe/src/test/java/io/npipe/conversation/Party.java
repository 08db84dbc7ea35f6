/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.conversation;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;

/** Somebody with a channel, whose handlers a {@link Temper} may drive. */
interface Party {

    int id();

    Channel channel();

    Ledger promises();

    /** Whatever ends it, or keeps it from reading, is its own doing from now on. */
    void endedItself();

    /** Handlers that are not there yet may miss what it does now. */
    void mayEndBeforeActive();

    /** As Netty has it after closeForcibly() and deregister(): its handlers may not be told of its end. */
    void notToldOfEnd();

    /** Nobody else will close it: that is left to the end. */
    void abandoned();

    /** It shuts its output down itself. */
    void shutsOutputDown();

    /** Writes what belongs there next, and perhaps flushes. */
    ChannelFuture write(boolean flush);

    /** Writes a region that is not what it says. */
    void writeRegion();

    /** A buffer that was given to write and is the channel's by now, or null. */
    ByteBuf takeWritten();
}
