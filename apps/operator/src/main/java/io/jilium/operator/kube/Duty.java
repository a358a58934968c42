// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.kube;

import java.time.Duration;
import java.util.List;

/**
 * Something that has to be so in the cluster. Work compares what is with what should be, and writes
 * the difference; done twice it writes nothing the second time.
 */
interface Duty {
  /** For logs. */
  String name();

  /** What it looks at. It works when all of it is known, and whenever something of it changed. */
  List<Table<?>> inputs();

  /** It works after this time in any case: some things become due by waiting. */
  Duration period();

  /**
   * Does what is due.
   *
   * @throws io.jilium.source.kube.KubeException when the API server does not answer; tried again
   */
  void work();
}
