// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/**
 * A run of Kubernetes' own end-to-end tests.
 *
 * @param focus a regular expression; specs whose names match are run
 * @param skip a regular expression; these are not, unless it is empty
 * @param processes how many specs run side by side
 */
public record EndToEnd(String focus, String skip, int processes) {
  private static final String REPORT = "specs.xml";

  /** What became of a spec. */
  public enum Outcome {
    PASSED,
    FAILED,
    /** It was chosen and found that it can't run here; the detail says why. */
    SKIPPED
  }

  /** A spec that was chosen; detail is its log if it failed. */
  public record Spec(String name, Outcome outcome, Duration time, String detail) {}

  /** The command, in the control plane's network; reports are written to the directory. */
  public Command command(KubeCluster cluster, Path reports) {
    var words =
        new ArrayList<>(
            List.of(
                cluster.program("ginkgo").toString(),
                "--no-color",
                "--procs=" + processes,
                "--timeout=3h",
                "--focus=" + focus,
                "--output-dir=" + reports,
                "--junit-report=" + REPORT));
    if (!skip.isEmpty()) {
      words.add("--skip=" + skip);
    }
    words.addAll(
        List.of(
            cluster.program("e2e.test").toString(),
            "--",
            "--provider=skeleton",
            "--kubeconfig=" + cluster.kubeconfig(),
            "--kubectl-path=" + cluster.program("kubectl"),
            "--num-nodes=" + cluster.nodes().size(),
            "--disable-log-dump"));
    return cluster
        .controlPlane()
        .inControl(words.toArray(String[]::new))
        // ginkgo looks for the module of its directory.
        .in(reports);
  }

  /** Runs it and returns the chosen specs in the order of the report. */
  public List<Spec> run(KubeCluster cluster, Path reports) {
    var output = reports.resolve("ginkgo.log");
    try {
      Files.createDirectories(reports);
      var result = command(cluster, reports).attempt();
      Files.writeString(output, result.output());
      var report = reports.resolve(REPORT);
      if (!Files.exists(report)) {
        throw new KubeException(
            "the end-to-end tests ended with %d and wrote no report: %s"
                .formatted(result.code(), tail(result.output())));
      }
      return read(report);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String tail(String output) {
    var lines = output.lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
  }

  static List<Spec> read(Path report) throws IOException {
    try {
      var document =
          DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(report.toFile());
      var cases = document.getElementsByTagName("testcase");
      var specs = new ArrayList<Spec>();
      for (int i = 0; i < cases.getLength(); i++) {
        spec((Element) cases.item(i)).ifPresent(specs::add);
      }
      return List.copyOf(specs);
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException("read " + report, e);
    }
  }

  private static Optional<Spec> spec(Element element) {
    String status = element.getAttribute("status");
    String name = element.getAttribute("name");
    var skipped = element.getElementsByTagName("skipped");
    if (skipped.getLength() > 0) {
      String message = ((Element) skipped.item(0)).getAttribute("message");
      // Without a reason it was not chosen.
      return message.contains(" - ")
          ? Optional.of(new Spec(clean(name), Outcome.SKIPPED, Duration.ZERO, message))
          : Optional.empty();
    }
    var time = Duration.ofMillis((long) (Double.parseDouble(element.getAttribute("time")) * 1000));
    if (status.equals("passed")) {
      // Steps before and after the suite are reported like specs.
      return name.startsWith("[It]")
          ? Optional.of(new Spec(clean(name), Outcome.PASSED, time, ""))
          : Optional.empty();
    }
    return Optional.of(new Spec(clean(name), Outcome.FAILED, time, element.getTextContent()));
  }

  private static String clean(String name) {
    return name.startsWith("[It] ") ? name.substring("[It] ".length()) : name;
  }
}
