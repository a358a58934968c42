// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
  @Test
  void readsFileAndLine(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("values.yaml");
    Files.writeString(file, "ipv6:\n  enabled: true\ncluster:\n  id: 7\n");
    Options options =
        Options.parse(
            "--etcd=http://127.0.0.1:2379",
            "--cluster",
            "lab",
            "--config",
            file.toString(),
            "--set",
            "MTU=1400",
            "--name",
            "one",
            "--listen",
            "127.0.0.1:0");
    assertThat(options.config().settings().cluster().name()).isEqualTo("lab");
    assertThat(options.config().settings().cluster().id()).isEqualTo(7);
    assertThat(options.config().settings().families().v6()).isTrue();
    assertThat(options.config().settings().mtu()).isEqualTo(1400);
    assertThat(options.config().name()).isEqualTo("one");
    assertThat(options.config().listen().getPort()).isZero();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "--cluster lab | --etcd is missing",
        "--etcd | option --etcd needs a value",
        "--etcd x --foo 1 | there is no option --foo",
        "--etcd x bar | unexpected argument \"bar\"",
        "--etcd x --listen y:z | \"z\" is not a port",
        "--etcd x --set ipam.mod=y | did you mean \"ipam.mode\"?",
        "--etcd x --config /nowhere.yaml | settings cannot be read from /nowhere.yaml",
      })
  void saysWhatIsWrong(String line, String sentence) {
    assertThatThrownBy(() -> Options.parse(line.split(" "))).hasMessageContaining(sentence);
  }
}
