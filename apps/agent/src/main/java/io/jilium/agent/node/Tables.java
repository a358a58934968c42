// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.table.Table;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.Namespace;
import io.jilium.core.model.Node;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.Pod;
import io.jilium.core.model.PodName;
import io.jilium.core.model.PolicyObject;

/**
 * What the sources and the endpoints of this node say. Changed on the control thread only;
 * snapshots are for everybody.
 *
 * @param nodes by {@link Node#fullName}, the own node included
 * @param endpoints of this node by id, the host and health endpoints included
 * @param addresses of the whole cluster as the source reports them
 * @param policies of the whole cluster, and what they refer to
 */
public record Tables(
    Table<String, Node> nodes,
    Table<Integer, Endpoint> endpoints,
    Table<IpAddress, IpMapping> addresses,
    Table<NumericIdentity, Identity> identities,
    Table<PodName, Pod> pods,
    Table<String, Namespace> namespaces,
    Table<PolicyObject.Id, PolicyObject> policies) {
  public static Tables empty() {
    return new Tables(
        new Table<>("nodes"),
        new Table<>("endpoints"),
        new Table<>("addresses"),
        new Table<>("identities"),
        new Table<>("pods"),
        new Table<>("namespaces"),
        new Table<>("policies"));
  }
}
