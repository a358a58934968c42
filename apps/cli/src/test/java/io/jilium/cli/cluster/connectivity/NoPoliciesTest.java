// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.jilium.cli.cluster.PodShell;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class NoPoliciesTest {
  private static final Peer CLIENT =
      new Peer("jilium-test", "client-1", "a", List.of("10.0.0.1", "fd00::1"));
  private static final Peer CLIENT2 =
      new Peer("jilium-test", "client2-1", "a", List.of("10.0.0.2"));
  private static final Peer SAME =
      new Peer("jilium-test", "echo-same-node-1", "a", List.of("10.0.0.3"));
  private static final Peer OTHER =
      new Peer("jilium-test", "echo-other-node-1", "b", List.of("10.0.1.3", "fd00:1::3"));
  private static final Peer HOST =
      new Peer("jilium-test", "host-netns-1", "a", List.of("192.0.2.1"));

  private static List<Scenario> scenarios(Peer... echoes) {
    var services =
        List.of(echoes).stream()
            .map(echo -> new TestBed.EchoService("echo", List.of("10.96.0.9"), 30123, echo))
            .toList();
    var bed =
        new TestBed(
            List.of(CLIENT, CLIENT2),
            List.of(echoes),
            List.of(HOST),
            Map.of("a", List.of("192.0.2.1"), "b", List.of("192.0.2.2", "2001:db8::2")),
            services,
            "https://example.org/",
            true);
    try (var client = new KubernetesClientBuilder().build()) {
      return NoPolicies.of(bed, new Probe(new PodShell(client), Duration.ofSeconds(1)));
    }
  }

  private static List<String> what(String scenario, Peer... echoes) {
    return scenarios(echoes).stream()
        .filter(s -> s.name().equals(scenario))
        .flatMap(s -> s.actions().stream())
        .map(action -> action.name() + ": " + action.what())
        .toList();
  }

  @Test
  void everyClientAsksEveryServerByEveryAddress() {
    assertThat(what("pod-to-pod", SAME, OTHER))
        .containsExactly(
            "curl-ipv4-0: jilium-test/client-1 (10.0.0.1) -> jilium-test/echo-same-node-1 (10.0.0.3:8080)",
            "curl-ipv4-1: jilium-test/client-1 (10.0.0.1) -> jilium-test/echo-other-node-1 (10.0.1.3:8080)",
            "curl-ipv6-2: jilium-test/client-1 (10.0.0.1) -> jilium-test/echo-other-node-1 ([fd00:1::3]:8080)",
            "curl-ipv4-3: jilium-test/client2-1 (10.0.0.2) -> jilium-test/echo-same-node-1 (10.0.0.3:8080)",
            "curl-ipv4-4: jilium-test/client2-1 (10.0.0.2) -> jilium-test/echo-other-node-1 (10.0.1.3:8080)",
            "curl-ipv6-5: jilium-test/client2-1 (10.0.0.2) -> jilium-test/echo-other-node-1 ([fd00:1::3]:8080)");
  }

  @Test
  void servicesAreAskedByAddressByNameAndOnEveryNode() {
    assertThat(what("pod-to-service", OTHER))
        .contains(
            "curl-ipv4-0: jilium-test/client-1 (10.0.0.1) -> jilium-test/echo-other-node-1 (10.96.0.9:8080)",
            "curl-name-1: jilium-test/client-1 (10.0.0.1) -> jilium-test/echo-other-node-1 (echo.jilium-test:8080)");
    assertThat(what("pod-to-nodeport", OTHER))
        .containsExactly(
            "curl-ipv4-0: jilium-test/client-1 (10.0.0.1) -> jilium-test/echo-other-node-1 (192.0.2.1:30123)",
            "curl-ipv4-1: jilium-test/client-1 (10.0.0.1) -> jilium-test/echo-other-node-1 (192.0.2.2:30123)");
    assertThat(what("pod-to-hostport", OTHER))
        .hasSize(2)
        .first()
        .asString()
        .contains("192.0.2.2:4000");
  }

  @Test
  void nodesArePingedByTheFamiliesThatThePodHas() {
    assertThat(what("pod-to-host", OTHER))
        .containsExactly(
            "ping-ipv4-0: jilium-test/client-1 (10.0.0.1) -> a (192.0.2.1)",
            "ping-ipv4-1: jilium-test/client-1 (10.0.0.1) -> b (192.0.2.2)",
            "ping-ipv6-2: jilium-test/client-1 (10.0.0.1) -> b (2001:db8::2)",
            "ping-ipv4-3: jilium-test/client2-1 (10.0.0.2) -> a (192.0.2.1)",
            "ping-ipv4-4: jilium-test/client2-1 (10.0.0.2) -> b (192.0.2.2)");
  }

  @Test
  void oneNodeHasNothingToTryBetweenNodes() {
    assertThat(what("pod-to-pod", SAME)).hasSize(2).noneMatch(text -> text.contains("other-node"));
  }

  @Test
  void manifestsAreWhatKubernetesReads() {
    var manifests =
        new Manifests(
            new Artifacts.Wanted("jilium-test", "server:1", "client:1", "https://x/", false));
    var yaml = new KubernetesSerialization();
    assertThat(yaml.unmarshal(manifests.namespace(), Namespace.class).getMetadata().getName())
        .isEqualTo("jilium-test");
    String[] echo = manifests.echo("echo-same-node", "a").split("---\n", -1);
    var deployment = yaml.unmarshal(echo[0], Deployment.class);
    var container = deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
    assertThat(container.getImage()).isEqualTo("server:1");
    assertThat(container.getPorts().getFirst().getHostPort()).isEqualTo(NoPolicies.HOST_PORT);
    assertThat(container.getCommand().getLast()).contains("/tmp/www/hostname");
    assertThat(yaml.unmarshal(manifests.client("client", "a"), Deployment.class).getSpec())
        .extracting(spec -> spec.getTemplate().getSpec().getNodeSelector())
        .isEqualTo(Map.of("kubernetes.io/hostname", "a"));
    assertThat(
            yaml.unmarshal(manifests.hostNetns(), DaemonSet.class)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getHostNetwork())
        .isTrue();
  }
}
