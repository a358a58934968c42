// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.test.kit.EtcdServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EtcdTest {
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "https://10.0.0.1:2379, TLS is not built yet",
    "10.0.0.1:2379, is not http://HOST:PORT",
    "ftp://10.0.0.1, is not http://HOST:PORT",
    "'', is not http://HOST:PORT",
  })
  void refusesWhatIsNoEndpoint(String endpoint, String why) {
    assertThatThrownBy(() -> Etcd.connect(endpoint))
        .hasMessageContaining(why)
        .hasMessageContaining(endpoint);
  }

  @Test
  @Tag("lab")
  void takesTheNextEndpointAfterAFailureAndListsInPages(@TempDir Path directory) {
    try (EtcdServer server = EtcdServer.start(directory);
        Etcd etcd = Etcd.connect("http://127.0.0.1:1," + server.url())) {
      assertThatThrownBy(() -> etcd.get("a"))
          .isInstanceOfSatisfying(EtcdException.class, e -> assertThat(e.isAway()).isTrue())
          .hasMessageContaining("read a: etcd http://127.0.0.1:1,")
          .hasMessageContaining("refused");
      for (int batch = 0; batch < 13; batch++) {
        List<Write> writes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          writes.add(new Write.Put("k/" + (100 * batch + i), "v", 0));
        }
        assertThat(etcd.commit(List.of(), writes)).isTrue();
      }
      assertThat(etcd.list("k/").entries()).hasSize(1300).doesNotHaveDuplicates();
      assertThat(
              etcd.commit(List.of(new Condition.NoneUnder("k/")), List.of(new Write.Delete("k/1"))))
          .isFalse();
      assertThat(
              etcd.commit(List.of(new Condition.NoneUnder("x/")), List.of(new Write.Delete("k/1"))))
          .isTrue();
      assertThat(etcd.get("k/1")).isEmpty();
    }
  }
}
