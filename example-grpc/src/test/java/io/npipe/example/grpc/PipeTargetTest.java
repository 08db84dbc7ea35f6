/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ChannelLogger;
import io.grpc.NameResolver;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.grpc.Uri;
import io.grpc.internal.GrpcUtil;
import io.npipe.channel.NamedPipeAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What targets mean. */
@Tag("any-jvm")
class PipeTargetTest {

    private static final PipeNameResolverProvider PROVIDER = new PipeNameResolverProvider();

    /** What a resolver tells its channel. */
    private static List<SocketAddress> resolved(NameResolver resolver) {
        List<SocketAddress> addresses = new ArrayList<>();
        resolver.start(new NameResolver.Listener2() {
            @Override
            public void onResult(NameResolver.ResolutionResult result) {
                result.getAddressesOrError().getValue().forEach(group -> addresses.addAll(group.getAddresses()));
            }

            @Override
            public void onError(Status error) {
                throw error.asRuntimeException();
            }
        });
        resolver.shutdown();
        return addresses;
    }

    private static NameResolver.Args args() {
        SynchronizationContext context = new SynchronizationContext((thread, failure) -> {
            throw new IllegalStateException(failure);
        });
        return NameResolver.Args.newBuilder()
                .setDefaultPort(80)
                .setProxyDetector(GrpcUtil.NOOP_PROXY_DETECTOR)
                .setSynchronizationContext(context)
                .setServiceConfigParser(new NameResolver.ServiceConfigParser() {
                    @Override
                    public NameResolver.ConfigOrError parseServiceConfig(java.util.Map<String, ?> config) {
                        return NameResolver.ConfigOrError.fromConfig(config);
                    }
                })
                .setChannelLogger(new ChannelLogger() {
                    @Override
                    public void log(ChannelLogLevel level, String message) {
                        // nothing is looked up
                    }

                    @Override
                    public void log(ChannelLogLevel level, String format, Object... arguments) {
                        // nothing is looked up
                    }
                })
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        "npipe:////./pipe/greeter, \\\\.\\pipe\\greeter, localhost",
        "npipe://./pipe/greeter, \\\\.\\pipe\\greeter, localhost",
        "NPIPE:////./pipe/sql/query, \\\\.\\pipe\\sql\\query, localhost",
        "npipe:////./pipe/a%20b%25%23%3F, \\\\.\\pipe\\a b%#?, localhost",
        "npipe:greeter, \\\\.\\pipe\\greeter, localhost",
        "npipe:////server/pipe/greeter, \\\\server\\pipe\\greeter, server",
    })
    void aTargetIsAnAddress(String target, String path, String authority) throws Exception {
        for (NameResolver resolver : List.of(
                PROVIDER.newNameResolver(new URI(target), args()),
                PROVIDER.newNameResolver(Uri.parse(target), args()))) {
            assertEquals(List.of(NamedPipeAddress.of(path)), resolved(resolver));
            assertEquals(authority, resolver.getServiceAuthority());
        }
    }

    @Test
    void whatItHasIsToldAgainWhenAsked() throws Exception {
        NameResolver resolver = PROVIDER.newNameResolver(new URI("npipe:x"), args());
        List<SocketAddress> first = resolved(resolver);
        assertEquals(first, resolved(resolver));
    }

    @ParameterizedTest
    @ValueSource(strings = {"greeter", "sql\\query", "a b%#?\u00fc", "\\\\server\\pipe\\x"})
    void anAddressIsSpelledAsItsTarget(String name) throws Exception {
        NamedPipeAddress address = NamedPipeAddress.of(name);
        String target = PipeNameResolverProvider.target(address);

        assertEquals(List.of(address), resolved(PROVIDER.newNameResolver(new URI(target), args())));
        assertEquals(List.of(address), resolved(PROVIDER.newNameResolver(Uri.parse(target), args())));
    }

    @Test
    void aNameWithASlashHasNoTarget() {
        NamedPipeAddress address = NamedPipeAddress.of("a/b");
        assertThrows(IllegalArgumentException.class, () -> PipeNameResolverProvider.target(address));
    }

    @Test
    void otherSchemesAreLeftToOthers() throws Exception {
        assertNull(PROVIDER.newNameResolver(new URI("dns:///localhost"), args()));
        assertNull(PROVIDER.newNameResolver(Uri.parse("dns:///localhost"), args()));
    }

    @Test
    void whatIsNoPipeIsRefusedWithTheRule() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> PROVIDER.newNameResolver(new URI("npipe:////./mailslot/x"), args()));
        assertTrue(refused.getMessage().contains("a path has the form"), refused::getMessage);
    }

    @Test
    void grpcFindsTheResolver() {
        assertSame(
                PipeNameResolverProvider.class,
                NameResolverRegistry.getDefaultRegistry()
                        .getProviderForScheme("npipe")
                        .getClass());
    }
}
