// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How services are balanced.
 *
 * @param sockets {@code socketLB.enabled}, also true where kube-proxy is replaced
 * @param hostSocketsOnly {@code socketLB.hostNamespaceOnly}
 * @param mode {@code loadBalancer.mode}
 * @param dispatch {@code loadBalancer.dsrDispatch}
 * @param acceleration {@code loadBalancer.acceleration}
 * @param topology {@code loadBalancer.serviceTopology}
 * @param nodePortAddresses {@code nodePort.addresses}; empty means all addresses of a node
 * @param bindProtection {@code nodePort.bindProtection}
 * @param mapMax {@code bpf.lbMapMax}
 * @param mapLimit {@code jilium.lbMapLimit}
 * @param externalClusterIp {@code bpf.lbExternalClusterIP}
 * @param proxyName {@code k8s.serviceProxyName}
 * @param healthz {@code kubeProxyReplacementHealthzBindAddr}; empty where kube-proxy stays
 */
public record ServiceSettings(
    boolean sockets,
    boolean hostSocketsOnly,
    Selection algorithm,
    Mode mode,
    Dispatch dispatch,
    Acceleration acceleration,
    boolean topology,
    Maglev maglev,
    List<IpPrefix> nodePortAddresses,
    boolean bindProtection,
    NoBackend noBackend,
    int mapMax,
    int mapLimit,
    boolean externalClusterIp,
    String proxyName,
    Optional<Listen> healthz) {
  /** Sizes of Maglev tables that Cilium allows, all prime. */
  static final Set<Integer> MAGLEV_SIZES =
      Set.of(251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071);

  /** {@code loadBalancer.algorithm}. */
  public enum Selection {
    RANDOM("random"),
    MAGLEV("maglev");

    private final String text;

    Selection(String text) {
      this.text = text;
    }

    /** As written in settings. */
    public String text() {
      return text;
    }
  }

  /** {@code loadBalancer.mode}. */
  public enum Mode {
    SNAT("snat"),
    DSR("dsr"),
    HYBRID("hybrid");

    private final String text;

    Mode(String text) {
      this.text = text;
    }

    /** As written in settings. */
    public String text() {
      return text;
    }
  }

  /** {@code loadBalancer.dsrDispatch}. */
  public enum Dispatch {
    OPT("opt"),
    GENEVE("geneve"),
    IPIP("ipip");

    private final String text;

    Dispatch(String text) {
      this.text = text;
    }

    /** As written in settings. */
    public String text() {
      return text;
    }
  }

  /** {@code loadBalancer.acceleration}. */
  public enum Acceleration {
    DISABLED("disabled"),
    NATIVE("native"),
    BEST_EFFORT("best-effort"),
    TESTING_ONLY("testing-only");

    private final String text;

    Acceleration(String text) {
      this.text = text;
    }

    /** As written in settings. */
    public String text() {
      return text;
    }
  }

  /** {@code serviceNoBackendResponse}. */
  public enum NoBackend {
    REJECT("reject"),
    DROP("drop");

    private final String text;

    NoBackend(String text) {
      this.text = text;
    }

    /** As written in settings. */
    public String text() {
      return text;
    }
  }

  /** Where a server listens. */
  public record Listen(IpAddress address, int port) {
    @Override
    public String toString() {
      return (address.isV4() ? address.toString() : "[" + address + "]") + ":" + port;
    }
  }

  /** {@code maglev.*}. */
  public record Maglev(int tableSize, String hashSeed) {}

  static ServiceSettings of(Values v) {
    return new ServiceSettings(
        v.get(ServiceKeys.SOCKETS) || v.get(Keys.KUBE_PROXY_REPLACEMENT),
        v.get(ServiceKeys.HOST_SOCKETS),
        v.get(ServiceKeys.ALGORITHM),
        v.get(ServiceKeys.MODE),
        v.get(ServiceKeys.DISPATCH),
        v.get(ServiceKeys.ACCELERATION),
        v.get(ServiceKeys.TOPOLOGY),
        new Maglev(v.get(ServiceKeys.MAGLEV_SIZE), v.get(ServiceKeys.MAGLEV_SEED)),
        v.get(ServiceKeys.NODE_PORT_ADDRESSES),
        v.get(ServiceKeys.BIND_PROTECTION),
        v.get(ServiceKeys.NO_BACKEND),
        v.get(ServiceKeys.MAP_MAX),
        v.get(ServiceKeys.MAP_LIMIT),
        v.get(ServiceKeys.EXTERNAL_CLUSTER_IP),
        v.get(ServiceKeys.PROXY_NAME),
        v.get(Keys.KUBE_PROXY_REPLACEMENT) ? v.get(ServiceKeys.HEALTHZ) : Optional.empty());
  }
}
