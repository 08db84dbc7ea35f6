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
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Targets such as {@code npipe:////./pipe/greeter}, as Docker and containerd spell them: {@link NamedPipeAddress#parse}.
 * A backslash in a name is written as {@code /}, what a URI may not have as in any URI: {@code %20}. Found by gRPC through
 * {@code META-INF/services}.
 *
 * <p>Only pipes of this machine have a target: one that comes from a configuration must not make Windows send the user's
 * credentials to another machine. For those there is {@code NettyChannelBuilder.forAddress}.
 */
public final class PipeNameResolverProvider extends NameResolverProvider {

    private static final String SCHEME = "npipe";

    /** The authority of every target: a pipe's path could be no host of HTTP. */
    private static final String AUTHORITY = "localhost";

    private static final String RULE = "a target has the form npipe:////./pipe/name";

    /** Below that of DNS: the scheme of highest priority is that of targets without one. */
    private static final int PRIORITY = 3;

    /** Called by gRPC. */
    public PipeNameResolverProvider() {}

    /**
     * Spells an address as a target.
     *
     * @param address of a pipe
     * @return such as {@code npipe:////./pipe/greeter}
     * @throws IllegalArgumentException if the pipe is another machine's, or its name has half a surrogate pair
     */
    public static String target(NamedPipeAddress address) {
        String name = requireLocal(address).name();
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException("no target can spell the name of " + address);
        }
        String spelled = URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%5C", "/");
        return SCHEME + ":////./pipe/" + spelled;
    }

    @Override
    public NameResolver newNameResolver(URI target, NameResolver.Args args) {
        if (!SCHEME.equalsIgnoreCase(target.getScheme())) {
            return null;
        }
        boolean isOnlyPath = target.getRawFragment() == null
                && target.getRawSchemeSpecificPart().indexOf('?') < 0;
        return resolver(target, isOnlyPath, target.getSchemeSpecificPart());
    }

    /** What gRPC may call instead, with a class of its own for the same. */
    @Override
    public NameResolver newNameResolver(Uri target, NameResolver.Args args) {
        if (!SCHEME.equalsIgnoreCase(target.getScheme())) {
            return null;
        }
        String authority = target.getAuthority() == null ? "" : "//" + target.getAuthority();
        boolean isOnlyPath = target.getRawFragment() == null && target.getRawQuery() == null;
        return resolver(target, isOnlyPath, authority + target.getPath());
    }

    private static NameResolver resolver(Object target, boolean isOnlyPath, String path) {
        if (!isOnlyPath || (path.startsWith("/") && !path.startsWith("//"))) {
            throw new IllegalArgumentException("not a named pipe: \"" + target + "\": " + RULE);
        }
        return new PipeNameResolver(requireLocal(NamedPipeAddress.parse(SCHEME + ":" + path)));
    }

    private static NamedPipeAddress requireLocal(NamedPipeAddress address) {
        if (!address.isLocal()) {
            throw new IllegalArgumentException("only pipes of this machine have targets, not " + address
                    + "; for others there is NettyChannelBuilder.forAddress");
        }
        return address;
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
        return PRIORITY;
    }

    /** There is nothing to look up. */
    private static final class PipeNameResolver extends NameResolver {

        private final NamedPipeAddress address;
        private Listener2 listener;

        PipeNameResolver(NamedPipeAddress address) {
            this.address = address;
        }

        @Override
        public String getServiceAuthority() {
            return AUTHORITY;
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
