// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.metrics;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Instant;

/**
 * The process and its virtual machine as metrics, under the names that every Prometheus client
 * uses.
 */
final class RuntimeMetrics {
  private RuntimeMetrics() {}

  static void add(Instant started, Families families) {
    ProcessFigures process = ProcessFigures.read();
    families.counter(
        "process_cpu_seconds", "User and system CPU time spent in seconds", process.cpuSeconds());
    families.gauge(
        "process_resident_memory_bytes", "Resident memory in bytes", process.residentBytes());
    families.gauge(
        "process_virtual_memory_bytes", "Virtual memory in bytes", process.virtualBytes());
    families.gauge("process_open_fds", "Open file descriptors", process.openDescriptors());
    families.gauge(
        "process_start_time_seconds",
        "Start of the process since 1970 in seconds",
        started.toEpochMilli() / 1e3);
    families.gauge("jvm_threads_current", "Threads of the operating system", process.threads());
    var memory = ManagementFactory.getMemoryMXBean();
    families
        .gauges("jvm_memory_used_bytes", "Memory in use, by area")
        .add(memory.getHeapMemoryUsage().getUsed(), "area", "heap")
        .add(memory.getNonHeapMemoryUsage().getUsed(), "area", "nonheap")
        .done();
    var count = families.counters("jvm_gc_collections", "Garbage collections");
    var seconds = families.counters("jvm_gc_collection_time_seconds", "Time spent collecting");
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      count.add(Math.max(0, collector.getCollectionCount()), "gc", collector.getName());
      seconds.add(Math.max(0, collector.getCollectionTime()) / 1e3, "gc", collector.getName());
    }
    count.done();
    seconds.done();
  }
}
