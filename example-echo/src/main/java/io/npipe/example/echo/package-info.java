/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/** An echo server and client over a named pipe, in two processes: {@link io.npipe.example.echo.EchoExample}. */
package io.npipe.example.echo;
