/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/**
 * The poller: an {@link io.netty.channel.IoHandler} over an I/O completion port ({@link io.npipe.iocp.IocpIoHandler})
 * and what a handle needs to plug into it. It knows completions and ports, and nothing of pipes.
 */
package io.npipe.iocp;
