/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.StatusOr;
import io.grpc.Uri;
import io.npipe.channel.NamedPipeAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Targets such as {@code npipe:////./pipe/greeter}, as Docker and containerd spell them: {@link NamedPipeAddress#parse}.
 * A backslash in a name is written as {@code /}, what a URI may not have as in any URI: {@code %20}. Found by gRPC through
 * {@code META-INF/services}.
 */
public final class PipeNameResolverProvider extends NameResolverProvider {

    static final String SCHEME = "npipe";
    private static final int DEFAULT_PRIORITY = 5;

    /** Called by gRPC. */
    public PipeNameResolverProvider() {}

    /**
     * Spells an address as a target.
     *
     * @param address of a pipe
     * @return such as {@code npipe:////./pipe/greeter}
     * @throws IllegalArgumentException if its name has a {@code /}, which a target has for a backslash
     */
    public static String target(NamedPipeAddress address) {
        if (address.path().indexOf('/') >= 0) {
            throw new IllegalArgumentException("no target for a name with a slash: " + address);
        }
        try {
            return new URI(SCHEME, null, "//" + address.path().replace('\\', '/'), null).toASCIIString();
        } catch (URISyntaxException e) { // what a path cannot have is quoted
            throw new IllegalArgumentException("no target for " + address, e);
        }
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
        return SCHEME.equalsIgnoreCase(target.getScheme()) ? resolver(target.getSchemeSpecificPart()) : null;
    }

    /** What gRPC may call instead, with a class of its own for the same. */
    @Override
    public NameResolver newNameResolver(Uri target, NameResolver.Args args) {
        if (!SCHEME.equalsIgnoreCase(target.getScheme())) {
            return null;
        }
        return resolver(
                target.getAuthority() == null ? target.getPath() : "//" + target.getAuthority() + target.getPath());
    }

    private static NameResolver resolver(String path) {
        return new PipeNameResolver(NamedPipeAddress.parse(SCHEME + ":" + path));
    }

    @Override
    public String getDefaultScheme() {
        return SCHEME;
    }

    /** Pipes only: so gRPC asks for a channel that can reach them, and says so if there is none. */
    @Override
    public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
        return Set.of(NamedPipeAddress.class);
    }

    @Override
    protected boolean isAvailable() {
        return true;
    }

    @Override
    protected int priority() {
        return DEFAULT_PRIORITY;
    }

    /** There is nothing to look up. */
    private static final class PipeNameResolver extends NameResolver {

        private final NamedPipeAddress address;
        private Listener2 listener;

        PipeNameResolver(NamedPipeAddress address) {
            this.address = address;
        }

        /** The host of HTTP: a pipe's path could not be one. With TLS, the certificate is checked against it. */
        @Override
        public String getServiceAuthority() {
            return address.isLocal() ? "localhost" : address.host();
        }

        @Override
        public void start(Listener2 newListener) {
            listener = newListener;
            refresh();
        }

        @Override
        public void refresh() {
            listener.onResult2(ResolutionResult.newBuilder()
                    .setAddressesOrError(StatusOr.fromValue(List.of(new EquivalentAddressGroup(address))))
                    .build());
        }

        @Override
        public void shutdown() {
            // nothing is under way
        }
    }
}
