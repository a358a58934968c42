// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.linux.FdLeakCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@ExtendWith(FdLeakCheck.class)
final class NetnsTest {
  @TempDir private Path directory = Path.of("");

  @Test
  void namedNamespaceCanBeOpenedByItsPathUntilItIsDeleted() {
    var path = directory.resolve("a");
    try (var created = Netns.create(path);
        var opened = Netns.open(path);
        var ours = Netns.current()) {
      assertThat(opened.inode()).isEqualTo(created.inode()).isNotEqualTo(ours.inode());
      assertThat(Netns.exists(path)).isTrue();
    }
    Netns.delete(path);
    assertThat(path).doesNotExist();
    Netns.delete(path);
  }

  @Test
  void emptyFileOfACrashIsNoNamespaceAndIsDeleted() throws IOException {
    var path = Files.createFile(directory.resolve("half"));
    assertThat(Netns.exists(path)).isFalse();
    assertThatThrownBy(() -> Netns.open(path))
        .hasMessageContaining("half")
        .hasMessageContaining("EINVAL");
    Netns.delete(path);
    assertThat(path).doesNotExist();
    Files.createFile(path);
    Netns.create(path).close();
    assertThat(Netns.exists(path)).isTrue();
    assertThatThrownBy(() -> Netns.create(path)).hasMessageContaining("half");
    Netns.delete(path);
  }

  @Test
  void tasksRunInsideAndTheCallerStaysOutside() throws IOException {
    try (var netns = Netns.createUnnamed();
        var ours = Netns.current()) {
      long inside = netns.run(NetnsTest::currentInode);
      var devices = netns.run(() -> Files.readString(Path.of("/proc/thread-self/net/dev")));
      assertThat(inside).isEqualTo(netns.inode());
      assertThat(devices).contains("lo:").doesNotContain("eth0:");
      assertThat(currentInode()).isEqualTo(ours.inode());
      assertThat(netns.cookie()).isPresent().isNotEqualTo(ours.cookie());
    }
  }

  @Test
  void processStartedInsideBelongsToTheNamespace() throws Exception {
    try (var netns = Netns.createUnnamed()) {
      var sleep = netns.run(() -> new ProcessBuilder("sleep", "30").start());
      try (var its = Netns.ofProcess(sleep.pid())) {
        assertThat(its.inode()).isEqualTo(netns.inode());
      } finally {
        sleep.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void whatTheTaskThrowsReachesTheCaller() {
    try (var netns = Netns.createUnnamed()) {
      assertThatThrownBy(() ->
              netns.run(() -> {
                throw new IllegalArgumentException("mine");
              }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("mine");
    }
  }

  @Test
  void sysctlsBelowNetAreThoseOfTheNamespace() {
    var outside = Sysctl.read("net/ipv4/ip_forward");
    try (var netns = Netns.createUnnamed()) {
      netns.execute(() -> Sysctl.write("net/ipv4/ip_forward", 1));
      netns.execute(() -> Sysctl.write("net/ipv4/conf/lo/rp_filter", 2));
      assertThat(netns.run(() -> Sysctl.read("net/ipv4/ip_forward"))).contains("1");
      assertThat(netns.run(() -> Sysctl.read("net/ipv4/conf/lo/rp_filter"))).contains("2");
      assertThat(netns.run(() -> Sysctl.read("net/ipv4/no_such_setting"))).isEmpty();
      assertThatThrownBy(() -> netns.execute(() -> Sysctl.write("net/ipv4/ip_default_ttl", "many")))
          .hasMessageContaining("net/ipv4/ip_default_ttl=many")
          .hasMessageContaining("EINVAL");
    }
    assertThat(Sysctl.read("net/ipv4/ip_forward")).isEqualTo(outside);
  }

  private static long currentInode() {
    try (var current = Netns.current()) {
      return current.inode();
    }
  }
}
