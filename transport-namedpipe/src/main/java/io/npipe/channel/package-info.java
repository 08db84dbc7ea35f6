/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/**
 * Netty's channels over Windows named pipes: {@link io.npipe.channel.NamedPipeServerChannel}, {@link
 * io.npipe.channel.NamedPipeChannel}, their addresses and options. Reading, writing, connecting and listening each have
 * a class of their own behind the two channels.
 */
package io.npipe.channel;
