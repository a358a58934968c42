// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CniInstallationTest {
  @TempDir private Path root;

  private CniInstallation installation() {
    return installation(new CniInstallation.Wanted(true, true));
  }

  private CniInstallation installation(CniInstallation.Wanted wanted) {
    return new CniInstallation(
        root.resolve("etc/cni/net.d/05-jilium.conflist"),
        root.resolve("opt/cni/bin"),
        root.resolve("var/run/jilium/cni.sock"),
        wanted);
  }

  private JsonNode configuration() throws IOException {
    return new JsonMapper()
        .readTree(Files.readString(root.resolve("etc/cni/net.d/05-jilium.conflist")));
  }

  private void plugin(String name, String script) throws IOException {
    var file = Files.createDirectories(root.resolve("opt/cni/bin")).resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
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
  void hostPortsAreThePortmapPluginsWhereItIsInstalled() throws IOException {
    plugin("jilium-cni", "");
    installation().install(Optional.empty());
    assertThat(configuration().path("plugins").path(0).has("capabilities")).isFalse();
    assertThat(configuration().path("cniVersions")).extracting(JsonNode::asText).contains("1.1.0");
    plugin(
        "portmap",
        "[ $CNI_COMMAND = VERSION ] && echo '{\"supportedVersions\": [\"0.1.0\", \"0.4.0\", \"1.0.0\"]}'");
    installation().install(Optional.empty());
    assertThat(configuration().path("cniVersion").asText()).isEqualTo("1.0.0");
    assertThat(configuration().path("cniVersions"))
        .extracting(JsonNode::asText)
        .containsExactly("0.4.0", "1.0.0");
    assertThat(configuration().path("plugins")).hasSize(1);
    var plugin = configuration().path("plugins").path(0);
    assertThat(plugin.path("hostPortPlugin").asText()).isEqualTo("portmap");
    assertThat(plugin.path("capabilities").path("portMappings").asBoolean()).isTrue();
    assertThat(plugin.path("snat").asBoolean()).isTrue();
    installation(new CniInstallation.Wanted(true, false)).install(Optional.empty());
    assertThat(configuration().path("plugins").path(0).has("hostPortPlugin")).isFalse();
  }

  @Test
  void portmapThatSaysNothingIsTakenForAnOldOne() throws IOException {
    plugin("jilium-cni", "");
    plugin("portmap", "exit 1");
    installation().install(Optional.empty());
    assertThat(configuration().path("cniVersion").asText()).isEqualTo("0.4.0");
    assertThat(configuration().path("plugins").path(0).has("hostPortPlugin")).isTrue();
  }

  @Test
  void otherNetworksAreSetAsideAndBroughtBack() throws IOException {
    plugin("jilium-cni", "");
    var directory = Files.createDirectories(root.resolve("etc/cni/net.d"));
    Files.writeString(directory.resolve("10-bridge.conflist"), "bridge");
    Files.writeString(directory.resolve("99-loopback.conf"), "loopback");
    Files.writeString(directory.resolve("notes.txt"), "not read by anybody");
    installation(new CniInstallation.Wanted(false, true)).install(Optional.empty());
    assertThat(directory.resolve("10-bridge.conflist")).exists();
    var installation = installation();
    installation.install(Optional.empty());
    assertThat(names(directory))
        .containsExactly(
            "05-jilium.conflist",
            "10-bridge.conflist.jilium_bak",
            "99-loopback.conf.jilium_bak",
            "notes.txt");
    Files.writeString(directory.resolve("99-loopback.conf"), "written anew");
    installation.uninstall();
    assertThat(names(directory))
        .containsExactly("10-bridge.conflist", "99-loopback.conf", "notes.txt");
    assertThat(directory.resolve("10-bridge.conflist")).hasContent("bridge");
    assertThat(directory.resolve("99-loopback.conf")).hasContent("written anew");
  }

  private static List<String> names(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
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
