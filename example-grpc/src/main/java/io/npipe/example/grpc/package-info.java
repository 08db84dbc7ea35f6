/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/** gRPC over a named pipe: {@link io.npipe.example.grpc.GrpcExample}, and what else an application would take over. */
package io.npipe.example.grpc;
