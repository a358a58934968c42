// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.core.model.IpPrefix;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  @Test
  void defaultsAreThoseOfTheHelmChart() {
    Settings settings = Settings.defaults();
    assertThat(settings.cluster()).isEqualTo(new Settings.Cluster("default", 0));
    assertThat(settings.routing().isTunnel()).isTrue();
    assertThat(settings.routing().tunnelPort()).isEqualTo(8472);
    assertThat(settings.ipam().v4().cidrs()).containsExactly(IpPrefix.parse("10.0.0.0/8"));
    assertThat(settings.ipam().v4().maskSize()).isEqualTo(24);
    assertThat(settings.families()).isEqualTo(new Settings.Families(true, false));
    assertThat(settings.bpf().monitorInterval()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.health().port()).isEqualTo(9879);
    assertThat(settings.metrics()).isEqualTo(new Settings.Metrics(false, 9962));
  }

  @Test
  void setStringsWinOverYaml() {
    Map<String, Object> yaml =
        Map.of(
            "cluster", Map.of("name", "one", "id", 3),
            "ipv6", Map.of("enabled", true),
            "ipam",
                Map.of(
                    "operator",
                    Map.of("clusterPoolIPv4PodCIDRList", List.of("10.1.0.0/16", "10.2.0.0/16"))));
    Settings settings =
        Settings.of(yaml, List.of("cluster.name=two,MTU=9000", "devices={eth0, eth1}"));
    assertThat(settings.cluster()).isEqualTo(new Settings.Cluster("two", 3));
    assertThat(settings.families().v6()).isTrue();
    assertThat(settings.mtu()).isEqualTo(9000);
    assertThat(settings.devices()).containsExactly("eth0", "eth1");
    assertThat(settings.ipam().v4().cidrs()).hasSize(2);
  }

  @Test
  void oneCidrNeedsNoBraces() {
    assertThat(
            Settings.of(Map.of(), List.of("ipam.operator.clusterPoolIPv4PodCIDRList=10.244.0.0/16"))
                .ipam()
                .v4()
                .cidrs())
        .containsExactly(IpPrefix.parse("10.244.0.0/16"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "routingmode=native | there is no setting \"routingmode\"; did you mean \"routingMode\"?",
        "bpf.masqerade=true | there is no setting \"bpf.masqerade\"; did you mean \"bpf.masquerade\"?",
        "ipv4NativeRoutingCidr=10.0.0.0/8 | did you mean \"ipv4NativeRoutingCIDR\"?",
        "zzzzzzzz=1 | there is no setting \"zzzzzzzz\"",
        "cluster=x | cluster=x: cluster is a section, not a value",
        "MTU | \"MTU\" is not KEY=VALUE",
        "routingMode=vxlan | routingMode=vxlan: one of tunnel, native is expected",
        "tunnelProtocol=geneve | tunnelProtocol=geneve: Geneve is not built yet",
        "tunnelPort=70000 | tunnelPort=70000: a whole number from 0 to 65535 is expected",
        "ipv6.enabled=yes | ipv6.enabled=yes: true or false is expected",
        "bpf.monitorInterval=5 | bpf.monitorInterval=5: a duration such as 5s",
        "bpf.monitorFlags={syn,foo} | bpf.monitorFlags=syn,foo: \"foo\" is none of all",
        "ipv4NativeRoutingCIDR=fd00::/8 | fd00::/8 is IPv6, IPv4 is expected",
        "ipv4NativeRoutingCIDR=10.0.0.1/8 | the network is 10.0.0.0/8",
        "routingMode=native | routingMode=native with enableIPv4Masquerade=true needs ipv4NativeRoutingCIDR",
        "autoDirectNodeRoutes=true | autoDirectNodeRoutes=true contradicts routingMode=tunnel",
        "ipv4.enabled=false | ipv4.enabled=false and ipv6.enabled=false: pods need at least one",
        "MTU=600 | MTU=600 is too small: IPv4 with routingMode=tunnel needs at least 626",
        "MTU=1300,ipv6.enabled=true | MTU=1300 is too small: IPv6 with routingMode=tunnel needs at least 1330",
        "ipam.operator.clusterPoolIPv4PodCIDRList={10.0.0.0/8,10.1.0.0/16} | 10.0.0.0/8 overlaps 10.1.0.0/16",
        "ipam.operator.clusterPoolIPv4MaskSize=31 | clusterPoolIPv4MaskSize=31 is too long",
        "ipam.operator.clusterPoolIPv4PodCIDRList=10.0.0.0/25 | 10.0.0.0/25 is too small for one node of",
        "ipam.operator.clusterPoolIPv4PodCIDRList={} | at least one range is expected",
        "bpf.masquerade=false | bpf.masquerade=false: Jilium masquerades in eBPF only",
        "cluster.name=Foo_1 | cluster.name=Foo_1: 1 to 32 of a-z",
        "cluster.id=512 | cluster.id=512: a whole number from 0 to 511",
        "prometheus.enabled=true,prometheus.port=9879 | prometheus.port=9879 is taken by healthPort=9879",
        "jilium.natPortMin=60000,jilium.natPortMax=50000 | jilium.natPortMin=60000 is not below",
        "loadBalancer.mode=fast | loadBalancer.mode=fast: one of snat, dsr, hybrid is expected",
        "loadBalancer.mode=dsr,kubeProxyReplacement=true | loadBalancer.mode=dsr contradicts routingMode=tunnel: what names the service",
        "loadBalancer.mode=hybrid | loadBalancer.mode=hybrid needs kubeProxyReplacement=true",
        "loadBalancer.dsrDispatch=geneve | loadBalancer.dsrDispatch=geneve: it needs a Geneve tunnel, and only VXLAN is built",
        "loadBalancer.dsrDispatch=ipip,loadBalancer.mode=dsr,kubeProxyReplacement=true | loadBalancer.mode=dsr contradicts routingMode=tunnel: what names the service",
        "loadBalancer.acceleration=fast | loadBalancer.acceleration=fast: one of disabled, native, best-effort, testing-only is expected",
        "loadBalancer.acceleration=native | loadBalancer.acceleration=native needs kubeProxyReplacement=true",
        "loadBalancer.acceleration=best-effort,kubeProxyReplacement=true,bpf.hostLegacyRouting=true | loadBalancer.acceleration=best-effort contradicts bpf.hostLegacyRouting=true: what XDP",
        "jilium.encapsulation=kernel | one of auto, program, device is expected",
      })
  void refusesInOneSentenceThatNamesFieldAndValue(String set, String sentence) {
    assertThatThrownBy(() -> Settings.of(Map.of(), List.of(set)))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void namesEveryProblemAtOnce() {
    assertThatThrownBy(() -> Settings.of(Map.of("a", 1, "MTU", "x"), List.of("b=2")))
        .isInstanceOfSatisfying(SettingsException.class, e -> assertThat(e.problems()).hasSize(3));
  }

  @Test
  void describesEverySetting() {
    String text = Settings.of(Map.of(), List.of("MTU=1400", "devices={a,b}")).describe();
    assertThat(text)
        .contains("MTU=1400\n", "devices=a,b\n", "routingMode=tunnel\n", "bpf.monitorInterval=5s\n")
        .contains("operator.identityGCInterval=15m0s\n");
  }
}
