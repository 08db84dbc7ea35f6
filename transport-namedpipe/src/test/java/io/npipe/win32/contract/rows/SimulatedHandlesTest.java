/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.win32.contract.rows;

import static io.npipe.win32.PipeConstants.PIPE_ACCESS_DUPLEX;
import static io.npipe.win32.contract.rows.Stage.BYTES;
import static io.npipe.win32.contract.rows.Stage.UNLIMITED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.npipe.simulation.LoneKernel;
import io.npipe.simulation.SimulatedKernel;
import io.npipe.win32.NativeMemory;
import io.npipe.win32.Overlapped;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Those of the {@link RealRows} that the simulation has another way to ask for: duplicates, a crash, a second thread. */
@Tag("any-jvm")
class SimulatedHandlesTest {

    private LoneKernel lone;
    private SimulatedKernel kernel;
    private Stage stage;

    private void begin(boolean wine) {
        lone = new LoneKernel(wine);
        kernel = lone.kernel();
        stage = new Stage(kernel);
    }

    @AfterEach
    void nothingIsLeft() {
        stage.close();
        lone.assertClean();
    }

    private static String expected(String number, boolean wine) {
        return RealRows.ALL.stream()
                .filter(row -> row.number().equals(number))
                .findFirst()
                .orElseThrow()
                .expected(wine);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatACrashedProcessHasUnderWayVanishes(boolean wine) {
        begin(wine);
        long server = stage.create(stage.name, PIPE_ACCESS_DUPLEX, BYTES, UNLIMITED, 6000, 0);
        long client = stage.clientOf(server);
        long elsewhere = kernel.duplicateElsewhere(client);
        assertEquals(997, stage.write(elsewhere, 10_000).code);
        assertEquals("0:10", stage.read(server, 10).outcome());

        kernel.vanish(elsewhere);

        String peeked = stage.peek(server);
        Stage.Operation read = stage.read(server, 100);
        String pending = read.outcome();
        String written = stage.write(client, 1).outcome();
        assertEquals(expected("69", wine), peeked + " " + pending + " " + written + " " + read.outcome());
    }

    private record Pair(long server, long client, Stage.Operation write) {}

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFlushEndsWithWhatEndsTheData(boolean wine) {
        begin(wine);
        String closed = flushed(10, pair -> stage.close(pair.client));
        String disconnected = flushed(10, pair -> stage.disconnect(pair.server));
        String cancelled = flushed(Stage.QUOTA + 1, pair -> stage.cancel(pair.write));

        assertEquals(expected("70", wine), closed + " " + disconnected + " " + cancelled);
    }

    private String flushed(int length, Consumer<Pair> end) {
        long server = stage.server(BYTES);
        long client = stage.clientOf(server);
        Pair pair = new Pair(server, client, stage.write(server, length));
        lone.later(TimeUnit.MILLISECONDS.toNanos(1), () -> end.accept(pair));
        int code = kernel.FlushFileBuffers(server);
        stage.close(server);
        return "" + code;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLastHandleOfAProcessEndsWhatItHasUnderWay(boolean wine) {
        begin(wine);
        long server = stage.server(BYTES);
        stage.clientOf(server);
        long port = stage.port();
        stage.join(server, port);
        long elsewhere = kernel.duplicateElsewhere(server);
        beginRead(server);

        stage.close(server);

        assertEquals(expected("71", wine), stage.packet(port));
        kernel.vanish(elsewhere);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneHandleOfTwoEndsNothing(boolean wine) {
        begin(wine);
        long server = stage.server(BYTES);
        long client = stage.clientOf(server);
        long port = stage.port();
        stage.join(server, port);
        stage.keep(kernel.duplicate(server));
        beginRead(server);

        stage.close(server);

        String closed = stage.packet(port);
        stage.write(client, 1);
        assertEquals(expected("72", wine), closed + " " + stage.packet(port));
    }

    private void beginRead(long handle) {
        NativeMemory overlapped = stage.allocateForKernel(Overlapped.SIZE);
        NativeMemory buffer = stage.allocateForKernel(10);
        assertEquals(997, kernel.ReadFile(handle, buffer.address(), 10, 0, overlapped.address()));
    }
}
