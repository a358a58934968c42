// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/** One label with the source it came from: {@code k8s:app=web}, {@code reserved:host}. */
public record Label(String source, String key, String value) implements Comparable<Label> {
  /** Labels of pods, namespaces and nodes. */
  public static final String K8S = "k8s";

  /** Labels of the identities with fixed numbers. */
  public static final String RESERVED = "reserved";

  /** The source of a label written without one. */
  public static final String UNSPECIFIED = "unspec";

  /** Refuses an empty key. */
  public Label {
    if (key.isEmpty()) {
      throw new IllegalArgumentException("label \"" + source + ":=" + value + "\" has no key");
    }
  }

  /** A Kubernetes label. */
  public static Label k8s(String key, String value) {
    return new Label(K8S, key, value);
  }

  /** A reserved label. */
  public static Label reserved(String name) {
    return new Label(RESERVED, name, "");
  }

  /** Parses {@code [source:]key[=value]}. */
  public static Label parse(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    String value = equals < 0 ? "" : text.substring(equals + 1);
    int colon = name.indexOf(':');
    String source = colon <= 0 ? UNSPECIFIED : name.substring(0, colon);
    String key = name.substring(colon + 1);
    if (key.isEmpty()) {
      throw new IllegalArgumentException("\"" + text + "\" is not a label: [source:]key[=value]");
    }
    return new Label(source, key, value);
  }

  @Override
  public int compareTo(Label other) {
    int order = key.compareTo(other.key);
    order = order != 0 ? order : source.compareTo(other.source);
    return order != 0 ? order : value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.isEmpty() ? source + ":" + key : source + ":" + key + "=" + value;
  }
}
