// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs commands in containers of pods, as {@code kubectl exec} does. */
public final class PodShell {
  /** No exit code is known: it could not be run, or did not end in time. */
  public static final int NOT_RUN = -1;

  private final KubernetesClient client;

  public PodShell(KubernetesClient client) {
    this.client = client;
  }

  /** A container of a pod. */
  public record Place(String namespace, String pod, String container) {
    @Override
    public String toString() {
      return namespace + "/" + pod;
    }
  }

  /**
   * What a command ended with.
   *
   * @param code {@link #NOT_RUN}, with the reason in err, when it has none
   */
  public record Outcome(int code, String out, String err) {
    public boolean done() {
      return code == 0;
    }

    /** What went wrong, in one line. */
    public String trouble() {
      String said = err.isBlank() ? out : err;
      String line = said.strip().lines().reduce((first, last) -> last).orElse("");
      return code == NOT_RUN
          ? line
          : "exit code %d%s".formatted(code, line.isEmpty() ? "" : ": " + line);
    }
  }

  /** Runs a command and waits for its end. */
  public Outcome run(Place place, Duration limit, List<String> command) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    try (var running =
        client
            .pods()
            .inNamespace(place.namespace())
            .withName(place.pod())
            .inContainer(place.container())
            .writingOutput(out)
            .writingError(err)
            .exec(command.toArray(String[]::new))) {
      Integer code = running.exitCode().get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return new Outcome(code == null ? NOT_RUN : code, text(out), text(err));
    } catch (TimeoutException e) {
      return new Outcome(
          NOT_RUN,
          text(out),
          "no end after %d s: %s".formatted(limit.toSeconds(), String.join(" ", command)));
    } catch (ExecutionException e) {
      return new Outcome(NOT_RUN, text(out), reason(e));
    } catch (KubernetesClientException e) {
      return new Outcome(
          NOT_RUN, text(out), String.valueOf(ClusterFailure.of(e, client).getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome(NOT_RUN, text(out), "interrupted");
    }
  }

  private static String reason(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse(cause.toString());
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
