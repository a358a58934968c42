// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import io.jilium.source.kube.crd.LabelSelector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settings that CiliumNodeConfigs give to one node: all whose selector fits the labels of the
 * Kubernetes Node, in the order of their names, a later one over an earlier one.
 */
public final class NodeConfigs {
  private static final Logger LOG = LoggerFactory.getLogger(NodeConfigs.class);
  private static final String DEFAULT_NAMESPACE = "kube-system";

  private NodeConfigs() {}

  /**
   * Flags and their values; none while the kind is not installed.
   *
   * @throws KubeException when the API server does not answer or does not allow it
   */
  public static Map<String, String> read(KubeApi api, String node) {
    return read(api, node, namespace());
  }

  static Map<String, String> read(KubeApi api, String node, String namespace) {
    var configs = new ArrayList<JsonNode>();
    try {
      api.get(Resource.CILIUM_NODE_CONFIGS.pathIn(namespace)).path("items").forEach(configs::add);
    } catch (KubeException e) {
      if (!e.isNotFound()) {
        throw e;
      }
    }
    if (configs.isEmpty()) {
      return Map.of();
    }
    var labels = Json.labels(api.get(Resource.NODES.path(node)));
    configs.sort(Comparator.comparing(Json::name));
    var flags = new TreeMap<String, String>();
    for (var config : configs) {
      var spec = config.path("spec");
      if (selector(spec.path("nodeSelector")).matches(labels)) {
        var defaults = Json.texts(spec.path("defaults"));
        LOG.info("CiliumNodeConfig {} is for this node: {}", Json.name(config), defaults);
        flags.putAll(defaults);
      }
    }
    return flags;
  }

  static LabelSelector selector(JsonNode tree) {
    try {
      return tree.isObject()
          ? KubeApi.JSON
              .readerFor(LabelSelector.class)
              .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
              .readValue(tree)
          : new LabelSelector(Map.of(), List.of());
    } catch (IOException e) {
      throw new IllegalArgumentException("a selector cannot be read: " + e.getMessage(), e);
    }
  }

  /** Where this process runs: its pod's namespace. */
  private static String namespace() {
    try {
      return Files.readString(Path.of(KubeAccess.SERVICE_ACCOUNT.toString(), "namespace")).strip();
    } catch (IOException _) {
      return DEFAULT_NAMESPACE; // no pod: started by hand
    }
  }
}
