// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Measures one figure between two ends. */
enum Meter {
  /** TCP request and response of 64 bytes, one way; both ends on CPU 0 before all other work. */
  REQUEST_RESPONSE("µs") {
    @Override
    double measure(Ends ends, int seconds) {
      try (var _ =
              Tool.startFirst(ends.server(), 0, "sockperf", "server", "--tcp", "-p", PORT)
                  .awaitListening(Integer.parseInt(PORT));
          var client =
              Tool.startFirst(
                  ends.client(),
                  0,
                  ends.atClient(
                      "sockperf",
                      "ping-pong",
                      "--tcp",
                      "-i",
                      ends.address(),
                      "-p",
                      PORT,
                      "-t",
                      Integer.toString(seconds),
                      "--msg-size",
                      "64"))) {
        var output = client.output();
        var median = MEDIAN.matcher(output);
        if (!median.find()) {
          throw new BenchException("sockperf printed no median: " + output.strip());
        }
        return Double.parseDouble(median.group(1));
      }
    }
  },

  /** One TCP stream; client on CPU 1, server on CPU 0. */
  STREAM("Gbit/s") {
    @Override
    double measure(Ends ends, int seconds) {
      try (var _ =
              Tool.start(ends.server(), 0, "iperf3", "-s", "-1", "-p", STREAM_PORT)
                  .awaitListening(Integer.parseInt(STREAM_PORT));
          var client =
              Tool.start(
                  ends.client(),
                  1,
                  ends.atClient(
                      "iperf3",
                      "-c",
                      ends.address(),
                      "-p",
                      STREAM_PORT,
                      "-t",
                      Integer.toString(seconds),
                      "-J"))) {
        var output = client.output();
        try {
          return new ObjectMapper()
                  .readTree(output)
                  .at("/end/sum_received/bits_per_second")
                  .asDouble()
              / 1e9;
        } catch (JsonProcessingException e) {
          throw new BenchException("iperf3 printed no JSON: " + output.strip(), e);
        }
      }
    }
  },

  /**
   * TCP connections a second that carry one byte each way; both ends on CPU 0 before all other
   * work.
   */
  CONNECTIONS("/s") {
    @Override
    double measure(Ends ends, int seconds) {
      var program =
          Path.of(System.getProperty("jilium.home", "."), "test/bench/target/connections");
      try (var _ =
              Tool.startFirst(
                      ends.server(),
                      0,
                      program.toString(),
                      "server",
                      ends.listen(),
                      CONNECTIONS_PORT)
                  .awaitListening(Integer.parseInt(CONNECTIONS_PORT));
          var client =
              Tool.startFirst(
                  ends.client(),
                  0,
                  ends.atClient(
                      program.toString(),
                      "client",
                      ends.address(),
                      CONNECTIONS_PORT,
                      Integer.toString(seconds)))) {
        return Double.parseDouble(client.output().strip());
      }
    }
  };

  /**
   * Each its own: what the one leaves in TIME_WAIT keeps the next from listening. All may be node
   * ports.
   */
  private static final String PORT = "31111";

  private static final String STREAM_PORT = "31112";
  private static final String CONNECTIONS_PORT = "31113";
  private static final Pattern MEDIAN = Pattern.compile("percentile 50\\.000\\s*=\\s*([0-9.]+)");

  private final String unit;

  Meter(String unit) {
    this.unit = unit;
  }

  String unit() {
    return unit;
  }

  /** Where the second end listens. */
  int port() {
    return Integer.parseInt(
        switch (this) {
          case REQUEST_RESPONSE -> PORT;
          case STREAM -> STREAM_PORT;
          case CONNECTIONS -> CONNECTIONS_PORT;
        });
  }

  abstract double measure(Ends ends, int seconds);
}
