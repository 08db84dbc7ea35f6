/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.channel;

import io.netty.channel.ChannelOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The options of one kind of configuration beside Netty's, each with the methods that get and set it.
 *
 * @param <C> the configuration
 */
final class OptionTable<C> {

    private record Row<C>(Function<C, Object> get, BiConsumer<C, Object> set) {}

    private final Map<ChannelOption<?>, Row<C>> rows = new LinkedHashMap<>();

    /** Adds an option. While the table is made only. */
    @SuppressWarnings("unchecked") // the option carries the type
    <T> OptionTable<C> with(ChannelOption<T> option, Function<C, T> get, BiConsumer<C, T> set) {
        rows.put(option, new Row<>(get::apply, (config, value) -> set.accept(config, (T) value)));
        return this;
    }

    boolean has(ChannelOption<?> option) {
        return rows.containsKey(option);
    }

    /** All of them. */
    ChannelOption<?>[] options() {
        return rows.keySet().toArray(new ChannelOption<?>[0]);
    }

    @SuppressWarnings("unchecked") // the option carries the type
    <T> T get(C config, ChannelOption<T> option) {
        return (T) rows.get(option).get.apply(config);
    }

    <T> void set(C config, ChannelOption<T> option, T value) {
        rows.get(option).set.accept(config, value);
    }
}
