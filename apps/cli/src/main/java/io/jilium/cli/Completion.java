// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Scripts that teach shells the verbs and options. */
public final class Completion {
  private Completion() {}

  /** One script for both: under zsh it switches on bash's way of completing. */
  public static String bashAndZsh() {
    return AutoComplete.bash("jilium", Verbs.complete());
  }

  /** Fish has no notion of nested verbs; each line carries the verbs that must have been typed. */
  public static String fish() {
    return "complete -c jilium -f\n"
        + fish(Verbs.complete().getCommandSpec(), List.of()).collect(Collectors.joining("\n"));
  }

  private static Stream<String> fish(CommandSpec spec, List<String> path) {
    Stream<String> verbs =
        spec.subcommands().entrySet().stream()
            .map(verb ->
                "complete -c jilium -n '%s' -a %s -d '%s'"
                    .formatted(
                        condition(path, spec.subcommands().keySet()),
                        verb.getKey(),
                        description(verb.getValue())));
    Stream<String> options =
        spec.options().stream()
            .filter(option -> path.isEmpty() || !option.inherited())
            .map(option -> option(option, path));
    Stream<String> below =
        spec.subcommands().entrySet().stream()
            .flatMap(verb ->
                fish(
                    verb.getValue().getCommandSpec(),
                    Stream.concat(path.stream(), Stream.of(verb.getKey())).toList()));
    return Stream.of(verbs, options, below).flatMap(lines -> lines);
  }

  private static String option(OptionSpec option, List<String> path) {
    var line = new StringBuilder("complete -c jilium");
    if (!path.isEmpty()) {
      line.append(" -n '").append(condition(path, List.of())).append('\'');
    }
    for (String name : option.names()) {
      line.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    if (option.arity().max() > 0) {
      line.append(" -r");
    }
    return line.append(" -d '")
        .append(quoted(String.join(" ", option.description())))
        .append('\'')
        .toString();
  }

  private static String condition(List<String> path, Iterable<String> next) {
    var seen =
        path.stream()
            .map(verb -> "__fish_seen_subcommand_from " + verb)
            .collect(Collectors.joining("; and "));
    String none = "not __fish_seen_subcommand_from " + String.join(" ", next);
    if (!next.iterator().hasNext()) {
      return seen;
    }
    return path.isEmpty() ? none : seen + "; and " + none;
  }

  private static String description(CommandLine verb) {
    return quoted(String.join(" ", verb.getCommandSpec().usageMessage().description()));
  }

  private static String quoted(String text) {
    return text.replace("\\", "\\\\").replace("'", "\\'");
  }
}
