/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.npipe.channel.NamedPipeChannelOption;
import io.npipe.channel.PipeMode;
import io.npipe.testkit.HangLimit;
import io.npipe.testkit.PipeLab;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Over a pipe of some type. */
abstract class OverPipeContract extends SamePipelineContract {

    private final PipeLab lab = new PipeLab();
    private final PipeMode type;

    OverPipeContract(PipeMode type) {
        this.type = type;
    }

    @Override
    Channel connect(Supplier<ChannelHandler> server, ChannelHandler client) throws Exception {
        lab.server(server)
                .option(NamedPipeChannelOption.PIPE_TYPE, type)
                .bind(lab.address())
                .sync();
        return lab.connect(client);
    }

    @Override
    void await(Future<?> future) throws Exception {
        assertTrue(future.await(HangLimit.SECONDS, TimeUnit.SECONDS), "nothing happens");
    }

    @Override
    void end() {
        lab.close();
    }
}
