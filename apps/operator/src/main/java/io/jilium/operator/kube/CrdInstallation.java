// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.source.kube.KubeApi;
import io.jilium.source.kube.KubeException;
import io.jilium.source.kube.Resource;
import io.jilium.source.kube.crd.Crds;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs the kinds of group cilium.io. Definitions of an older schema are brought up to date;
 * those of a newer one stay as they are: somebody newer installed them.
 */
final class CrdInstallation {
  private static final Logger LOG = LoggerFactory.getLogger(CrdInstallation.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int TRIES = 120;

  private final KubeApi api;
  private final Term term;

  CrdInstallation(KubeApi api, Term term) {
    this.api = api.as(Writer.FIELD_MANAGER);
    this.term = term;
  }

  /**
   * Returns when all kinds are served.
   *
   * @throws KubeException when the API server refuses or does not answer
   */
  void install() {
    List<ObjectNode> definitions =
        Crds.definitions().stream()
            .map(crd -> KubeApi.JSON.convertValue(crd, ObjectNode.class))
            .toList();
    definitions.forEach(this::install);
    definitions.forEach(crd -> await(Rows.name(crd)));
  }

  private void install(ObjectNode wanted) {
    String name = Rows.name(wanted);
    term.check();
    JsonNode there;
    try {
      there = api.get(Resource.DEFINITIONS.path(name));
    } catch (KubeException e) {
      if (!e.isNotFound()) {
        throw e;
      }
      var _ = api.create(Resource.DEFINITIONS.path(), wanted);
      LOG.info("{} is installed", name);
      return;
    }
    String version = version(there);
    int order = compare(version, Crds.SCHEMA_VERSION);
    if (order > 0) {
      LOG.info(
          "{} has schema {}, newer than {}: it is left alone", name, version, Crds.SCHEMA_VERSION);
    } else if (order < 0) {
      ObjectNode update = wanted.deepCopy();
      update.withObject("metadata").put("resourceVersion", Rows.version(there));
      var _ = api.replace(Resource.DEFINITIONS.path(name), update, PATIENCE);
      LOG.info(
          "{} is brought from schema {} to {}",
          name,
          version.isEmpty() ? "without version" : version,
          Crds.SCHEMA_VERSION);
    }
  }

  private static String version(JsonNode crd) {
    return crd.path("metadata").path("labels").path(Crds.SCHEMA_VERSION_LABEL).asText("");
  }

  /** Dotted numbers; what is none is older than any. */
  static int compare(String one, String other) {
    return Arrays.compare(numbers(one), numbers(other));
  }

  private static int[] numbers(String version) {
    return version.matches("\\d{1,6}(\\.\\d{1,6})*")
        ? Arrays.stream(version.split("\\.")).mapToInt(Integer::parseInt).toArray()
        : new int[0];
  }

  private void await(String name) {
    for (int i = 0; i < TRIES; i++) {
      term.check();
      if (Rows.hasCondition(api.get(Resource.DEFINITIONS.path(name)), "Established", "True")) {
        return;
      }
      try {
        Thread.sleep(250);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        throw new Term.Over();
      }
    }
    LOG.warn(
        "the API server does not serve {} after 30 s: kubectl describe crd {} says why",
        name,
        name);
  }
}
