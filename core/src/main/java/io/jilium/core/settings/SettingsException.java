// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import java.util.List;

/** The settings are refused; every problem is one sentence that names field and value. */
public final class SettingsException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  SettingsException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** At least one sentence. */
  public List<String> problems() {
    return problems;
  }
}
