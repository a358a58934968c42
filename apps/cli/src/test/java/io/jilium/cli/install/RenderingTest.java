// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.cli.verb.VerbException;
import io.jilium.core.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the chart makes of values. */
final class RenderingTest {
  private static final Chart CHART = Chart.own();

  /** Rendered only where they differ from nothing, or where their mode is chosen. */
  private static final List<String> ALL =
      List.of(
          "k8sServiceHost=192.0.2.1,k8sServicePort=6443,devices={eth0}",
          "routingMode=native,ipv4NativeRoutingCIDR=10.0.0.0/8,ipv6NativeRoutingCIDR=fd00::/8",
          "nodePort.addresses={192.0.2.0/24},k8s.serviceProxyName=other",
          "ipv6.enabled=true");

  @Test
  void knowsEverySettingOfTheAgents() {
    var flags = new TreeSet<>(render(ALL.toArray(String[]::new)).settings().keySet());
    flags.removeAll(Settings.operatorFlags());
    assertThat(flags).containsExactlyInAnyOrderElementsOf(Settings.flagPaths().keySet());
  }

  @Test
  void tellsOperatorsWhatIsForThemAlone() {
    assertThat(render().settings())
        .containsEntry("unmanaged-pod-watcher-interval", "15")
        .containsEntry("pod-restart-selector", "k8s-app=kube-dns")
        .containsEntry("remove-cilium-node-taints", "true")
        .containsEntry("set-cilium-is-up-condition", "true")
        .doesNotContainKey("auto-create-cilium-pod-ip-pools");
    assertThat(
            render(
                    "operator.unmanagedPodWatcher.restart=false",
                    "ipam.mode=multi-pool",
                    "ipam.operator.autoCreateCiliumPodIPPools.default.ipv4.cidrs={10.10.0.0/16,10.11.0.0/16}",
                    "ipam.operator.autoCreateCiliumPodIPPools.default.ipv4.maskSize=27",
                    "ipam.operator.autoCreateCiliumPodIPPools.red.ipv6.cidrs={fd00::/104}",
                    "ipam.operator.autoCreateCiliumPodIPPools.red.ipv6.maskSize=120")
                .settings())
        .containsEntry("unmanaged-pod-watcher-interval", "0")
        .hasEntrySatisfying(
            "auto-create-cilium-pod-ip-pools",
            text ->
                assertThat(text.strip())
                    .isEqualTo(
                        "default=ipv4-cidrs:10.10.0.0/16,10.11.0.0/16;ipv4-mask-size:27;"
                            + " red=ipv6-cidrs:fd00::/104;ipv6-mask-size:120;"));
  }

  @Test
  void hasTheDefaultsOfTheAgents() {
    Map<String, String> paths = Settings.flagPaths();
    Map<String, String> defaults =
        Settings.defaults().entries().stream()
            .collect(Collectors.toMap(Settings.Entry::path, Settings.Entry::value));
    Settings rendered = Settings.of(List.of(render().settings()), Map.of(), List.of());
    rendered
        .entries()
        .forEach(entry ->
            assertThat(entry.value()).as(entry.path()).isEqualTo(defaults.get(entry.path())));
    assertThat(paths.values()).allSatisfy(path -> assertThat(defaults).containsKey(path));
  }

  @Test
  void everyValueIsInTheSchema() {
    var names = new TreeSet<String>();
    collect("", Trees.map(CHART.schema().orElseThrow()), names);
    assertThat(names).containsAll(Settings.flagPaths().values());
    assertThat(Schema.problems(CHART.schema().orElseThrow(), CHART.values())).isEmpty();
  }

