// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The versions of the CNI specification that are spoken, oldest first. */
enum CniVersion {
  V0_3_0("0.3.0"),
  V0_3_1("0.3.1"),
  V0_4_0("0.4.0"),
  V1_0_0("1.0.0"),
  V1_1_0("1.1.0");

  static final CniVersion LATEST = V1_1_0;

  private final String text;

  CniVersion(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  boolean atLeast(CniVersion other) {
    return compareTo(other) >= 0;
  }

  static Optional<CniVersion> of(String text) {
    return Arrays.stream(values()).filter(v -> v.text.equals(text)).findFirst();
  }

  static String supported() {
    return Arrays.stream(values()).map(CniVersion::text).collect(Collectors.joining(", "));
  }
}
