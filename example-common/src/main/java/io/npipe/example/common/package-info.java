/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/** What the examples have in common beside pipes: their command lines, and a server in a process of its own. */
package io.npipe.example.common;
