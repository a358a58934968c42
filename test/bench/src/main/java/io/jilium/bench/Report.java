// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The result as a table for people or as JSON for programs. */
final class Report {
  private static final List<String> COLUMNS =
      List.of("WHAT", "OURS", "BASELINE", "RATIO", "SPREAD", "BUDGET", "");

  private Report() {}

  static String table(List<Row> rows) {
    var lines = new ArrayList<List<String>>();
    lines.add(COLUMNS);
    for (Row row : rows) {
      lines.add(
          List.of(
              row.what(),
              row.ours(),
              row.baseline(),
              row.ratio().map(ratio -> Samples.text(ratio, "×")).orElse(""),
              row.spread(),
              row.budget().text(),
              row.verdict()));
    }
    var text = new StringBuilder();
    for (var line : lines) {
      var out = new StringBuilder();
      for (int column = 0; column < line.size(); column++) {
        int at = column;
        int width = lines.stream().mapToInt(l -> l.get(at).length()).max().orElse(0);
        out.append(line.get(column));
        out.repeat(' ', width - line.get(column).length() + 2);
      }
      text.append(out.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  static String json(List<Row> rows) {
    var list = new ArrayList<Map<String, Object>>();
    for (Row row : rows) {
      var object = new LinkedHashMap<String, Object>();
      object.put("what", row.what().strip());
      object.put("ours", row.ours());
      object.put("baseline", row.baseline());
      row.ratio().ifPresent(ratio -> object.put("ratio", ratio));
      object.put("spread", row.spread());
      object.put("figure", row.figure());
      object.put("budget", row.budget().text());
      object.put("met", row.met());
      list.add(object);
    }
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(list);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
