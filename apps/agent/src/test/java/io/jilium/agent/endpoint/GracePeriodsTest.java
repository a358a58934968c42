// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GracePeriodsTest {
  @TempDir private Path directory;

  private Path file(String name) {
    return directory.resolve(name);
  }

  @Test
  void switchIsOnWhileAnybodyNeedsIt() throws IOException {
    Files.writeString(file("switch"), "0\n");
    var periods = new GracePeriods(file("switch"), file("marker"));
    var first = periods.expedite();
    var second = periods.expedite();
    first.close();
    assertThat(file("switch")).hasContent("1");
    assertThat(file("marker")).exists();
    second.close();
    assertThat(file("switch")).hasContent("0");
    assertThat(file("marker")).doesNotExist();
  }

  @Test
  void whatAnAdministratorSwitchedOnStaysOn() throws IOException {
    Files.writeString(file("switch"), "1\n");
    new GracePeriods(file("switch"), file("marker")).expedite().close();
    assertThat(file("switch")).hasContent("1");
  }

  @Test
  void crashIsMadeGoodAtTheNextStart() throws IOException {
    Files.writeString(file("switch"), "0\n");
    var crashed = new GracePeriods(file("switch"), file("marker")).expedite();
    assertThat(crashed).isNotNull();
    var _ = new GracePeriods(file("switch"), file("marker"));
    assertThat(file("switch")).hasContent("0");
    assertThat(file("marker")).doesNotExist();
  }

  @Test
  void kernelWithoutTheSwitchIsFine() {
    var periods = new GracePeriods(file("none"), file("marker"));
    periods.expedite().close();
    periods.expedite().close();
    assertThat(file("none")).doesNotExist();
  }
}
