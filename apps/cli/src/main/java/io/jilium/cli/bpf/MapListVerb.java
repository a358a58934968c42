// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.bpf;

import io.jilium.cli.verb.AgentVerb;
import io.jilium.cli.verb.OutputOption;
import io.jilium.wire.agent.MapDump;
import io.jilium.wire.agent.MapDumpRequest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Mixin;

/** A verb that lists one map of the kernel. */
abstract class MapListVerb<E> extends AgentVerb {
  private final MapDumpRequest.Map map;
  private final Function<MapDump, List<E>> entries;

  @Mixin private OutputOption output = new OutputOption();

  /**
   * @param map which
   * @param entries where a part of the dump has its entries
   */
  MapListVerb(MapDumpRequest.Map map, Function<MapDump, List<E>> entries) {
    this.map = map;
    this.entries = entries;
  }

  /** In which order to show them; the kernel has none. */
  abstract Comparator<E> order();

  abstract void print(List<E> entries, PrintWriter out);

  abstract Object json(List<E> entries);

  @Override
  protected final void run(PrintWriter out) {
    var all = new ArrayList<E>();
    ask(
        request -> request.setMapDump(MapDumpRequest.newBuilder().setMap(map)),
        answer -> all.addAll(entries.apply(answer.getMapDump())));
    all.sort(order());
    if (output.json()) {
      output.printJson(out, json(all));
    } else {
      print(all, out);
    }
  }
}
