// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.jilium.cli.cluster.ClusterVerb;
import io.jilium.cli.cluster.Patience;
import io.jilium.cli.cluster.PodShell;
import io.jilium.cli.verb.VerbException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code jilium connectivity test}. */
@Command(
    name = "test",
    description = {
      "Makes pods on two nodes and lets them talk to each other, to nodes, services and the world;"
          + " exit code 1 when something fails.",
      "%nImages need a shell, ping, and curl or nc; those of servers agnhost, busybox httpd or"
          + " python3. The default is the image of the agents, which every node has already: no"
          + " registry is needed. The pods stay for the next run; 'jilium connectivity cleanup'"
          + " removes them."
    },
    footer = {
      "%nExamples:",
      "  jilium connectivity test",
      "  jilium connectivity test --test no-policies/pod-to-pod,health --print-flows",
      "  jilium connectivity test --junit-file report.xml --timeout 10m"
    })
public final class ConnectivityTestVerb extends ClusterVerb {
  @Option(
      names = "--test-namespace",
      paramLabel = "NAME",
      description = "where the pods are made (default: jilium-test)")
  private String testNamespace = "jilium-test";

  @Option(
      names = "--test",
      paramLabel = "REGEX",
      split = ",",
      description =
          "only scenarios whose name test/scenario matches; with ! in front: all but these")
  private List<String> tests = new ArrayList<>();

  @Option(names = "--single-node", description = "leave out what needs two nodes")
  private boolean singleNode;

  @Option(
      names = "--curl-image",
      paramLabel = "IMAGE",
      description = "of clients (default: the agents' image)")
  private Optional<String> curlImage = Optional.empty();

  @Option(
      names = "--echo-image",
      paramLabel = "IMAGE",
      description = "of servers (default: the agents' image)")
  private Optional<String> echoImage = Optional.empty();

  @Option(
      names = "--external-target",
      paramLabel = "URL",
      description = "of pod-to-world (default: http://one.one.one.one/)")
  private String externalTarget = "http://one.one.one.one/";

  @Option(names = "--junit-file", paramLabel = "FILE", description = "write a report as JUnit does")
  private Optional<Path> junitFile = Optional.empty();

  @Option(
      names = "--print-flows",
      description = "show the packets of each action, not only of one that fails")
  private boolean printFlows;

  @Option(
      names = {"--force", "--force-deploy"},
      description = "remove what an earlier run left and make it anew")
  private boolean force;

  @Option(
      names = "--request-timeout",
      paramLabel = "TIME",
      converter = Patience.Converter.class,
      description = "how long one request may take (default: 5s)")
  private Duration requestLimit = Duration.ofSeconds(5);

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Patience.Converter.class,
      description = "how long all of it may take (default: 15m)")
  private Duration limit = Duration.ofMinutes(15);

  @Override
  protected int run(KubernetesClient client, PrintWriter out) {
    var choice = choice();
    if (requestLimit.toSeconds() < 1) {
      throw wrongUsage("--request-timeout must be at least 1s");
    }
    var started = Instant.now();
    var agents = new Agents(client, cluster().namespace());
    if (force) {
      out.println("🗑️  removing namespace " + testNamespace);
      out.flush();
      Artifacts.remove(client, testNamespace);
    }
    var artifacts =
        new Artifacts(
            client,
            wanted(agents),
            line -> {
              out.println(line);
              out.flush();
            });
    var bed = artifacts.make(limit);
    var watchers = new AgentScenarios(agents, Instant.now());
    var scenarios =
        new ArrayList<>(NoPolicies.of(bed, new Probe(new PodShell(client), requestLimit)));
    scenarios.addAll(watchers.all());
    var flows = new Flows(client, agents.byNode());
    var report =
        new Runner(
                out, new Runner.Rules(choice::test, printFlows, started.plus(limit)), flows::watch)
            .run(scenarios);
    if (report.entries().isEmpty()) {
      throw wrongUsage(
          "--test %s matches no scenario; there are %s"
              .formatted(
                  String.join(",", tests),
                  String.join(", ", scenarios.stream().map(Scenario::fullName).toList())));
    }
    junitFile.ifPresent(file -> JunitXml.write(report, file));
    return report.isGood() ? 0 : 1;
  }

  private Artifacts.Wanted wanted(Agents agents) {
    Optional<String> own =
        curlImage.isPresent() && echoImage.isPresent() ? Optional.empty() : agents.image();
    return new Artifacts.Wanted(
        testNamespace,
        image(echoImage, own, "--echo-image"),
        image(curlImage, own, "--curl-image"),
        externalTarget,
        singleNode);
  }

  private String image(Optional<String> given, Optional<String> own, String option) {
    return given
        .or(() -> own)
        .orElseThrow(() ->
            new VerbException(
                "no agent runs in namespace %s, whose image could be taken: install Jilium, or give %s IMAGE"
                    .formatted(cluster().namespace(), option)));
  }

  private Choice choice() {
    try {
      return Choice.of(tests);
    } catch (PatternSyntaxException e) {
      throw wrongUsage(
          "--test %s is no regular expression: %s".formatted(e.getPattern(), e.getDescription()));
    }
  }

  /** Which scenarios are asked for. */
  record Choice(List<Pattern> wanted, List<Pattern> unwanted) {
    static Choice of(List<String> texts) {
      var wanted = new ArrayList<Pattern>();
      var unwanted = new ArrayList<Pattern>();
      for (var text : texts) {
        if (text.startsWith("!")) {
          unwanted.add(Pattern.compile(text.substring(1)));
        } else {
          wanted.add(Pattern.compile(text));
        }
      }
      return new Choice(List.copyOf(wanted), List.copyOf(unwanted));
    }

    boolean test(String name) {
      return (wanted.isEmpty() || wanted.stream().anyMatch(p -> p.matcher(name).find()))
          && unwanted.stream().noneMatch(p -> p.matcher(name).find());
    }
  }
}
