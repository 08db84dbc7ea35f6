/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/** The place of Microsoft's multithreaded pipe server sample, recreated with Netty. Nothing is here yet. */
package io.npipe.example.multithreaded;
