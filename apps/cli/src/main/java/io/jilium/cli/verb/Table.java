// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.verb;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows with left-aligned columns, three spaces between them and no trailing blanks. */
public final class Table {
  private static final int GAP = 3;

  private final List<List<String>> rows = new ArrayList<>();

  /** A table whose first row is this. */
  public Table(String... header) {
    rows.add(List.of(header));
  }

  private Table(List<List<String>> rows) {
    this.rows.addAll(rows);
  }

  /** A table with no header. */
  public static Table plain() {
    return new Table(List.of());
  }

  /** Adds a row; it may be shorter than others. */
  public Table row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  /**
   * Adds a row in which one cell is a list that runs down the column.
   *
   * @param cells with an empty string where the list goes
   */
  public Table row(List<String> cells, int column, List<String> list) {
    var first = new ArrayList<>(cells);
    first.set(column, list.isEmpty() ? "" : list.getFirst());
    rows.add(first);
    for (String more : list.stream().skip(1).toList()) {
      var next = new ArrayList<String>();
      for (int i = 0; i < column; i++) {
        next.add("");
      }
      next.add(more);
      rows.add(next);
    }
    return this;
  }

  /** Prints every row behind an indentation. */
  public void print(PrintWriter out, String indent) {
    int[] widths = widths();
    for (List<String> row : rows) {
      var line = new StringBuilder(indent);
      int pending = 0;
      for (int i = 0; i < row.size(); i++) {
        String cell = row.get(i);
        if (!cell.isEmpty()) {
          line.repeat(' ', pending).append(cell);
          pending = 0;
        }
        pending += widths[i] - cell.length() + GAP;
      }
      out.println(line);
    }
  }

  public void print(PrintWriter out) {
    print(out, "");
  }

  private int[] widths() {
    int[] widths = new int[rows.stream().mapToInt(List::size).max().orElse(0)];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return widths;
  }
}
