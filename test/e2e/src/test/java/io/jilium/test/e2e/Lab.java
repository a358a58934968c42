// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.lab.Execution;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntBiFunction;
import java.util.regex.Pattern;

/**
 * A lab that a test drives by the commands that a user types. They run in this process, where each
 * takes milliseconds; {@link #typed} starts the launcher, as a shell does.
 */
final class Lab implements AutoCloseable {
  private static final int DEADLINE_SECONDS = 240;

  /** The lab starts its processes from the build that runs this test. */
  private static final String HOME = "jilium.home";

  static {
    if (System.getProperty(HOME) == null) {
      System.setProperty(HOME, Path.of("../..").toAbsolutePath().normalize().toString());
    }
  }

  private final String name;
  private final Execution execution;

  private Lab(String name) {
    this.name = name;
    this.execution = new Execution(name);
  }

  /** Brings a lab up under a name of its own; two test runs can go side by side. */
  static Lab up(String purpose, int nodes, String... settings) {
    var lab = named(purpose);
    try {
      lab.reconfigure(nodes, settings);
      return lab;
    } catch (Throwable e) {
      lab.close();
      throw e;
    }
  }

  /** Only a name; nothing runs yet. */
  static Lab named(String purpose) {
    return new Lab(purpose + "-" + ProcessHandle.current().pid());
  }

  /** Runs `lab up` again with other settings. */
  void reconfigure(int nodes, String... settings) {
    var command = new ArrayList<>(List.of("up", "--nodes", Integer.toString(nodes)));
    for (String setting : settings) {
      command.addAll(List.of("--set", setting));
    }
    lab(command.toArray(String[]::new));
  }

  String name() {
    return name;
  }

  /** Adds pods; returns the addresses, IPv4 first, of the first one. */
  Addresses pod(String pod, String node, String... options) {
    var command = new ArrayList<>(List.of("pod", "add", pod, "--node", node));
    command.addAll(List.of(options));
    String[] words = lab(command.toArray(String[]::new)).strip().split(" ", -1);
    return new Addresses(words[2], words[3]);
  }

  /** Removes pods of namespace default, all at once. */
  void remove(String... pods) {
    var command = new ArrayList<>(List.of("pod", "rm"));
    command.addAll(List.of(pods));
    lab(command.toArray(String[]::new));
  }

  /** `lab apply` or `lab delete` of Kubernetes YAML, whatever it ends with. */
  Result tryResources(String verb, String yaml) {
    try {
      var file = Files.createTempFile("jilium-resources", ".yaml");
      try {
        Files.writeString(file, yaml);
        return tryLab(verb, "-f", file.toString());
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** `lab apply`, which must succeed. */
  String apply(String yaml) {
    return require(tryResources("apply", yaml));
  }

  /** Both addresses of a pod. */
  record Addresses(String ipv4, String ipv6) {}

  /** `lab VERB …`, which must succeed. */
  String lab(String... arguments) {
    return require(tryLab(arguments));
  }

  /** `lab VERB …`, whatever it ends with. */
  Result tryLab(String... arguments) {
    var words = named(arguments);
    return printed((out, err) -> io.jilium.lab.Main.run(out, err, words));
  }

  /** `./jilium lab VERB …` as a user types it, whatever it ends with. */
  Result typed(String... arguments) {
    var command = new ArrayList<>(List.of(System.getProperty(HOME) + "/jilium", "lab"));
    command.addAll(Arrays.asList(named(arguments)));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    // The build that runs this test is what is tested; the launcher must not start another.
    builder.environment().put("JILIUM_BUILD", "never");
    try {
      return finish(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** `lab exec TARGET -- COMMAND`, which must succeed. */
  String exec(String target, String... command) {
    return require(tryExec(target, command));
  }

  Result tryExec(String target, String... command) {
    return finish(start(target, command));
  }

  /** Starts `lab VERB …`, which must succeed, in the background; the caller waits for it. */
  CompletableFuture<String> startLab(String... arguments) {
    return CompletableFuture.supplyAsync(
        () -> lab(arguments), task -> Thread.ofVirtual().start(task));
  }

  /** Starts a command in the background; the caller waits for it. */
  Process start(String target, String... command) {
    return execution.start(target, List.of(command));
  }

  /** `jilium --node NODE VERB …`, which must succeed. */
  String jilium(String node, String... arguments) {
    return require(tryJilium(node, arguments));
  }

  Result tryJilium(String node, String... arguments) {
    var command = new ArrayList<>(List.of("--lab", name, "--node", node));
    command.addAll(List.of(arguments));
    return printed((out, err) -> io.jilium.cli.Main.run(out, err, command.toArray(String[]::new)));
  }

  /** Ctrl-C: what the process says of all that it saw. */
  static String interrupt(Process process) {
    try {
      finish(new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return finish(process).output();
  }

  /** The first group of the pattern in what a command printed. */
  static String find(String text, String pattern) {
    var match = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
    assertThat(match.find()).as("/%s/ in:%n%s", pattern, text).isTrue();
    return match.group(1);
  }

  /**
   * What a command ended with.
   *
   * @param output stdout and stderr together
   */
  record Result(int code, String output) {}

  static Result finish(Process process) {
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("no end after " + DEADLINE_SECONDS + " s: " + output);
      }
      return new Result(process.exitValue(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    tryLab("down");
  }

  /** A verb's words with this lab's name after them. */
  private String[] named(String... arguments) {
    var words = new ArrayList<>(Arrays.asList(arguments));
    int verbs = words.getFirst().equals("pod") || words.getFirst().equals("node") ? 2 : 1;
    words.addAll(verbs, List.of("--name", name));
    return words.toArray(String[]::new);
  }

  private static Result printed(ToIntBiFunction<PrintWriter, PrintWriter> verb) {
    var output = new StringWriter();
    var writer = new PrintWriter(output, true);
    int code = verb.applyAsInt(writer, writer);
    return new Result(code, output.toString());
  }

  private static String require(Result result) {
    assertThat(result.code()).as(result.output()).isZero();
    return result.output();
  }
}
