/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
/**
 * What an application puts on top of a message pipe: {@linkplain io.npipe.codec.message.MessageFrameCodec boundaries} on
 * every channel, {@linkplain io.npipe.codec.message.WindowsStringDecoder text} as Windows programs send it, and {@linkplain
 * io.npipe.codec.message.RequestResponseClientHandler requests with responses}.
 */
package io.npipe.codec.message;
