// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.ipcache;

/** Who says something of an address; earlier ones win (Cilium's order of sources). */
public enum ClaimSource {
  KUBE_APISERVER("kube-apiserver"),
  LOCAL("local"),
  KVSTORE("kvstore"),
  CUSTOM_RESOURCE("custom-resource"),
  KUBERNETES("k8s"),
  CLUSTERMESH("clustermesh"),
  DIRECTORY("directory"),
  API("agent-api"),
  GENERATED("generated"),
  RESTORED("restored");

  private final String text;

  ClaimSource(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }

  /** The source by the name that a store gives itself. */
  public static ClaimSource named(String text) {
    for (var source : values()) {
      if (source.text.equals(text)) {
        return source;
      }
    }
    return GENERATED;
  }
}
