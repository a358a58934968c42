// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelsTest {
  @ParameterizedTest(name = "{0} is source {1}, key {2}, value {3}")
  @CsvSource({
    "k8s:app=web, k8s, app, web",
    "app=web, unspec, app, web",
    "reserved:host, reserved, host, ''",
    "k8s:url=http://x, k8s, url, http://x",
    "any:a.b/c, any, a.b/c, ''",
  })
  void parsesALabel(String text, String source, String key, String value) {
    assertThat(Label.parse(text)).isEqualTo(new Label(source, key, value));
  }

  @Test
  void writesTheIdentityKeyAsCiliumDoes() {
    Labels labels =
        Labels.of(
            Label.k8s("name", "x"),
            Label.k8s("io.kubernetes.pod.namespace", "default"),
            Label.reserved("init"));
    assertThat(labels.identityKey())
        .isEqualTo("reserved:init=;k8s:io.kubernetes.pod.namespace=default;k8s:name=x;");
    assertThat(Labels.parseIdentityKey(labels.identityKey())).isEqualTo(labels);
  }

  @Test
  void keepsOneObjectPerValue() {
    var interner = new Labels.Interner();
    Labels first = interner.intern(Labels.k8s(Map.of("a", "b")));
    assertThat(interner.intern(Labels.k8s(Map.of("a", "b")))).isSameAs(first);
  }

  @Test
  void keepsTheLastOfSeveralLabelsWithOneKey() {
    assertThat(Labels.parse(List.of("k8s:a=1", "k8s:a=2")).texts()).containsExactly("k8s:a=2");
  }

  @ParameterizedTest(name = "{0} counts for the identity: {1}")
  @CsvSource({
    "k8s:app=web, true",
    "reserved:host, true",
    "k8s:io.kubernetes.pod.namespace=default, true",
    "k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=default, true",
    "k8s:app.kubernetes.io/name=web, true",
    "k8s:io.cilium.k8s.policy.serviceaccount=default, true",
    "k8s:io.kubernetes.container.name=x, false",
    "k8s:kubernetes.io/hostname=x, false",
    "k8s:statefulset.kubernetes.io/pod-name=x-0, false",
    "k8s:pod-template-hash=abc, false",
    "k8s:controller-revision-hash=abc, false",
    "k8s:topology.kubernetes.io/zone=a, false",
    "k8s:failure-domain.beta.kubernetes.io/zone=a, false",
    "k8s:my-pod-template-hash=abc, true",
    "k8s:controller-uid=1, false",
  })
  void choosesIdentityLabelsAsCiliumDoes(String label, boolean relevant) {
    assertThat(SecurityLabels.DEFAULT.isRelevant(Label.parse(label))).isEqualTo(relevant);
  }

  @Test
  void makesTheIdentityLabelsOfAPod() {
    var pod =
        new Pod(
            new PodName("shop", "web-0"),
            "node-1",
            "",
            Map.of("app", "web", "pod-template-hash", "abc"),
            Map.of(),
            List.of(),
            false,
            List.of());
    assertThat(SecurityLabels.DEFAULT.ofPod(pod, Map.of("team", "a"), "default").texts())
        .containsExactly(
            "k8s:app=web",
            "k8s:io.cilium.k8s.namespace.labels.team=a",
            "k8s:io.cilium.k8s.policy.cluster=default",
            "k8s:io.cilium.k8s.policy.serviceaccount=default",
            "k8s:io.kubernetes.pod.namespace=shop");
  }
}
