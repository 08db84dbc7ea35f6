/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.codec.message;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;

/** An application that answers requests, behind a {@link RequestResponseServerHandler}. */
@FunctionalInterface
public interface Responder {

    /**
     * Answers a request, now or later and in any order; also with the future of a call to somebody else. Called by the
     * executor of the handler, and must not block it.
     *
     * @param ctx the handler's; {@code ctx.executor()} makes futures
     * @param request to be released by the responder, also if it throws
     * @return the reply, which the handler releases when it is written; may be completed by any thread. If it fails, there is
     *     no reply and the failure is caught in the pipeline; if it is cancelled, there is none
     * @throws Exception if it fails; there is no reply, and the exception is caught in the pipeline
     */
    Future<ByteBuf> respond(ChannelHandlerContext ctx, ByteBuf request) throws Exception;
}
