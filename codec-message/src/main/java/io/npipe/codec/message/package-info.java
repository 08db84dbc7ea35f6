/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/** What an application will put on top of a message pipe. Nothing is here yet. */
package io.npipe.codec.message;
