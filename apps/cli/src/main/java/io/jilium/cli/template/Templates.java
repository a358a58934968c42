// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A set of template files that may include each other's named templates. Data are maps with text as
 * keys, lists, text, booleans, whole numbers, doubles and null.
 */
public final class Templates {
  private final Map<String, List<Node>> files = new TreeMap<>();
  private final Map<String, List<Node>> named = new LinkedHashMap<>();

  /**
   * Adds a file.
   *
   * @param name by which it is executed and named in messages
   * @throws TemplateException when it is not of the part that is understood
   */
  public void add(String name, String source) {
    files.put(name, Parser.parse(name, source, named));
  }

  /**
   * What the file makes of the data.
   *
   * @throws TemplateException naming the place that fails
   */
  public String execute(String name, Map<String, ?> data) {
    List<Node> nodes = files.get(name);
    if (nodes == null) {
      throw new IllegalArgumentException("there is no template " + name);
    }
    var out = new StringBuilder();
    new Execution(this, data, out).run(nodes);
    return out.toString();
  }

  /** The nodes of a named template or of a file; null when there is none. */
  @org.jspecify.annotations.Nullable List<Node> find(String name) {
    List<Node> nodes = named.get(name);
    return nodes != null ? nodes : files.get(name);
  }
}
