// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jilium.core.model.IpAddress;
import io.jilium.datapath.DatapathMap;
import io.jilium.datapath.FrontendKey;
import io.jilium.datapath.FrontendMap;
import io.jilium.linux.ebpf.KernelMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.yaml.snakeyaml.Yaml;

/**
 * Many services on one agent: how long until all are in the kernel, how long until one change is,
 * and what they cost in memory.
 */
record ServiceScale() implements Benchmark {
  private static final int SERVICES = 10_000;
  private static final int BACKENDS = 10;
  private static final int CHANGES = 200;
  private static final int TCP = 6;
  private static final int PER_TRANSACTION = 50; // etcd takes 128 operations
  private static final String NODE = "node-1";
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final String RESOURCES = "jilium/resources/";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public String name() {
    return "services";
  }

  @Override
  public String description() {
    return "%,d services with %d backends each: programming, one change, memory"
        .formatted(SERVICES, BACKENDS);
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    var rows = new ArrayList<Row>();
    var what = "%,d services × %d, ".formatted(SERVICES, BACKENDS);
    try (var lab =
        LabCluster.up("scale", List.of("kubeProxyReplacement=true"), rounds.progress())) {
      var idle = starts(lab, 0, rounds);
      Tool.pause(3000);
      double before = AgentProcess.residentMemory(lab.agent(NODE).pid());
      rounds.progress().say("writing %,d services".formatted(SERVICES));
      populate(lab);
      awaitFrontends(lab, 2 * SERVICES);
      Tool.pause(3000);
      double after = AgentProcess.residentMemory(lab.agent(NODE).pid());
      var full = starts(lab, 2 * SERVICES, rounds);
      var wall = beyond(full, idle, Start::wall);
      var processor = beyond(full, idle, Start::processor);
      rows.add(
          Row.alone(
              what + "in the kernel from empty, beyond an agent's start",
              new Samples(wall, "s"),
              50,
              new Budget.AtMost(3, "s")));
      rows.add(
          Row.alone(
              "  the same, processor time", new Samples(processor, "s"), 50, new Budget.None()));
      changes(lab, what, rows);
      rows.add(
          Row.alone(
              what + "memory of the agent beyond idle",
              Samples.of(after - before, "MiB"),
              50,
              new Budget.AtMost(150, "MiB")));
    }
    return rows;
  }

  private static String clusterIp(int service) {
    return "10.96.%d.%d".formatted(16 + service / 250, 1 + service % 250);
  }

  private static String slice(int service, int backends) {
    var endpoints =
        IntStream.range(0, backends)
            .map(i -> service * BACKENDS + i)
            .mapToObj(i ->
                "{addresses: [10.%d.%d.%d], nodeName: node-2}"
                    .formatted(128 + i / 62500, i / 250 % 250, 1 + i % 250))
            .collect(Collectors.joining(", "));
    return """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: s%1$d-a, namespace: default, labels: {kubernetes.io/service-name: s%1$d}}
    addressType: IPv4
    ports: [{name: "", protocol: TCP, port: 8080}]
    endpoints: [%2$s]
    """
        .formatted(service, endpoints);
  }

