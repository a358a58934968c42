// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.cli.FakeAgent;
import io.jilium.test.kube.kit.ApiServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart and its releases are the same to us and to the real Helm. */
@Tag("kube")
final class HelmTest {
  private static final String CHART = "../../deploy/chart/jilium";
  private static final String KUBERNETES = "1.35.4";

  @SuppressWarnings("NullAway.Init") // JUnit calls start first
  private static Helm helm;

  @TempDir private Path directory = Path.of("");

  @BeforeAll
  static void start() {
    helm = Helm.assumed();
  }

  @Test
  void findsNothingWrongWithTheChart() {
    helm.run("lint", CHART);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "routingMode=native,ipv4NativeRoutingCIDR=10.244.0.0/16,autoDirectNodeRoutes=true,ipv6.enabled=true",
        "k8sServiceHost=192.0.2.1,ipam.mode=kubernetes,devices={eth0,eth1+},rollOutCiliumPods=true",
        "prometheus.enabled=true,prometheus.serviceMonitor.enabled=true,prometheus.serviceMonitor.labels.a=b,"
            + "operator.prometheus.serviceMonitor.enabled=true,operator.podDisruptionBudget.enabled=true",
        "bpf.natMax=16777216,bpf.mapDynamicSizeRatio=0.5,jilium.ipcacheMax=1000000,cleanState=true",
        "resources.limits.memory=1Gi,extraEnv[0].name=A,extraEnv[0].value=b:c,extraArgs={--x},"
            + "podAnnotations.note=it's: \"so\",nodeSelector.yes=no,extraConfig.enable-srv6=false",
        "operator.enabled=false,serviceAccounts.cilium.create=false,securityContext.privileged=true,image.digest=sha256:0",
        "commonLabels.team=net,tolerations=null,affinity=null,imagePullSecrets[0].name=s,priorityClassName=p"
      })
  void rendersTheSame(String set) {
    var arguments =
        new ArrayList<>(
            List.of(
                "template", "jilium", CHART, "-n", "kube-system", "--kube-version", KUBERNETES));
    var values = new LinkedHashMap<String, @Nullable Object>();
    if (!set.isEmpty()) {
      arguments.addAll(List.of("--set", set));
      SetStrings.apply(values, set, SetStrings.TYPED);
    }
    List<Map<String, @Nullable Object>> theirs =
        Trees.maps(helm.run(arguments.toArray(String[]::new)));
    List<Map<String, @Nullable Object>> ours =
        Rendering.of(
                Chart.own(), values, new Rendering.Release("jilium", "kube-system", 1), KUBERNETES)
            .objects();
    assertThat(ours.stream().map(Objects.Id::of).toList())
        .isEqualTo(theirs.stream().map(Objects.Id::of).toList());
    for (int i = 0; i < ours.size(); i++) {
      assertThat(withoutChecksum(ours.get(i)))
          .as("%s with %s", Objects.Id.of(ours.get(i)), set)
          .isEqualTo(withoutChecksum(theirs.get(i)));
    }
  }

  /** Of text that may differ in blanks; it must be there in both. */
  private static String withoutChecksum(Map<String, @Nullable Object> object) {
    return object.toString().replaceAll("configmap-checksum=[0-9a-f]{64}", "configmap-checksum");
  }

  @ParameterizedTest
  @ValueSource(strings = {"routingMode=x", "nosuch=1", "tunnelPort=99999", "cluster.name=1"})
  void refusesTheSameValues(String set) {
    assertThat(
            helm.accepts("template", "jilium", CHART, "--kube-version", KUBERNETES, "--set", set))
        .isFalse();
  }

  @Test
  void readsAndContinuesOurReleases() {
    try (var api = ApiServer.start(directory.resolve("api"))) {
      jilium(api, "install", "--set", "prometheus.enabled=true");
      assertThat(helm(api, "list", "-q")).isEqualTo("jilium\n");
      assertThat(helm(api, "get", "values", "jilium"))
          .contains("prometheus:\n  enabled: true")
          .as("there is no kube-proxy")
          .contains("kubeProxyReplacement: true");
      assertThat(services(api)).contains("jilium-agent").contains("jilium-operator");
      jilium(api, "upgrade", "--reuse-values", "--set", "prometheus.enabled=false");
      assertThat(services(api)).doesNotContain("jilium-agent").contains("jilium-operator");
      jilium(api, "rollback");
      assertThat(services(api)).contains("jilium-agent");
      helm(api, "upgrade", "jilium", CHART, "--reuse-values", "--set", "operator.replicas=3");
      assertThat(helm(api, "history", "jilium"))
          .contains("Install complete")
          .contains("Rollback to 1")
          .containsPattern("4 .*deployed");
      jilium(api, "upgrade");
      assertThat(
              api.kubectl(
                  "get",
                  "deployment",
                  "-n",
                  "kube-system",
                  "jilium-operator",
                  "-o",
                  "jsonpath={.spec.replicas}"))
          .isEqualTo("3");
      jilium(api, "config", "set", "debug", "true");
      assertThat(jilium(api, "config", "view")).containsPattern("(?m)^debug +true$");
      jilium(api, "uninstall", "--no-cleanup");
      assertThat(helm(api, "list", "-q", "-a")).isEmpty();
      assertThat(api.kubectl("get", "all,configmap,serviceaccount,role,lease", "-n", "kube-system"))
          .doesNotContain("jilium");
    }
  }

  private static String services(ApiServer api) {
    return api.kubectl("get", "service", "-n", "kube-system", "-o", "name");
  }

  private static String jilium(ApiServer api, String... arguments) {
    var words = new ArrayList<>(List.of(arguments));
    words.addAll(List.of("--kubeconfig", api.kubeconfig().toString()));
    var outcome = FakeAgent.runAlone(words.toArray(String[]::new));
    assertThat(outcome.code()).as("%s: %s", words, outcome.err()).isZero();
    return outcome.out();
  }

  private static String helm(ApiServer api, String... arguments) {
    var words = new ArrayList<>(List.of(arguments));
    words.addAll(List.of("-n", "kube-system", "--kubeconfig", api.kubeconfig().toString()));
    return helm.run(words.toArray(String[]::new));
  }
}
