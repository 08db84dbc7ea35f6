/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/**
 * The only package that touches native code: one interface of primitive calls ({@link io.npipe.win32.Win32}), its
 * implementation, the codes it answers and the layouts it takes. It knows nothing of Netty's channels.
 */
package io.npipe.win32;