  private static void collect(
      String prefix, Map<String, @Nullable Object> schema, Set<String> names) {
    if (schema.get("properties") instanceof Map<?, ?> properties) {
      Trees.map(properties)
          .forEach((name, inner) -> {
            names.add(prefix + name);
            collect(prefix + name + ".", Trees.map(inner), names);
          });
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          routingMod=native           ~ there is no value "routingMod"; did you mean "routingMode"?
          ipam.operater.x=1           ~ there is no value "ipam.operater"; did you mean "ipam.operator"?
          routingMode=tunel           ~ routingMode=tunel: one of tunnel, native is expected
          tunnelPort=99999            ~ tunnelPort=99999: at most 65535 is expected
          cluster.name=1              ~ cluster.name=1: text (--set-string keeps a number text) is expected
          jilium.leaseDuration=soon   ~ jilium.leaseDuration=soon: a duration such as 15m is expected
          devices=eth0                ~ devices=eth0: a list, such as {a,b}, is expected
          ipv4.enabled=yes            ~ ipv4.enabled=yes: true or false is expected
          """)
  void refusesWrongValues(String set, String message) {
    assertThatThrownBy(() -> render(set)).isInstanceOf(VerbException.class).hasMessage(message);
  }

  @Test
  void theAgentHasTheRightsOfAnAgentAndNoMore() {
    Map<String, @Nullable Object> agent = container(render(), "DaemonSet", "containers", 0);
    assertThat(Trees.text(agent, "securityContext", "privileged")).isEmpty();
    assertThat(Trees.text(agent, "securityContext", "capabilities", "drop")).isEqualTo("[ALL]");
    assertThat(Trees.text(agent, "securityContext", "readOnlyRootFilesystem")).isEqualTo("true");
    Rendering rendering = render();
    for (Map<String, @Nullable Object> role : objects(rendering, "ClusterRole"::equals)) {
      assertThat(String.valueOf(role.get("rules"))).doesNotContain("*").doesNotContain("secrets");
    }
  }

  @Test
  void theApiServerIsReachedWithoutItsService() {
    Rendering rendering = render("k8sServiceHost=192.0.2.1", "k8sServicePort=6443");
    for (String kind : List.of("DaemonSet", "Deployment")) {
      assertThat(String.valueOf(container(rendering, kind, "containers", 0).get("env")))
          .contains("{name=KUBERNETES_SERVICE_HOST, value=192.0.2.1}")
          .contains("{name=KUBERNETES_SERVICE_PORT, value=6443}");
    }
  }

  @Test
  void podsAreReplacedWhenSettingsChangeIfThatIsAskedFor() {
    String one = render("rollOutCiliumPods=true").manifest();
    String other = render("rollOutCiliumPods=true", "debug.enabled=true").manifest();
    assertThat(checksum(one)).isNotEmpty().isNotEqualTo(checksum(other));
    assertThat(checksum(render().manifest())).isEmpty();
  }

  private static List<String> checksum(String manifest) {
    return manifest.lines().filter(line -> line.contains("configmap-checksum")).toList();
  }

  @Test
  void whatCleansNodesIsMadeOfTheAgents() {
    Map<String, @Nullable Object> agents = objects(render(), "DaemonSet"::equals).getFirst();
    Map<String, @Nullable Object> cleaners = Cleaning.cleaners(agents);
    assertThat(Trees.text(cleaners, "metadata", "name")).isEqualTo("jilium-cleanup");
    Object clean = Trees.at(cleaners, "spec", "template", "spec", "initContainers").orElseThrow();
    assertThat(clean.toString())
        .contains("args=[--cleanup, --node=$(K8S_NODE_NAME), --bpffs=/sys/fs/bpf]")
        .contains("/host/opt/cni/bin, --remove]")
        .contains("/host/etc/sysctl.d, --remove]")
        .doesNotContain("Probe");
  }

  @Test
  void nothingIsPlacedInSysctlDOfNodesWhereThatIsSwitchedOff() {
    assertThat(render().manifest()).contains("path: /etc/sysctl.d", "place-sysctl-settings");
    var off = render("sysctlfix.enabled=false");
    assertThat(off.manifest()).doesNotContain("sysctl");
    Map<String, @Nullable Object> agents = objects(off, "DaemonSet"::equals).getFirst();
    assertThat(Cleaning.cleaners(agents).toString()).doesNotContain("sysctl");
  }

  private static Rendering render(String... sets) {
    var values = new LinkedHashMap<String, @Nullable Object>();
    for (String set : sets) {
      SetStrings.apply(values, set, SetStrings.TYPED);
    }
    if (values.containsKey("k8sServicePort")) {
      values.put("k8sServicePort", String.valueOf(values.get("k8sServicePort")));
    }
    return Rendering.of(CHART, values, new Rendering.Release("jilium", "kube-system", 1), "1.35.4");
  }

  private static List<Map<String, @Nullable Object>> objects(
      Rendering rendering, Predicate<String> kind) {
    return rendering.objects().stream()
        .filter(object -> kind.test(Trees.text(object, "kind")))
        .toList();
  }

  private static Map<String, @Nullable Object> container(
      Rendering rendering, String kind, String list, int index) {
    Map<String, @Nullable Object> object = objects(rendering, kind::equals).getFirst();
    Object containers = Trees.at(object, "spec", "template", "spec", list).orElseThrow();
    return Trees.map(((List<?>) containers).get(index));
  }
}
