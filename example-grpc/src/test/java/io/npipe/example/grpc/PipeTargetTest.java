/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ChannelLogger;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolver;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.grpc.Uri;
import io.grpc.internal.GrpcUtil;
import io.grpc.netty.NettyChannelBuilder;
import io.npipe.channel.NamedPipe;
import io.npipe.channel.NamedPipeAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
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
        "npipe:////./pipe/greeter, \\\\.\\pipe\\greeter",
        "npipe://./pipe/greeter, \\\\.\\pipe\\greeter",
        "NPIPE:////./pipe/sql/query, \\\\.\\pipe\\sql\\query",
        "npipe:////./pipe/a%20b%25%23%3F, \\\\.\\pipe\\a b%#?",
        "npipe:greeter, \\\\.\\pipe\\greeter",
    })
    void aTargetIsAnAddress(String target, String path) throws Exception {
        for (NameResolver resolver : List.of(
                PROVIDER.newNameResolver(new URI(target), args()),
                PROVIDER.newNameResolver(Uri.parse(target), args()))) {
            assertEquals(List.of(NamedPipeAddress.of(path)), resolved(resolver));
            assertEquals("localhost", resolver.getServiceAuthority());
        }
    }

    @Test
    void whatItHasIsToldAgainWhenAsked() throws Exception {
        NameResolver resolver = PROVIDER.newNameResolver(new URI("npipe:x"), args());
        List<NameResolver.ResolutionResult> results = new ArrayList<>();
        resolver.start(new NameResolver.Listener2() {
            @Override
            public void onResult(NameResolver.ResolutionResult result) {
                results.add(result);
            }

            @Override
            public void onError(Status error) {
                throw error.asRuntimeException();
            }
        });
        assertEquals(1, results.size());
        resolver.refresh();
        assertEquals(2, results.size());
        assertEquals(results.get(0), results.get(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"greeter", "sql\\query", "a b%#?+*~\u00fc", "u\u0308 is not one letter", "\ud83d\ude00"})
    void anAddressIsSpelledAsItsTarget(String name) throws Exception {
        NamedPipeAddress address = NamedPipeAddress.of(name);
        String target = PipeNameResolverProvider.target(address);

        assertEquals(List.of(address), resolved(PROVIDER.newNameResolver(new URI(target), args())));
        assertEquals(List.of(address), resolved(PROVIDER.newNameResolver(Uri.parse(target), args())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"half \ud83d", "\\\\server\\pipe\\x"})
    void whatATargetCannotSpellHasNone(String name) {
        NamedPipeAddress address = NamedPipeAddress.of(name);
        assertThrows(IllegalArgumentException.class, () -> PipeNameResolverProvider.target(address));
    }

    @Test
    void otherSchemesAreLeftToOthers() throws Exception {
        assertNull(PROVIDER.newNameResolver(new URI("dns:///localhost"), args()));
        assertNull(PROVIDER.newNameResolver(Uri.parse("dns:///localhost"), args()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "npipe:////./mailslot/x 'a path has the form'",
                "npipe:/x 'a target has the form'",
                "npipe:////./pipe/x?y 'a target has the form'",
                "npipe:x?y 'a target has the form'",
                "npipe:////./pipe/x#y 'a target has the form'",
                "npipe:////server/pipe/x 'only pipes of this machine'",
                "npipe:////./pipe/../UNC/server/pipe/x 'may be empty or end with a dot'",
                "npipe:////./pipe/%2E%2E/UNC/server/pipe/x 'may be empty or end with a dot'",
            })
    void whatIsNoPipeOfThisMachineIsRefusedWithTheRule(String target, String rule) {
        for (Executable making : List.<Executable>of(
                () -> PROVIDER.newNameResolver(new URI(target), args()),
                () -> PROVIDER.newNameResolver(Uri.parse(target), args()))) {
            IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, making);
            assertTrue(refused.getMessage().contains(rule), refused::getMessage);
        }
    }

    @Test
    void targetsWithoutASchemeAreStillOfDns() {
        assertEquals("dns", NameResolverRegistry.getDefaultRegistry().getDefaultScheme());
        assertDoesNotThrow(() -> ManagedChannelBuilder.forAddress("localhost", 80)); // by the provider of TCP
    }

    @Test
    void whereThereAreNoPipesAChannelIsRefusedWithTheReason() {
        if (NamedPipe.isAvailable()) {
            assertInstanceOf(
                    NettyChannelBuilder.class, Grpc.newChannelBuilder("npipe:x", InsecureChannelCredentials.create()));
        } else {
            RuntimeException refused = assertThrows(
                    RuntimeException.class,
                    () -> Grpc.newChannelBuilder("npipe:x", InsecureChannelCredentials.create()));
            assertTrue(refused.getMessage().contains("need a 64-bit JVM on Windows"), refused::getMessage);
        }
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
