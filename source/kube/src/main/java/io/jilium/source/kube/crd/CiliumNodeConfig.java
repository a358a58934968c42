// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import java.util.Map;

/**
 * Settings that some nodes have otherwise; of several for a node, the last by name wins. Agents
 * read it when they start.
 */
@Group("cilium.io")
@Version("v2")
@Plural("ciliumnodeconfigs")
@Definition(
    spec = "Settings, and the nodes that they are for.",
    required = {"spec"},
    description = "Settings for some of the nodes; of several that apply, the last by name wins.",
    alsoServed = "v2alpha1")
public class CiliumNodeConfig extends CustomResource<CiliumNodeConfig.Spec, Void>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  @Override
  protected Spec initSpec() {
    return new Spec(Map.of(), new LabelSelector(Map.of(), List.of()));
  }

  /**
   * Settings and the nodes that they are for.
   *
   * @param defaults keys and values as of the agents' ConfigMap
   * @param nodeSelector nodes by their labels; empty: all
   */
  public record Spec(
      @Required @JsonPropertyDescription("Keys and values as of the agents' ConfigMap.")
          Map<String, String> defaults,
      @Required @JsonPropertyDescription("The nodes by their labels; empty: all nodes.")
          LabelSelector nodeSelector) {

    /** Settings, missing ones taken as none. */
    public Spec {
      defaults = Absent.map(defaults);
    }
  }
}
