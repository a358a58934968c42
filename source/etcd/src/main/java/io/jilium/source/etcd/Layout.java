// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.PolicyObject;
import java.util.OptionalInt;

/**
 * Where things stand in etcd: Cilium's keys, and Kubernetes-shaped resources under a prefix of our
 * own.
 */
public final class Layout {
  /** Nodes of all clusters. */
  public static final String NODES = "cilium/state/nodes/v1/";

  /** Addresses of all clusters. */
  public static final String ADDRESSES = "cilium/state/ip/v1/";

  /** Identities by number; the value is the labels. */
  public static final String IDENTITIES = "cilium/state/identities/v1/id/";

  /** Who uses an identity: labels, then node; bound to the node's lease. */
  public static final String IDENTITY_USERS = "cilium/state/identities/v1/value/";

  /**
   * Numbers by labels. Cilium guards allocation by a lock instead; here the labels' own key makes
   * two identities for the same labels impossible in one transaction.
   */
  public static final String IDENTITY_NUMBERS = "jilium/identities/v1/";

  /** All resources: plural.group, namespace or {@code _}, name. */
  public static final String RESOURCES = "jilium/resources/";

  /** Cilium's view of nodes. */
  public static final String CILIUM_NODES = RESOURCES + "ciliumnodes.cilium.io/_/";

  /** Kubernetes' nodes. */
  public static final String KUBERNETES_NODES = RESOURCES + "nodes/_/";

  /** Pods of all namespaces. */
  public static final String PODS = RESOURCES + "pods/";

  /** Namespaces. */
  public static final String NAMESPACES = RESOURCES + "namespaces/_/";

  /** Services of all namespaces. */
  public static final String SERVICES = RESOURCES + "services/";

  /** Endpoint slices of all namespaces. */
  public static final String ENDPOINT_SLICES = RESOURCES + "endpointslices.discovery.k8s.io/";

  /** Held by the operator that leads. */
  public static final String OPERATOR_LEADER = "jilium/leader/operator";

  private Layout() {}

  static String node(String cluster, String name) {
    return NODES + cluster + "/" + name;
  }

  static String address(String cluster, IpAddress address) {
    return ADDRESSES + cluster + "/" + address;
  }

  /** Policies, and what they refer to, by kind. */
  static String policies(PolicyObject.Kind kind) {
    return RESOURCES
        + switch (kind) {
          case NETWORK_POLICY -> "networkpolicies.networking.k8s.io/";
          case CLUSTER_NETWORK_POLICY -> "clusternetworkpolicies.policy.networking.k8s.io/_/";
          case CILIUM_NETWORK_POLICY -> "ciliumnetworkpolicies.cilium.io/";
          case CILIUM_CLUSTERWIDE_NETWORK_POLICY -> "ciliumclusterwidenetworkpolicies.cilium.io/_/";
          case CIDR_GROUP -> "ciliumcidrgroups.cilium.io/_/";
        };
  }

  /** The key of an identity's labels. */
  public static String identity(int id) {
    return IDENTITIES + id;
  }

  /** The prefix of the users of the labels. */
  public static String usersOf(String labelsKey) {
    return IDENTITY_USERS + labelsKey + "/";
  }

  static String user(String labelsKey, String node) {
    return usersOf(labelsKey) + node;
  }

  static String number(String labelsKey) {
    return IDENTITY_NUMBERS + labelsKey;
  }

  /** The number in a key below {@link #IDENTITIES}. */
  public static OptionalInt identityOf(String key) {
    try {
      return OptionalInt.of(Integer.parseInt(key.substring(IDENTITIES.length())));
    } catch (NumberFormatException _) {
      return OptionalInt.empty();
    }
  }

  /** What stands behind the last slash. */
  static String lastPart(String key) {
    return key.substring(key.lastIndexOf('/') + 1);
  }

  /** What stands between the last two slashes. */
  static String partBeforeLast(String key) {
    String front = key.substring(0, key.lastIndexOf('/'));
    return front.substring(front.lastIndexOf('/') + 1);
  }
}
