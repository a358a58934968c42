// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** `lab down`. */
@Command(
    name = "down",
    description = "End a lab and remove all that it made. Nothing to end is fine.")
final class DownCommand implements Callable<Integer> {
  @Mixin private NameOption name = new NameOption();

  @Override
  public Integer call() {
    new Cluster(name.labName(), name.progress()).down();
    return 0;
  }
}
