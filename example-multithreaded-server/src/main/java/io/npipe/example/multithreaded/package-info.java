/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/**
 * Microsoft's multithreaded pipe server sample, recreated with Netty: {@link
 * io.npipe.example.multithreaded.MultithreadedServerExample}.
 */
package io.npipe.example.multithreaded;
