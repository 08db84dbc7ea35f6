/*
 * Copyright 2026 The npipe authors. Licensed under the Apache License, Version 2.0; see LICENSE.
 */
package io.npipe.example.echo;

import io.npipe.example.common.Latencies;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** What all clients measured, in words. */
final class Report {

    private final String sent;
    private final List<EchoClientHandler.Result> results = new ArrayList<>();

    Report(String sent) {
        this.sent = sent;
    }

    void add(EchoClientHandler.Result result) {
        results.add(result);
    }

    boolean matches() {
        return results.stream().allMatch(Report::matches);
    }

    private static boolean matches(EchoClientHandler.Result result) {
        return result.sentDigest().equals(result.receivedDigest());
    }

    void print(PrintStream out) {
        long bytes = results.stream().mapToLong(EchoClientHandler.Result::bytes).sum();
        Histogram roundTrips = new Histogram(2);
        results.forEach(result -> roundTrips.add(result.roundTripNanos()));
        long matching = results.stream().filter(Report::matches).count();

        out.println("sent: " + sent + (results.size() > 1 ? ", by each of " + results.size() + " clients" : ""));
        out.println("echoed: " + bytes + " bytes");
        if (roundTrips.getTotalCount() > 0) {
            out.println("round trips: " + roundTrips.getTotalCount() + ", " + Latencies.text(roundTrips));
        }
        if (results.size() == 1) {
            out.println("SHA-256 of what came back: " + results.get(0).receivedDigest());
        }
        out.println(
                matches()
                        ? "matches: yes" + (results.size() > 1 ? ", all " + matching + " clients" : "")
                        : "matches: NO, " + matching + " of " + results.size() + " clients");
    }
}
