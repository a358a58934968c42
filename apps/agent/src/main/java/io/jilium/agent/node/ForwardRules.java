// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets pods' packets through a FORWARD chain of iptables that drops what nobody accepts, as Docker
 * and some firewalls leave it. Only there are rules made: in a chain of our own, called behind
 * kube-proxy's chains, which refuse what they have to refuse first. A drop in a table of nftables
 * cannot be undone from elsewhere and has to be lifted there.
 */
public final class ForwardRules implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ForwardRules.class);
  private static final Duration PERIOD = Duration.ofSeconds(30);
  private static final int PATIENCE_SECONDS = 10;
  private static final String CHAIN = "JILIUM-FORWARD";
  private static final String CALL = "-A FORWARD -j " + CHAIN;
  private static final List<String> ACCEPTED =
      List.of("-A " + CHAIN + " -o cilium_host -j ACCEPT", "-A " + CHAIN + " -i lxc+ -j ACCEPT");

  /**
   * A command that speaks to one of the two kinds of tables that the kernel keeps.
   *
   * @param names tables in use, to be asked first, because asking for a table makes it
   */
  private record Tool(String name, Optional<Path> names) {
    boolean isInUse() {
      try {
        return names.isEmpty() || Files.readAllLines(names.get()).contains("filter");
      } catch (IOException e) {
        return false;
      }
    }
  }

  private static final List<Tool> IPV4 =
      List.of(
          new Tool("iptables-nft", Optional.empty()),
          new Tool(
              "iptables-legacy", Optional.of(Path.of("/proc/thread-self/net/ip_tables_names"))));
  private static final List<Tool> IPV6 =
      List.of(
          new Tool("ip6tables-nft", Optional.empty()),
          new Tool(
              "ip6tables-legacy", Optional.of(Path.of("/proc/thread-self/net/ip6_tables_names"))));

  private final List<Tool> tools;
  private final Thread thread;
  private String lastProblem = "";

  private ForwardRules(Settings.Families families) {
    this.tools = new ArrayList<>();
    if (families.v4()) {
      tools.addAll(IPV4);
    }
    if (families.v6()) {
      tools.addAll(IPV6);
    }
    this.thread = Thread.ofPlatform().name("forward-rules").daemon(true).unstarted(this::run);
  }

  /** Looks now and then; others may change the chain at any time. */
  public static ForwardRules start(Settings.Families families) {
    var rules = new ForwardRules(families);
    rules.thread.start();
    return rules;
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  /** Takes all rules away that an agent made. */
  public static void remove() {
    for (var tools : List.of(IPV4, IPV6)) {
      for (var tool : tools) {
        try {
          if (tool.isInUse() && list(tool).contains(CALL)) {
            run(tool, "-D", "FORWARD", "-j", CHAIN);
          }
          if (tool.isInUse() && list(tool, CHAIN).isPresent()) {
            run(tool, "-F", CHAIN);
            run(tool, "-X", CHAIN);
          }
        } catch (IOException e) {
          LOG.debug("{}: {}", tool.name(), e.getMessage());
        }
      }
    }
  }

  private void run() {
    try {
      while (true) {
        for (var tool : tools) {
          ensure(tool);
        }
        Thread.sleep(PERIOD);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ensure(Tool tool) {
    try {
      if (!tool.isInUse()) {
        return;
      }
      var rules = list(tool);
      if (!drops(rules) && !rules.contains(CALL)) {
        return;
      }
      if (!list(tool, CHAIN).map(there -> there.containsAll(ACCEPTED)).orElse(false)) {
        if (list(tool, CHAIN).isEmpty()) {
          run(tool, "-N", CHAIN);
        }
        run(tool, "-F", CHAIN);
        for (var rule : ACCEPTED) {
          run(tool, rule.split(" ", -1));
        }
      }
      var place = place(rules);
      if (place.isPresent()) {
        if (rules.contains(CALL)) {
          run(tool, "-D", "FORWARD", "-j", CHAIN);
        }
        run(tool, "-I", "FORWARD", Integer.toString(place.get()), "-j", CHAIN);
        LOG.info(
            "{}: FORWARD drops by default; pods' packets are accepted in {}", tool.name(), CHAIN);
      }
      lastProblem = "";
    } catch (IOException e) {
      var problem = tool.name() + ": " + e.getMessage();
      if (!problem.equals(lastProblem)) {
        LOG.debug("rules of the FORWARD chain: {}", problem);
        lastProblem = problem;
      }
    }
  }

  /** Whether a packet that no rule knows is dropped, by the chain's policy or by a last rule. */
  static boolean drops(List<String> rules) {
    return rules.contains("-P FORWARD DROP")
        || rules.stream().anyMatch(rule -> rule.matches("-A FORWARD -j (DROP|REJECT)( .*)?"));
  }

  /**
   * Where the call has to stand, counted from 1 among the rules without it: behind kube-proxy's,
   * else last, but before a rule that refuses everything. Empty when it is well placed.
   */
  static Optional<Integer> place(List<String> chain) {
    var rules = chain.stream().filter(rule -> rule.startsWith("-A FORWARD ")).toList();
    var others = rules.stream().filter(rule -> !rule.equals(CALL)).toList();
    int wanted = others.size();
    int afterServices = 0;
    for (int i = 0; i < others.size(); i++) {
      if (others.get(i).contains(" -j KUBE-")) {
        afterServices = i + 1;
      }
      if (wanted == others.size() && others.get(i).matches("-A FORWARD -j (DROP|REJECT)( .*)?")) {
        wanted = i;
      }
    }
    if (afterServices > 0) {
      wanted = Math.min(wanted, afterServices);
    }
    int present = rules.indexOf(CALL);
    boolean fits = present >= afterServices && present >= 0 && present <= wanted;
    return fits ? Optional.empty() : Optional.of(wanted + 1);
  }

  private static List<String> list(Tool tool) throws IOException {
    return new ArrayList<>(
        list(tool, "FORWARD").orElseThrow(() -> new IOException("there is no FORWARD chain")));
  }

  private static Optional<List<String>> list(Tool tool, String chain) throws IOException {
    var result = execute(tool, "-S", chain);
    return result.code == 0 ? Optional.of(result.output.lines().toList()) : Optional.empty();
  }

  private static void run(Tool tool, String... arguments) throws IOException {
    var result = execute(tool, arguments);
    if (result.code != 0) {
      throw new IOException(String.join(" ", arguments) + ": " + result.output.strip());
    }
  }

  private record Result(int code, String output) {}

  private static Result execute(Tool tool, String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(tool.name(), "-w", "5"));
    command.addAll(Arrays.asList(arguments));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(tool.name() + " gives no answer");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return new Result(process.exitValue(), output);
  }
}
