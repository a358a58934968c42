// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.agent.table.ControlLoop;
import io.jilium.core.service.Backend;
import io.jilium.core.service.Explanation;
import io.jilium.core.service.Frontend;
import io.jilium.core.service.PortAddress;
import io.jilium.datapath.DatapathMap;
import io.jilium.datapath.ServiceMaps;
import java.util.List;
import java.util.Map;

/** What other threads may see of services: the control thread answers, or did when it last ran. */
public final class ServiceView {
  private final ControlLoop control;
  private final NodeServices services;

  ServiceView(ControlLoop control, NodeServices services) {
    this.control = control;
    this.services = services;
  }

  /**
   * A frontend and what the kernel knows of it.
   *
   * @param id 0 while it is not in the kernel
   * @param listed all backends of its port, whatever their state
   * @param failure why it is not in the kernel as it shall be; empty if it is
   */
  public record Row(int id, Frontend frontend, List<Listed> listed, String failure) {}

  /** A backend, and the connections that it was given. */
  public record Listed(int id, Backend backend, long connections) {}

  /** What becomes of a connection, and what of the service could not be done. */
  public record Answer(Explanation explanation, List<String> problems) {}

  /** Entries of a table that are in use, and the most that it takes. */
  public record Use(DatapathMap map, int used, int capacity) {}

  /** How full the tables are. */
  public List<Use> uses() {
    return services.uses();
  }

  /** How often maps became larger while this agent ran; those that never did are not named. */
  public Map<DatapathMap, Integer> resizes() {
    return services.resizes();
  }

  /** All frontends, sorted by address. */
  public List<Row> rows() {
    return control.submit(services::rows).join();
  }

  /** What becomes of a connection. */
  public Answer explain(PortAddress asked, Asker asker) {
    return control.submit(() -> services.explain(asked, asker)).join();
  }

  /** What is in the kernel, for reading; the caller closes it. */
  public ServiceMaps open() {
    return control.submit(services::openMaps).join();
  }
}
