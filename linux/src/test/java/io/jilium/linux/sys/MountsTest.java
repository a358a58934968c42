// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.sys;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.linux.FdLeakCheck;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
@ExtendWith(FdLeakCheck.class)
final class MountsTest {
  @TempDir private Path directory = Path.of("");

  @Test
  void bpffsIsMountedOnce() {
    var path = directory.resolve("deep/bpf with space");
    try {
      Mounts.ensureBpffs(path);
      Mounts.ensureBpffs(path);
      assertThat(Mounts.isBpffs(path)).isTrue();
      assertThat(Mounts.list()).filteredOn(m -> m.target().equals(path)).hasSize(1);
      Mounts.ensureBpffs(path.resolve("below"));
      assertThat(Mounts.list()).filteredOn(m -> m.target().startsWith(path)).hasSize(1);
    } finally {
      Syscalls.umount2(path, 0);
    }
    assertThat(Mounts.isBpffs(path)).isFalse();
  }

  @Test
  void privateNamespaceKeepsItsMountsToItself() {
    boolean inside =
        Mounts.inPrivateNamespace(() -> {
          Mounts.ensureBpffs(directory);
          return Mounts.isBpffs(directory);
        });
    assertThat(inside).isTrue();
    assertThat(Mounts.isBpffs(directory)).isFalse();
  }

  @Test
  void cgroupHierarchyIsFoundOrMounted() {
    Mounts.inPrivateNamespace(() -> {
      var path = Mounts.ensureCgroup2(directory.resolve("cgroup"));
      assertThat(path.resolve("cgroup.controllers")).exists();
      return path;
    });
  }
}
