// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.status;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** Which chart an installation was made of. */
final class ChartVersion {
  private static final String LABEL = "helm.sh/chart";

  private ChartVersion() {}

  /** As the release says that was deployed last, else as the agent's DaemonSet is labelled. */
  static Optional<String> find(KubernetesClient client, String namespace, String release) {
    var secrets =
        client
            .secrets()
            .inNamespace(namespace)
            .withLabels(Map.of("owner", "helm", "name", release, "status", "deployed"))
            .list()
            .getItems();
    return secrets.stream()
        .max(Comparator.comparing(secret -> secret.getMetadata().getCreationTimestamp()))
        .flatMap(ChartVersion::ofRelease)
        .or(() -> ofLabels(client, namespace));
  }

  /** Helm keeps a release as JSON, compressed by gzip and encoded by base64 once more. */
  private static Optional<String> ofRelease(Secret secret) {
    String data =
        Optional.ofNullable(secret.getData()).orElse(Map.of()).getOrDefault("release", "");
    byte[] inner = Base64.getDecoder().decode(Base64.getDecoder().decode(data));
    try (var json = new GZIPInputStream(new ByteArrayInputStream(inner))) {
      String version =
          new JsonMapper().readTree(json).path("chart").path("metadata").path("version").asText("");
      return Optional.of(version).filter(text -> !text.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> ofLabels(KubernetesClient client, String namespace) {
    return Optional.ofNullable(
            client.apps().daemonSets().inNamespace(namespace).withName(Part.AGENT.object()).get())
        .map(set -> set.getMetadata().getLabels())
        .flatMap(labels ->
            Optional.ofNullable(labels.get(LABEL))
                .map(chart -> chart.replaceFirst("^.*?-(?=\\d)", ""))
                .or(() -> Optional.ofNullable(labels.get("app.kubernetes.io/version"))));
  }
}
