// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CniInstallationTest {
  @TempDir private Path root;

  private CniInstallation installation() {
    return new CniInstallation(
        root.resolve("etc/cni/net.d/05-jilium.conflist"),
        root.resolve("opt/cni/bin"),
        root.resolve("var/run/jilium/cni.sock"));
  }

  @Test
  void putsThePluginInPlaceAndNamesTheSocket() throws IOException {
    var source = Files.writeString(root.resolve("plugin"), "binary 1");
    var installation = installation();
    installation.install(Optional.of(source));
    var plugin = root.resolve("opt/cni/bin/jilium-cni");
    assertThat(plugin).isExecutable().hasContent("binary 1");
    var conflist = root.resolve("etc/cni/net.d/05-jilium.conflist");
    assertThat(conflist)
        .content()
        .contains("\"socket\" : \"" + root + "/var/run/jilium/cni.sock\"");
    assertThat(installation.status())
        .isEqualTo("successfully wrote CNI configuration file to " + conflist);
    Files.writeString(source, "binary 2");
    Files.writeString(conflist, "{}");
    installation.install(Optional.of(source));
    assertThat(plugin).hasContent("binary 2");
    assertThat(conflist).content().contains("jilium-cni");
    try (var files = Files.list(plugin.getParent())) {
      assertThat(files).containsExactly(plugin);
    }
  }

  @Test
  void doesNotCallTheRuntimeBeforeThePluginIsThere() {
    var installation = installation();
    assertThatThrownBy(() -> installation.install(Optional.empty()))
        .hasMessageContaining("the CNI plugin is not there");
    assertThat(root.resolve("etc/cni/net.d/05-jilium.conflist")).doesNotExist();
  }
}
