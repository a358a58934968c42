// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.jilium.cli.cluster.ClusterOptions;
import io.jilium.cli.cluster.Patience;
import io.jilium.cli.cluster.status.HopelessPods;
import io.jilium.cli.verb.VerbException;
import io.jilium.core.settings.Settings;
import io.jilium.core.settings.SettingsException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Brings a revision of a release into effect. */
final class Installation {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration HOPE = Duration.ofSeconds(15);

  private final KubernetesClient client;
  private final ClusterOptions options;
  private final PrintWriter out;
  private final ReleaseStore releases;
  private final Objects objects;

  Installation(KubernetesClient client, ClusterOptions options, PrintWriter out) {
    this.client = client;
    this.options = options;
    this.out = out;
    this.releases = new ReleaseStore(client, options.namespace(), options.release());
    this.objects = new Objects(client, options.release(), options.namespace());
  }

  ClusterOptions cluster() {
    return options;
  }

  PrintWriter out() {
    return out;
  }

  /** What the cluster tells, and the values that follow where the user set none. */
  Detection detect(Map<String, @Nullable Object> given) {
    return Detection.of(client, options, given);
  }

  ReleaseStore releases() {
    return releases;
  }

  Objects objects() {
    return objects;
  }

  /** What the chart makes of the values, checked as the agents will check it. */
  Rendering render(Chart chart, Map<String, ? extends @Nullable Object> values, int revision) {
    Rendering rendering =
        Rendering.of(
            chart,
            values,
            new Rendering.Release(options.release(), options.namespace(), revision),
            kubernetesVersion());
    try {
      Settings.of(List.of(rendering.settings()), Map.of(), List.of());
    } catch (SettingsException e) {
      throw new VerbException(String.join("; ", e.problems()), e);
    }
    return rendering;
  }

  private String kubernetesVersion() {
    return Optional.ofNullable(client.getKubernetesVersion())
        .map(version -> version.getGitVersion().replaceFirst("^v", ""))
        .orElseThrow(() -> new VerbException("the API server does not tell its version"));
  }

  /**
   * Applies a rendered revision and records it.
   *
   * @param description what the history says of it
   * @param kept how many revisions are kept, 0 for all
   */
  void deploy(Revision revision, String description, int kept) {
    List<Release> history = releases.history();
    Optional<Release> before = history.stream().findFirst();
    int number = before.map(Release::revision).orElse(0) + 1;
    String now = Instant.now().toString();
    var release =
        new Release(
            options.release(),
            options.namespace(),
            number,
            revision.chart(),
            revision.config(),
            revision.manifest(),
            revision.notes(),
            number == 1 ? "pending-install" : "pending-upgrade",
            description + " under way",
            history.isEmpty() ? now : history.getLast().firstDeployed(),
            now);
    releases.put(release);
    List<Map<String, @Nullable Object>> wanted = Trees.maps(revision.manifest());
    try {
      wanted.forEach(objects::apply);
      before.ifPresent(old -> objects.prune(Trees.maps(old.manifest()), wanted));
    } catch (VerbException | KubernetesClientException e) {
      releases.put(release.with(Release.FAILED, String.valueOf(e.getMessage())));
      throw e;
    }
    history.stream()
        .filter(old -> old.status().equals(Release.DEPLOYED))
        .forEach(old -> releases.put(old.with(Release.SUPERSEDED, old.description())));
    releases.put(release.with(Release.DEPLOYED, description));
    releases.prune(kept);
    before
        .filter(old -> configurationChanged(old.manifest(), revision.manifest()))
        .ifPresent(_ -> restart());
  }

  /**
   * A revision to be.
   *
   * @param chart in Helm's form
   * @param config what the user set
   */
  record Revision(
      Map<String, @Nullable Object> chart,
      Map<String, @Nullable Object> config,
      String manifest,
      String notes) {}

  /** Agents and operators read their settings when they start. */
  private void restart() {
    objects.roll();
    say("♻️  Restarting Jilium pods, as the configuration changed");
  }

  private static boolean configurationChanged(String before, String after) {
    return !configuration(before).equals(configuration(after));
  }

  private static Map<String, @Nullable Object> configuration(String manifest) {
    return Trees.maps(manifest).stream()
        .filter(object -> Trees.text(object, "kind").equals("ConfigMap"))
        .filter(object -> Trees.text(object, "metadata", "name").equals("jilium-config"))
        .findFirst()
        .map(object -> Trees.map(object.get("data")))
        .orElse(Map.of());
  }

  /**
   * Waits until agents and operators run as described; says how far they are. Ends early when a pod
   * is beyond hope for a while: one of the former revision is about to go.
   */
  void await(Duration limit) {
    Instant end = Instant.now().plus(limit);
    Optional<Instant> hopeless = Optional.empty();
    String before = "";
    while (true) {
      Progress progress = objects.progress();
      if (progress.done()) {
        return;
      }
      if (!progress.text().equals(before)) {
        before = progress.text();
        say("⌛ Waiting for Jilium to be ready: " + before);
      }
      var reason = HopelessPods.first(client, options.namespace());
      hopeless =
          reason.isEmpty() ? Optional.empty() : hopeless.or(() -> Optional.of(Instant.now()));
      if (hopeless.isPresent() && Instant.now().isAfter(hopeless.get().plus(HOPE))) {
        throw new VerbException("Jilium does not become ready: " + reason.orElse(""));
      }
      if (Instant.now().isAfter(end)) {
        throw new VerbException(
            "not ready after %d s (%s): jilium status tells what is missing"
                .formatted(limit.toSeconds(), before));
      }
      Patience.pause(PAUSE);
    }
  }

  void say(String line) {
    out.println(line);
    out.flush();
  }
}
