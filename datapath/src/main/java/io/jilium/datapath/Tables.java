// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.linux.ebpf.KernelMap;
import java.util.ArrayDeque;

/** Handles of all shared maps. */
record Tables(
    FlowMap flows,
    EndpointMap endpoints,
    IpcacheMap ipcache,
    DeviceMap devices,
    FragmentMap fragments,
    RuntimeMap runtime,
    ServiceChanges serviceChanges,
    MetricsMap metrics,
    Counters counters,
    KernelMap events)
    implements AutoCloseable {
  /** Opens handles of its own. */
  static Tables of(Programs programs) {
    var opened = new ArrayDeque<Runnable>();
    try {
      var flows = new FlowMap(programs.map(DatapathMap.FLOWS));
      opened.push(flows::close);
      var endpoints = new EndpointMap(programs.map(DatapathMap.ENDPOINTS));
      opened.push(endpoints::close);
      var ipcache = new IpcacheMap(programs.map(DatapathMap.IPCACHE));
      opened.push(ipcache::close);
      var devices = new DeviceMap(programs.map(DatapathMap.DEVICES));
      opened.push(devices::close);
      var fragments = new FragmentMap(programs.map(DatapathMap.FRAGMENTS));
      opened.push(fragments::close);
      var runtime = new RuntimeMap(programs.map(DatapathMap.RUNTIME));
      opened.push(runtime::close);
      var changes = new ServiceChanges(programs.map(DatapathMap.SERVICE_CHANGES));
      opened.push(changes::close);
      var metrics = new MetricsMap(programs.map(DatapathMap.METRICS));
      opened.push(metrics::close);
      var counters = new Counters(programs.map(DatapathMap.COUNTERS));
      opened.push(counters::close);
      var events = programs.map(DatapathMap.EVENTS);
      opened.clear();
      return new Tables(
          flows, endpoints, ipcache, devices, fragments, runtime, changes, metrics, counters,
          events);
    } finally {
      opened.forEach(Runnable::run);
    }
  }

  @Override
  public void close() {
    flows.close();
    endpoints.close();
    ipcache.close();
    devices.close();
    fragments.close();
    runtime.close();
    serviceChanges.close();
    metrics.close();
    counters.close();
    events.close();
  }
}