  private static String service(int service) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: s%1$d, namespace: default}
    spec:
      type: ClusterIP
      clusterIP: %2$s
      clusterIPs: [%2$s]
      ipFamilies: [IPv4]
      ports: [{port: 80, protocol: TCP, targetPort: 8080}]
    """
        .formatted(service, clusterIp(service));
  }

  /** Straight into the store, in the form in which {@code lab apply} writes. */
  private static void populate(LabCluster lab) {
    try (var etcd = lab.store()) {
      for (int from = 0; from < SERVICES; from += PER_TRANSACTION) {
        var values = new HashMap<String, String>();
        for (int i = from; i < from + PER_TRANSACTION; i++) {
          values.put(RESOURCES + "services/default/s" + i, json(service(i)));
          values.put(sliceKey(i), json(slice(i, BACKENDS)));
        }
        etcd.putAll(values);
      }
    }
  }

  private static String sliceKey(int service) {
    return RESOURCES + "endpointslices.discovery.k8s.io/default/s" + service + "-a";
  }

  private static FrontendMap frontends(LabCluster lab) {
    return new FrontendMap(KernelMap.open(pins(lab).resolve(DatapathMap.FRONTENDS.pinName())));
  }

  private static Path pins(LabCluster lab) {
    return lab.pinDirectory().resolve("jilium").resolve(NODE).resolve("maps");
  }

  /** 0 while there is no table. */
  private static int count(LabCluster lab) {
    if (!Files.exists(pins(lab).resolve(DatapathMap.FRONTENDS.pinName()))) {
      return 0;
    }
    try (var map = frontends(lab)) {
      return map.entries().size();
    }
  }

  private static void awaitFrontends(LabCluster lab, int wanted) {
    var end = Instant.now().plus(DEADLINE);
    int count = count(lab);
    while (count < wanted) {
      if (Instant.now().isAfter(end)) {
        throw new BenchException("%d of %d addresses are in the kernel".formatted(count, wanted));
      }
      Tool.pause(50);
      count = count(lab);
    }
  }

  /** Seconds since an agent was started, and of processors that it took meanwhile. */
  private record Start(double wall, double processor) {}

  /**
   * Starts the agent anew with empty tables, and waits until it is ready and so many addresses are
   * in the kernel.
   */
  private static Start restart(LabCluster lab, int wanted) {
    lab.node("stop", NODE);
    try {
      for (var map :
          List.of(
              DatapathMap.FRONTENDS,
              DatapathMap.BACKENDS,
              DatapathMap.BACKEND_SLOTS,
              DatapathMap.MEMBERS)) {
        Files.deleteIfExists(pins(lab).resolve(map.pinName()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    lab.node("start", NODE);
    awaitFrontends(lab, wanted);
    var agent = lab.agent(NODE).info();
    var begin = agent.startInstant().orElseThrow();
    return new Start(
        Duration.between(begin, Instant.now()).toMillis() / 1000.0,
        agent.totalCpuDuration().orElseThrow().toMillis() / 1000.0);
  }

  /** The first ones may be those of an agent that records what later ones load. */
  private static List<Start> starts(LabCluster lab, int wanted, Rounds rounds) {
    var starts = new ArrayList<Start>();
    for (int round = 0; round < rounds.count(); round++) {
      starts.add(restart(lab, wanted));
      rounds
          .progress()
          .say(
              "%,d addresses in the kernel after %s"
                  .formatted(wanted, Samples.text(starts.getLast().wall(), "s")));
    }
    return starts;
  }

  /** What each start took longer than the fastest idle one. */
  private static List<Double> beyond(
      List<Start> starts, List<Start> idle, ToDoubleFunction<Start> figure) {
    double least = idle.stream().mapToDouble(figure).min().orElseThrow();
    return starts.stream().map(start -> Math.max(0, figure.applyAsDouble(start) - least)).toList();
  }

  /** From before a slice is written to the store until the kernel has another set of backends. */
  private static void changes(LabCluster lab, String what, List<Row> rows) {
    var samples = new ArrayList<Double>();
    var processor = processor(lab);
    try (var map = frontends(lab);
        var etcd = lab.store()) {
      for (int i = 0; i < CHANGES; i++) {
        int service = (i * 37) % SERVICES;
        var key = new FrontendKey(IpAddress.parse(clusterIp(service)), 80, TCP);
        int base = map.lookup(key).orElseThrow().inside().base();
        var changed = json(slice(service, BACKENDS - 1));
        long start = System.nanoTime();
        etcd.put(sliceKey(service), changed);
        while (map.lookup(key).orElseThrow().inside().base() == base) {
          if (System.nanoTime() - start > DEADLINE.toNanos()) {
            throw new BenchException("a change is not in the kernel after " + DEADLINE);
          }
          Thread.onSpinWait();
        }
        samples.add((System.nanoTime() - start) / 1e6);
        Tool.pause(20);
      }
    }
    rows.add(
        Row.alone(
            what + "one endpoint changed → live, p99",
            new Samples(samples, "ms"),
            99,
            new Budget.AtMost(20, "ms")));
    rows.add(Row.alone("  the same, p50", new Samples(samples, "ms"), 50, new Budget.None()));
    double spent = processor(lab).minus(processor).toNanos() / 1e6 / CHANGES;
    rows.add(
        Row.alone("  the same, processor time", Samples.of(spent, "ms"), 50, new Budget.None()));
  }

  private static Duration processor(LabCluster lab) {
    return lab.agent(NODE).info().totalCpuDuration().orElseThrow();
  }

  private static String json(String yaml) {
    Object resource = new Yaml().load(yaml);
    try {
      return JSON.writeValueAsString(resource);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
