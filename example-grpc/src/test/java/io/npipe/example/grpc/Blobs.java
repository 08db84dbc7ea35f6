/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** A service of one method, of any kind, whose messages are bytes. */
final class Blobs {

    private static final String SERVICE = "io.npipe.test.Blobs";

    static final MethodDescriptor<byte[], byte[]> UNARY = method(MethodType.UNARY);
    static final MethodDescriptor<byte[], byte[]> DOWN = method(MethodType.SERVER_STREAMING);
    static final MethodDescriptor<byte[], byte[]> UP = method(MethodType.CLIENT_STREAMING);
    static final MethodDescriptor<byte[], byte[]> BOTH = method(MethodType.BIDI_STREAMING);

    private Blobs() {}

    private static MethodDescriptor<byte[], byte[]> method(MethodType type) {
        return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, type.name()))
                .build();
    }

    static ServerServiceDefinition service(
            MethodDescriptor<byte[], byte[]> method, ServerCallHandler<byte[], byte[]> handler) {
        return ServerServiceDefinition.builder(SERVICE)
                .addMethod(method, handler)
                .build();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
