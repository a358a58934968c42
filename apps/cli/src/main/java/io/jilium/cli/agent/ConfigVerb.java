// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.wire.AgentException;
import io.jilium.wire.AgentException.Kind;
import io.jilium.wire.agent.ConfigRequest;
import io.jilium.wire.agent.Setting;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jilium config}. */
@Command(
    name = "config",
    description = "The settings that the agent runs with.",
    footer = {
      "%nExamples:",
      "  jilium config",
      "  jilium config --changed",
      "  jilium config get routingMode"
    })
public final class ConfigVerb extends AgentVerb {
  @Parameters(index = "0", arity = "0..1", paramLabel = "get", description = "as if left out")
  private Optional<String> action = Optional.empty();

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "only the value of this setting")
  private Optional<String> name = Optional.empty();

  @Option(names = "--changed", description = "only settings that differ from their defaults")
  private boolean changed;

  @Mixin private OutputOption output = new OutputOption();

  @Override
  protected void run(PrintWriter out) {
    if (action.isPresent() && !action.get().equals("get")) {
      throw wrongUsage("config cannot " + action.get() + "; it can get");
    }
    List<Setting> settings =
        ask(all -> all.setConfig(ConfigRequest.getDefaultInstance()))
            .getConfig()
            .getSettingsList()
            .stream()
            .filter(setting -> !changed || setting.getChanged())
            .toList();
    if (name.isPresent()) {
      out.println(value(settings, name.get()));
      return;
    }
    var json = new LinkedHashMap<String, Object>();
    settings.forEach(setting -> json.put(setting.getName(), setting.getValue()));
    if (!output.printJson(out, json)) {
      print(settings, out);
    }
  }

  static void print(List<Setting> settings, PrintWriter out) {
    int width = settings.stream().mapToInt(setting -> setting.getName().length()).max().orElse(0);
    for (Setting setting : settings) {
      out.println(
          (setting.getName()
                  + " ".repeat(width - setting.getName().length())
                  + " : "
                  + setting.getValue())
              .stripTrailing());
    }
  }

  private static String value(List<Setting> settings, String name) {
    return settings.stream()
        .filter(setting -> setting.getName().equals(name))
        .findFirst()
        .map(Setting::getValue)
        .orElseThrow(() -> new AgentException(Kind.NOT_FOUND, "there is no setting named " + name));
  }
}
