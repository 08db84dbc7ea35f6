/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.npipe.channel.NamedPipePeerAddress;
import io.npipe.channel.NamedPipePeerCredentials;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Lets in only the callers whom a predicate allows, and tells the service who they are: {@link #CALLER}. Others are
 * answered with {@code PERMISSION_DENIED}, as are those that do not come over a named pipe.
 *
 * <p>An interceptor does not see the channel, but its remote address, and that has the credentials. They are known when
 * it is called, since Windows tells them with the first bytes at the latest. They are those of the connection: a client
 * that lets others write to its pipe answers for their calls.
 */
public final class PipeCallerInterceptor implements ServerInterceptor {

    /** Who made the connection on which the call came that is being served. */
    public static final Context.Key<NamedPipePeerCredentials> CALLER = Context.key("io.npipe.caller");

    private final Predicate<? super NamedPipePeerCredentials> allowed;

    /**
     * Allows whom a predicate allows.
     *
     * @param allowed called for each call, by the thread that serves it; a user may be null: one who is anonymous
     */
    public PipeCallerInterceptor(Predicate<? super NamedPipePeerCredentials> allowed) {
        this.allowed = Objects.requireNonNull(allowed, "allowed");
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        NamedPipePeerCredentials caller =
                call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof NamedPipePeerAddress pipe
                        ? pipe.credentials()
                        : null;
        if (caller == null || !allowed.test(caller)) {
            // To the caller no more than that; what the server knows of it is the server's.
            call.close(Status.PERMISSION_DENIED.withDescription("not for this user"), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return Contexts.interceptCall(Context.current().withValue(CALLER, caller), call, headers, next);
    }
}
