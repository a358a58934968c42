// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kit.Await;
import io.jilium.test.kit.EtcdServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("lab")
class KeyWatcherTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path directory;

  private static final class Recorder implements KeyWatcher.Follower {
    private final List<String> seen = new CopyOnWriteArrayList<>();

    @Override
    public boolean changed(KeyValue entry) {
      seen.add(entry.key() + "=" + entry.value());
      return true;
    }

    @Override
    public void gone(String key) {
      seen.add("-" + key);
    }

    @Override
    public void synced() {
      seen.add("synced");
    }

    void await(String... expected) {
      Await.until(
          "seen " + List.of(expected),
          LIMIT,
          () -> seen.equals(List.of(expected)),
          () -> "but " + seen);
    }
  }

  private static boolean puts(Etcd etcd, String key, String value) {
    try {
      etcd.put(key, value, 0);
      return true;
    } catch (EtcdException away) {
      return false;
    }
  }

  @Test
  void resumesAfterARestartAndListsAnewAfterACompaction() {
    try (EtcdServer server = EtcdServer.start(directory);
        Etcd etcd = Etcd.connect(server.url())) {
      etcd.put("k/1", "a", 0);
      etcd.put("k/2", "a", 0);
      etcd.put("other", "a", 0);
      var recorder = new Recorder();
      try (var _ = KeyWatcher.start(etcd, "k/", recorder)) {
        recorder.await("k/1=a", "k/2=a", "synced");
        etcd.put("k/1", "b", 0);
        recorder.await("k/1=a", "k/2=a", "synced", "k/1=b");
        recorder.seen.clear();

        server.kill();
        server.restart();
        Await.until("the client is connected again", LIMIT, () -> puts(etcd, "k/3", "a"));
        recorder.await("k/3=a");
        recorder.seen.clear();

        // While the watcher cannot resume, everything it would have seen is compacted away.
        server.kill();
        server.restart();
        server.control("put", "k/1", "c");
        server.control("del", "k/2");
        String revision =
            server
                .control("get", "k/1", "--write-out=fields")
                .lines()
                .filter(line -> line.startsWith("\"Revision\""))
                .map(line -> line.replaceAll("\\D", ""))
                .findFirst()
                .orElseThrow();
        server.control("compact", revision);
        recorder.await("k/1=c", "-k/2");
        etcd.put("k/2", "back", 0);
        recorder.await("k/1=c", "-k/2", "k/2=back");
      }
    }
  }

  @Test
  void differenceIsReportedWhenEtcdCameBackWithOtherData() {
    try (EtcdServer server = EtcdServer.start(directory);
        Etcd etcd = Etcd.connect(server.url())) {
      for (int i = 0; i < 20; i++) {
        etcd.put("k/1", "v" + i, 0);
      }
      etcd.put("k/2", "x", 0);
      var recorder = new Recorder();
      try (var _ = KeyWatcher.start(etcd, "k/", recorder)) {
        recorder.await("k/1=v19", "k/2=x", "synced");
        recorder.seen.clear();
        server.kill();
        server.wipe();
        server.restart();
        server.control("put", "k/3", "new");
        Await.until(
            "the difference",
            LIMIT,
            () -> recorder.seen.containsAll(List.of("k/3=new", "-k/1", "-k/2")),
            () -> "but " + recorder.seen);
        assertThat(recorder.seen).hasSize(3);
      }
    }
  }
}
