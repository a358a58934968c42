// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A Kubernetes service, as far as it says where traffic goes.
 *
 * @param clusterIps one per family; none when the service is headless or an ExternalName
 * @param selector of its pods; empty when somebody else fills its endpoint slices
 * @param annotations those that begin with {@code service.cilium.io/}
 * @param created milliseconds since 1970, 0 when not known: of two that want the same address and
 *     port the older one gets it
 */
public record Service(
    ServiceName id,
    Type type,
    List<IpAddress> clusterIps,
    List<ServicePort> ports,
    Exposure exposure,
    Traffic traffic,
    Map<String, String> selector,
    Marks marks,
    Map<String, String> annotations,
    long created) {
  private static final String ANNOTATIONS = "service.cilium.io/";

  /** Copies, and keeps of the annotations those that are ours. */
  public Service {
    clusterIps = List.copyOf(clusterIps);
    ports = List.copyOf(ports);
    selector = Map.copyOf(selector);
    annotations =
        annotations.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(ANNOTATIONS))
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** Kubernetes' types of services. */
  public enum Type {
    CLUSTER_IP("ClusterIP"),
    NODE_PORT("NodePort"),
    LOAD_BALANCER("LoadBalancer"),
    EXTERNAL_NAME("ExternalName");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    /** The type with this name; Kubernetes' default is ClusterIP. */
    public static Optional<Type> named(String text) {
      return text.isEmpty()
          ? Optional.of(CLUSTER_IP)
          : Arrays.stream(values()).filter(type -> type.text.equals(text)).findFirst();
    }

    /** As Kubernetes writes it. */
    public String text() {
      return text;
    }
  }

  /**
   * Addresses beside those of the cluster and the nodes.
   *
   * @param loadBalancerIps of the status, those that the load balancer delivers unchanged (ipMode
   *     VIP)
   * @param sourceRanges who may use them; empty means everybody
   * @param healthCheckNodePort 0 when there is none
   */
  public record Exposure(
      List<IpAddress> externalIps,
      List<IpAddress> loadBalancerIps,
      List<IpPrefix> sourceRanges,
      int healthCheckNodePort) {
    /** Nothing. */
    public static final Exposure NONE = new Exposure(List.of(), List.of(), List.of(), 0);

    /** Copies. */
    public Exposure {
      externalIps = List.copyOf(externalIps);
      loadBalancerIps = List.copyOf(loadBalancerIps);
      sourceRanges = List.copyOf(sourceRanges);
    }
  }

  /**
   * Which endpoint gets a connection.
   *
   * @param affinitySeconds how long a client keeps its endpoint; 0: no affinity
   * @param publishNotReady endpoints count as ready from the start
   * @param distribution {@code trafficDistribution}, empty when not set; the slices' hints follow
   *     it
   */
  public record Traffic(
      TrafficPolicy internal,
      TrafficPolicy external,
      int affinitySeconds,
      boolean publishNotReady,
      String distribution) {
    /** Any ready endpoint. */
    public static final Traffic DEFAULT =
        new Traffic(TrafficPolicy.CLUSTER, TrafficPolicy.CLUSTER, 0, false, "");
  }

  /**
   * Labels by which a service is left to others.
   *
   * @param proxyName {@code service.kubernetes.io/service-proxy-name}, empty when not set
   * @param headless {@code service.kubernetes.io/headless} is set
   */
  public record Marks(String proxyName, boolean headless) {
    /** No such label. */
    public static final Marks NONE = new Marks("", false);

    /** From all labels of the service. */
    public static Marks of(Map<String, String> labels) {
      return new Marks(
          labels.getOrDefault("service.kubernetes.io/service-proxy-name", ""),
          labels.containsKey("service.kubernetes.io/headless"));
    }
  }

  /** The address of the family, none for a service that has not this family. */
  public Optional<IpAddress> clusterIp(boolean v4) {
    return clusterIps.stream().filter(address -> address.isV4() == v4).findFirst();
  }
}
