// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.util.List;

/** Something that can be measured by name. */
interface Benchmark {
  /** As one types it. */
  String name();

  String description();

  List<Row> run(Rounds rounds, Labs labs);
}
