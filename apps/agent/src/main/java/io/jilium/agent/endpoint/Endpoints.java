// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.PodName;
import java.util.List;
import java.util.Optional;

/** The endpoints of this node as other parts of the agent see them. */
public interface Endpoints {
  /** All endpoints by id, an immutable snapshot. */
  List<EndpointRow> list();

  Optional<EndpointRow> get(int id);

  /**
   * The source says that a pod, or its namespace's labels, changed: its endpoints may need another
   * identity.
   */
  void podChanged(PodName pod);

  /** Labels of a namespace changed. */
  void namespaceChanged(String namespace);

  /**
   * A device vanished from or came to the node (rtnetlink said so); the name decides whether it is
   * ours.
   */
  void deviceChanged(String deviceName);

  /** An id that no other endpoint has, for the host and the health endpoint. */
  int allocateId();

  /** Shows an endpoint that is no pod (host, health) in the lists, or its changed form. */
  void show(EndpointRow row);

  /** Takes an endpoint that is no pod out of the lists and gives its id back. */
  void hide(int id);
}
