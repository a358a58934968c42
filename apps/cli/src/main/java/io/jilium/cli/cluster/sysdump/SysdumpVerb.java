// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.sysdump;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.jilium.cli.cluster.ClusterVerb;
import io.jilium.cli.cluster.Patience;
import io.jilium.cli.verb.VerbException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code jilium sysdump}. */
@Command(
    name = "sysdump",
    description = {
      "Collects what is needed to find a fault into one zip file: Kubernetes' objects, logs, and what"
          + " every agent and node says.",
      "%nSecrets are not asked for, and values of environment variables and arguments of containers"
          + " are left out. The file names addresses, pods and images of the cluster; look into it"
          + " before you give it away."
    },
    footer = {
      "%nExamples:",
      "  jilium sysdump",
      "  jilium sysdump --output-filename /tmp/fault-<ts> --node-list node-1,node-2"
    })
public final class SysdumpVerb extends ClusterVerb {
  private static final String TIME = "<ts>";
  private static final int STEPS = 10;

  @Option(
      names = "--output-filename",
      paramLabel = "NAME",
      description = "without .zip; <ts> is the time (default: jilium-sysdump-<ts>)")
  private String name = "jilium-sysdump-" + TIME;

  @Option(names = "--quick", description = "leave the logs out")
  private boolean quick;

  @Option(
      names = "--node-list",
      paramLabel = "NODE",
      split = ",",
      description = "only agents of these nodes")
  private List<String> nodes = new ArrayList<>();

  @Option(
      names = "--logs-since-time",
      paramLabel = "TIME",
      converter = Patience.Converter.class,
      description = "how far logs go back (default: 8760h)")
  private Duration since = Duration.ofDays(365);

  @Option(
      names = "--logs-limit-bytes",
      paramLabel = "N",
      description = "of each log at most (default: 100000000)")
  private int logBytes = 100_000_000;

  @Option(
      names = "--worker-count",
      paramLabel = "N",
      description = "how many things are asked for at once (default: 20)")
  private int workers = 20;

  @Override
  protected int run(KubernetesClient client, PrintWriter out) {
    if (workers < 1 || logBytes < 1) {
      throw wrongUsage("--worker-count and --logs-limit-bytes must be at least 1");
    }
    String time =
        DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT)
            .withZone(ZoneOffset.UTC)
            .format(Instant.now());
    Path file = Path.of(name.replace(TIME, time) + ".zip");
    String namespace = cluster().namespace();
    out.println("🔍 Collecting Kubernetes' objects, logs and the agents' state");
    out.flush();
    var pieces = new ArrayList<>(new KubernetesPieces(client, namespace).all());
    pieces.addAll(
        new PodPieces(client, namespace, Set.copyOf(nodes), new PodPieces.Logs(since, logBytes))
            .all(quick));
    int total = pieces.size();
    var missing =
        new Archive(workers)
            .write(
                file,
                top(file),
                pieces,
                done -> {
                  if (done * STEPS / total > (done - 1) * STEPS / total) {
                    out.println("⌛ %d of %d".formatted(done, total));
                    out.flush();
                  }
                });
    if (!missing.isEmpty()) {
      out.println(
          "⚠️  %d could not be had; %s in the archive says why, such as"
              .formatted(missing.size(), Archive.MISSING));
      missing.stream().limit(STEPS).forEach(line -> out.println("   " + line));
    }
    out.println("🗳  %s (%d KiB)".formatted(file.toAbsolutePath(), size(file) >> 10));
    return 0;
  }

  private static String top(Path file) {
    return file.getFileName().toString().replaceFirst("\\.zip$", "");
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new VerbException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
